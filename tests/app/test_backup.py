from __future__ import annotations

import hashlib
import json
import tarfile
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest

from sekisho.app.audit import run_audit
from sekisho.app.backup import ELSEWHERE, INDEX, SCHEMA, backup
from sekisho.app.checking.enrolling import list_secrets, new_secret, pepper
from sekisho.app.checking.judge import MERGING
from sekisho.app.collecting.site import alone
from sekisho.app.decisions import open_decisions
from sekisho.app.restore_backup import restore
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.model.nodes import Lot
from sekisho.store import results
from sekisho.store.layout import Layout

MAPPING = "columns: {start: begin}\n"


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar}  # type: ignore[union-attr]


def test_every_file_with_its_hash(workspace: Workspace, now: datetime, tmp_path: Path) -> None:
    run_audit(workspace, begin=None, end=None, now=now, by="aiko")
    (workspace.root / "obligations").mkdir()
    (workspace.root / "obligations" / "insurer.yaml").write_text("title: Insurer\n")
    made = backup(workspace, tmp_path / "b.tar", now=now)
    found = members(made.path)
    index = json.loads(found.pop(INDEX))
    assert (index["schema"], index["made"]) == (SCHEMA, "2020-06-08T00:00:00.000000Z")
    assert {name: one["sha256"] for name, one in index["files"].items()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in found.items()
    }
    assert (made.files, made.size) == (len(found), sum(map(len, found.values())))
    written = {"sites.yaml", "policy.yaml", "assets.csv", "sekisho.toml", "obligations/insurer.yaml"}
    assert written <= set(found)
    assert {"data/state/state.db", "data/lake/manifest.db", "data/lake/VERSION"} <= set(found)
    assert any(name.startswith("data/ledger/") for name in found)
    assert not any("logs/" in name or name.endswith(".lock") for name in found)


def test_what_incidents_preserve_is_in_it(workspace: Workspace, now: datetime, tmp_path: Path) -> None:
    folder = workspace.cases / "INC-1" / "evidence"
    folder.mkdir(parents=True)
    (folder / "ab").write_text("read")
    (folder / ".7.part").write_text("half")
    found = members(backup(workspace, tmp_path / "b.tar", now=now).path)
    assert found["data/cases/INC-1/evidence/ab"] == b"read"
    assert not any(name.endswith(".part") for name in found)


def test_a_state_kept_elsewhere_is_said_not_to_be_in_it(
    workspace: Workspace, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert backup(workspace, tmp_path / "a.tar", now=now).notes == ()
    monkeypatch.setenv("SEKISHO_STATE_URL", f"sqlite:///{tmp_path}/team.db")
    made = backup(workspace, tmp_path / "b.tar", now=now)
    assert made.notes == (ELSEWHERE,)
    assert "data/state/state.db" not in members(made.path)


def test_what_a_sensor_needs_to_read_its_logs_is_in_it(
    workspace: Workspace, now: datetime, tmp_path: Path
) -> None:
    (workspace.root / "maps").mkdir()
    (workspace.root / "maps" / "fw.yaml").write_text(MAPPING)
    (tmp_path / "outside.yaml").write_text(MAPPING)
    with (workspace.root / "sites.yaml").open("a") as sites:
        sites.write("  fw-1: {site: jp-hq, kind: generic, mapping: maps/fw.yaml}\n")
        sites.write("  fw-2: {site: jp-hq, kind: generic, mapping: ../outside.yaml}\n")
    found = members(backup(workspace, tmp_path / "b.tar", now=now).path)
    assert found["maps/fw.yaml"] == MAPPING.encode()
    assert not any("outside" in name for name in found)


def test_a_broken_register_is_backed_up_as_it_stands(
    workspace: Workspace, now: datetime, tmp_path: Path
) -> None:
    (workspace.root / "sites.yaml").write_text("sites: [")
    made = backup(workspace, tmp_path / "b.tar", now=now)
    assert members(made.path)["sites.yaml"] == b"sites: ["
    assert made.notes == (
        "sites.yaml cannot be read: mapping files that its sensors name are not in it",
    )


def test_nothing_is_overwritten_and_nothing_half_written(
    workspace: Workspace, now: datetime, tmp_path: Path
) -> None:
    target = tmp_path / "b.tar"
    target.write_text("mine")
    with pytest.raises(RequestError, match="exists already"):
        backup(workspace, target, now=now)
    assert target.read_text() == "mine"
    with pytest.raises(RequestError, match="cannot write"):
        backup(workspace, tmp_path / "nowhere" / "b.tar", now=now)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["acme", "b.tar"]
    made = backup(workspace, tmp_path / "c.tar", now=now)
    assert made.path.stat().st_mode & 0o077 == 0


def test_what_osquery_answered_is_in_it_with_the_key_of_its_hashes(
    raw: Workspace, now: datetime, tmp_path: Path
) -> None:
    made = new_secret(raw, now=now, by="ken")
    layout = Layout(raw.lake)
    with open_lake(raw):
        pass
    row = dict.fromkeys(("hostname", "uuid", "source", "name", "message"), "x")
    row |= dict.fromkeys(("node", "campaign", "status", "row"), 0) | {"received": now, "columns": None}
    table = pa.Table.from_pylist([row], schema=results.SCHEMA)
    counted, killed = (results.write(layout.root, layout.results, table, now) for _ in range(2))
    with open_decisions(raw) as decisions:
        decisions.state.nodes().settle(
            judged=(), held=(), answers=(), lots=[Lot(counted, 1, now)], now=now
        )
    backup(raw, tmp_path / "b.tar", now=now)
    restore(tmp_path / "b.tar", tmp_path / "restored")
    place = Workspace(tmp_path / "restored")
    assert (Layout(place.lake).results / counted).is_file()
    assert not (Layout(place.lake).results / killed).exists()
    assert pepper(place) == pepper(raw)
    assert (place.fleet / "pepper").stat().st_mode & 0o777 == 0o600
    assert [s.id for s in list_secrets(place).secrets] == [made.id]


def test_while_it_is_made_nobody_merges_files_away(
    raw: Workspace, now: datetime, tmp_path: Path
) -> None:
    pepper(raw)
    tried: list[str] = []

    def step(_what: str, done: int, _all: int | None) -> None:
        if not done:
            with pytest.raises(RequestError, match="another process"), alone(raw.fleet, MERGING):
                pass
            tried.append("refused")

    backup(raw, tmp_path / "b.tar", now=now, step=step)
    assert tried == ["refused"]
    with alone(raw.fleet, MERGING):
        pass
