from __future__ import annotations

from datetime import datetime

import pytest

from sekisho.app.audit import run_audit
from sekisho.app.ingest import ingest
from sekisho.app.store import rejects, stats, verify
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError


def test_figures(read_company: Workspace) -> None:
    found = stats(read_company)
    assert (found.flows, found.days, found.set_aside) == (306, 6, 0)
    assert verify(read_company) == []


def test_without_a_lake_nothing_is_made(raw: Workspace) -> None:
    for ask in (stats, verify, lambda workspace: rejects(workspace, 5)):
        with pytest.raises(RequestError):
            ask(raw)
    assert not raw.lake.exists()


def test_damage_is_named_and_told_by_the_audit(workspace: Workspace, now: datetime) -> None:
    segment = next(workspace.lake.rglob("flows/**/*.parquet"))
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 0xFF
    segment.write_bytes(content)
    (damage,) = verify(workspace)
    assert damage.rows > 0
    notes = run_audit(workspace, begin=None, end=None, now=now, by="aiko").document.notes
    assert any("damaged" in note and f"{damage.rows} rows" in note for note in notes)


def test_what_was_set_aside(raw: Workspace, now: datetime) -> None:
    folder = raw.root / "logs" / "th-edge"
    with (folder / "conn.log").open("ab") as log:
        log.write(b"rubbish\t\xff\nmore\n")
    (folder / "notes.txt").write_text("no log at all\n" * 9)
    ingest(raw, [raw.root / "logs"], sensor=None, reader=None, now=now)
    whole, first, second = rejects(raw, 5)
    assert (whole.path.endswith("notes.txt"), whole.row, whole.sensor) == (True, None, "th-edge")
    assert "no reader knows this format" in whole.reason
    assert (first.text, second.text) == (b"rubbish\t\xff", b"more")
    assert second.row == (first.row or 0) + 1
    assert len(rejects(raw, 1)) == 2
