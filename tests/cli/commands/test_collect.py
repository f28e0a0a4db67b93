"""The verb as a service starts and stops it, and its status beside it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sekisho.app import workspace as workspaces
from sekisho.app.collecting.status import (
    CollectStatus,
    ExporterStatus,
    ListenerState,
    SenderStatus,
    write_status,
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A workspace with one sensor, this host."""
    made = workspaces.init(tmp_path / "acme").workspace
    sensor = "sensors:\n  edge: {site: a, address: 127.0.0.1}\n"
    (made.root / "sites.yaml").write_text(f"sites:\n  a: {{prefixes: [10.1.0.0/16]}}\n{sensor}")
    return made.root


def test_it_runs_until_it_is_told_to_stop(place: Path, sekisho: Callable[..., Any]) -> None:
    code = "from sekisho.cli.main import main; main()"
    words = ["--workspace", str(place), "collect", "--flows", "127.0.0.1:0", "--format", "jsonl"]
    with subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        status = json.loads(
            sekisho("--workspace", place, "collect", "--status", "--format", "json").out
        )
        refused = sekisho("--workspace", place, "collect", "--flows", "127.0.0.1:0")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert (first["schema"], first["state"]) == ("sekisho.collect/1", "collecting")
    assert status["state"] == "collecting"
    assert status["listeners"][0]["name"].startswith("udp://127.0.0.1:")
    assert refused.status == 2
    assert "another collector runs" in refused.err
    assert [json.loads(line)["state"] for line in out.splitlines()][-1] == "stopped"
    assert "listening at udp://127.0.0.1:" in err


def test_what_cannot_be(place: Path, sekisho: Callable[..., Any]) -> None:
    never = sekisho("--workspace", place, "collect", "--status")
    assert (never.status, "nothing has been collected" in never.err) == (2, True)
    whole = sekisho("--workspace", place, "collect", "--format", "json")
    assert (whole.status, "--status" in whole.err) == (2, True)
    nowhere = sekisho("--workspace", place, "collect", "--flows", "2055")
    assert (nowhere.status, "write ADDRESS:PORT" in nowhere.err) == (2, True)


def test_how_it_stands_for_people(place: Path, sekisho: Callable[..., Any]) -> None:
    (place / "data" / "journal").mkdir()
    write_status(
        place / "data" / "journal",
        CollectStatus(
            1,
            "stopped",
            1_700_000_000_000_000,
            1_700_000_060_000_000,
            flows=1234,
            lost=56,
            waiting=2,
            trouble=("the disk is full",),
            rejected=8,
            listeners=(
                ListenerState("udp://0.0.0.0:2055", 99, 0, 7, 3, 0, 0, 0, 0),
                ListenerState("tls://0.0.0.0:6514", 9, 0, 0, 0, 0, 0, 0, 0, refused=31, stalled=41),
            ),
            exporters=(
                ExporterStatus("10.0.0.1", ("edge",), "ipfix", 5, 100, 56, 0, 0, "records", 3, 100),
            ),
            senders=(SenderStatus("10.0.0.1", ("edge",), 9, 100, 0),),
            strangers={"10.9.9.9": 7},
        ),
    )
    ran = sekisho("--workspace", place, "collect", "--status")
    assert ran.status == 0
    for part in (
        "1,234 flows",
        "lost 56",
        "10.0.0.1",
        "ipfix",
        "10.9.9.9",
        "the disk is full",
        "template",
        "tls://0.0.0.0:6514",
        "31",
        "41",
        "8 things that came could not be read",
    ):
        assert part in ran.out
    assert all(len(line) <= 80 for line in ran.out.splitlines())
