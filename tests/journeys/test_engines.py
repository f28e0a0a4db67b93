"""The audit of a simulated company says the same whichever engine judges, also where one loses executors
in the middle of it, and a command line asks the engine that sekisho.toml names."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import clickhouse_connect.common
import pytest

from sekisho.app.ingest import ingest
from sekisho.app.register import read_register
from sekisho.app.simulate import simulate
from sekisho.app.wiring import traits_of
from sekisho.app.workspace import Workspace
from sekisho.audit.run import audit
from sekisho.model.findings import AuditDocument
from sekisho.policy.compile import CompiledPolicy
from sekisho.store.engines.portable import PortableEngine
from sekisho.store.engines.spark import Spark
from sekisho.store.lake import Lake

NOW = datetime(2020, 8, 1, tzinfo=UTC)
Opener = Callable[[], PortableEngine]


@pytest.fixture(scope="module")
def kawasaki(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Ten sites, six sensors of several kinds, 97,000 records of months, and an intruder."""
    root = tmp_path_factory.mktemp("simulated") / "kawasaki"
    simulate("kawasaki", root, seed=1, scale="small")
    workspace = Workspace(root)
    assert ingest(workspace, [root / "logs"], sensor=None, reader=None, now=NOW).unread == []
    return workspace


@pytest.fixture(scope="module")
def embedded(kawasaki: Workspace) -> AuditDocument:
    """What the embedded engine says."""
    return audited(kawasaki, None)


def audited(workspace: Workspace, opener: Opener | None) -> AuditDocument:
    inventory, policy = read_register(workspace)
    with Lake.open(workspace.lake, memory_limit="500MB", threads=1, elsewhere=opener) as lake:
        lake.refresh(traits_of(inventory))
        return audit(lake, inventory, CompiledPolicy(policy, inventory), begin=None, end=None, now=NOW)


def test_an_audit_is_the_same_on_every_engine(
    kawasaki: Workspace,
    embedded: AuditDocument,
    portable_engine: PortableEngine,
    elsewhere: Opener,
    request: pytest.FixtureRequest,
) -> None:
    assert len(embedded.findings) > 20
    if isinstance(portable_engine, Spark):
        executors: Callable[[], set[int]] = request.getfixturevalue("executors")
        killer = Killer(portable_engine, executors)
        killer.start()
        found = audited(kawasaki, elsewhere)
        killer.join()
        assert killer.victims
        assert not killer.victims & executors(), "others took their place"
    else:
        found = audited(kawasaki, elsewhere)
    assert found == embedded


class Killer(threading.Thread):
    """Kills every executor while one of them computes something of the audit that is kept."""

    def __init__(self, spark: Spark, executors: Callable[[], set[int]]) -> None:
        super().__init__()
        self._spark = spark
        self._executors = executors
        self.victims: set[int] = set()

    def run(self) -> None:
        tracker = self._spark._session._sc.statusTracker()
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            stages = [tracker.getStageInfo(number) for number in tracker.getActiveStageIds()]
            if self._spark._kept and any(stage and stage.numActiveTasks for stage in stages):
                self.victims = self._executors()
                for victim in self.victims:
                    os.kill(victim, signal.SIGKILL)
                return
            time.sleep(0.002)


SETTINGS = """
[engine]
kind = "clickhouse"
url = "{}"
user = "sekisho"
password = {{ env = "SEKISHO_ENGINE_PASSWORD" }}
"""
SERVER = Path(__file__).parents[1] / "store" / "engines" / "clickhouse_server.py"


def told(root: Path, url: str) -> None:
    settings = root / "sekisho.toml"
    settings.write_text(settings.read_text().partition("\n[engine]")[0] + SETTINGS.format(url))


def ran(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own: one process has one engine of ClickHouse."""
    program = "from sekisho.cli.main import main; main()"
    environment = os.environ | {"SEKISHO_USER": "aiko", "SEKISHO_ENGINE_PASSWORD": "x"}
    command = [sys.executable, "-c", program, "--workspace", str(root), *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_commands_ask_the_engine_of_the_settings(company: Path, sekisho: Callable[..., Any]) -> None:
    other = Path(shutil.copytree(company, company.with_name("other")))
    told(other, "chdb:")
    here = sekisho("--workspace", company, "audit", "--format", "json")
    there = ran(other, "audit", "--format", "json")
    assert (here.status, there.returncode) == (0, 0), there.stderr
    documents = [json.loads(here.out), json.loads(there.stdout)]
    assert len(documents[0]["findings"]) > 1
    assert documents[0] == documents[1]
    finding = documents[0]["findings"][0]["id"]
    explained = sekisho("--workspace", company, "explain", finding).out
    assert explained == ran(other, "explain", finding).stdout != ""
    said = ran(other, "doctor").stdout
    assert "clickhouse (chdb:) answers" in " ".join(said.split())


def test_an_engine_that_does_not_answer_is_told_of(
    company: Path, sekisho: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEKISHO_ENGINE_PASSWORD", "x")
    told(company, "http://127.0.0.1:9")
    found = sekisho("--workspace", company, "audit")
    assert (found.status, found.out) == (2, "")
    assert "ClickHouse at 127.0.0.1:9 does not answer" in found.err
    doctor = sekisho("--workspace", company, "doctor")
    assert doctor.status != 0
    assert "does not answer" in " ".join(doctor.out.split())


@pytest.mark.xdist_group("clickhouse")
def test_an_engine_that_dies_in_mid_audit_is_told_of_and_the_lake_is_as_it_was(
    company: Path, sekisho: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEKISHO_ENGINE_PASSWORD", "correct horse")
    assert sekisho("--workspace", company, "audit").status == 0
    before = {path: path.read_bytes() for path in company.rglob("*.parquet")}
    # An old server's columns carry no revision of the protocol, and those of the stand-in neither.
    kept = clickhouse_connect.common.get_setting("use_protocol_version")
    clickhouse_connect.common.set_setting("use_protocol_version", 0)
    command = [sys.executable, str(SERVER), str(tmp_path / "server"), "40"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told(company, f"http://127.0.0.1:{int(process.stdout.readline())}")
        found = sekisho("--workspace", company, "audit")
        assert process.wait() == 1
    clickhouse_connect.common.set_setting("use_protocol_version", kept)
    assert (found.status, found.out) == (70, "")
    assert "the engine stopped: ClickHouse went away" in found.err
    assert "Nothing of the lake was changed" in found.err
    assert {path: path.read_bytes() for path in company.rglob("*.parquet")} == before
    settings = company / "sekisho.toml"
    settings.write_text(settings.read_text().partition("\n[engine]")[0])
    assert sekisho("--workspace", company, "audit").status == 0
