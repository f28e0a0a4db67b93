from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.app import ledger
from sekisho.app.audit import run_audit
from sekisho.app.backup import backup
from sekisho.app.doctor import examine
from sekisho.app.explain import explain
from sekisho.app.ingest import ingest
from sekisho.app.restore_backup import restore
from sekisho.app.store import compact, prune, rejects, stats, verify
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.model.findings import finding_id
from sekisho.store.lake import Lake

SMB = finding_id("10.40.9.9", "10.1.10.96", "tcp", 445)
JUNE_5 = datetime(2020, 6, 5, tzinfo=UTC)
"""SMB was seen on 4 and 5 June."""


def audited(workspace: Workspace, now: datetime) -> tuple[dict[str, Any], list[str]]:
    """The audit as a document, and its notes apart."""
    document = run_audit(workspace, begin=None, end=None, now=now, by="aiko").document
    body = json.loads(document.model_dump_json(by_alias=True))
    return body, body.pop("notes")


def prunings(workspace: Workspace) -> list[Any]:
    """What the ledger says of pruning."""
    return [entry.body for entry in ledger.entries(workspace, 99) if entry.kind == "store.prune"]


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


def test_an_audit_says_the_same_after_pruning_and_on_what_it_rests(
    workspace: Workspace, now: datetime, tmp_path: Path
) -> None:
    before, silent = audited(workspace, now)
    assert not silent
    assert explain(workspace, SMB, now=now, by="aiko", limit=9).records == 6
    found = prune(workspace, JUNE_5, dry=False, now=now, by="aiko")
    assert len(found.days) == 4
    after, notes = audited(workspace, now)
    assert after == before
    note, automation = notes
    assert note.startswith("raw flows of 4 days from 2020-06-01 to 2020-06-04 were pruned: ")
    assert automation.startswith("automation could not be seen on 4 days from 2020-06-01 to 2020-06-04")
    told = explain(workspace, SMB, now=now, by="aiko", limit=9)
    assert (told.finding.flows, told.records) == (3, 2)
    assert told.notes == (
        "raw flows of 2020-06-04 were pruned: records of that time are gone, roll-ups stay",
    )
    assert verify(workspace) == []
    checks = {check.name: check for check in examine(workspace, now=now)}
    assert checks["lake"].state == checks["ledger"].state == "ok"
    archive = backup(workspace, tmp_path / "b.tar", now=now).path
    restore(archive, tmp_path / "again")
    again = Workspace(tmp_path / "again")
    assert verify(again) == []
    assert audited(again, now) == (after, notes)


def test_a_rule_that_changes_within_a_pruned_day_is_told(workspace: Workspace, now: datetime) -> None:
    noon = "from: 2019-04-01\n    expires: 2020-06-01T12:00"
    text = (workspace.root / "policy.yaml").read_text().replace("from: 2019-04-01", noon, 1)
    (workspace.root / "policy.yaml").write_text(text)
    sharp, _ = audited(workspace, now)
    prune(workspace, JUNE_5, dry=False, now=now, by="aiko")
    blunt, notes = audited(workspace, now)
    assert blunt["totals"] == sharp["totals"]
    assert any("judged as a whole, by what was strictest" in note for note in notes), notes


def test_pruning_stands_in_the_ledger_before_anything_goes(
    workspace: Workspace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    flows = stats(workspace).flows
    planned = prune(workspace, JUNE_5, dry=True, now=now, by="aiko")
    assert (prunings(workspace), stats(workspace).flows) == ([], flows), "only said"

    def stop(_lake: Lake, _before: datetime) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Lake, "prune", stop)
        with pytest.raises(KeyboardInterrupt):
            prune(workspace, JUNE_5, dry=False, now=now, by="aiko")
    assert stats(workspace).flows == flows
    (body,) = prunings(workspace)
    assert body == {
        "before": "2020-06-05T00:00:00.000000Z",
        "days": 4,
        "rows": planned.rows,
        "names": 0,
        "logons": 0,
        "events": 0,
        "held": 0,
    }
    assert prune(workspace, JUNE_5, dry=False, now=now, by="aiko") == planned
    assert len(prunings(workspace)) == 2
    assert prune(workspace, JUNE_5, dry=False, now=now, by="aiko").days == ()
    assert len(prunings(workspace)) == 2, "nothing was given up"


def test_what_lies_ahead_is_not_pruned(workspace: Workspace, now: datetime) -> None:
    with pytest.raises(RequestError, match="ahead of now"):
        prune(workspace, now + timedelta(seconds=1), dry=True, now=now, by="aiko")


def test_logs_in_pieces_are_put_together(raw: Workspace, now: datetime) -> None:
    log = raw.root / "logs" / "th-edge" / "conn.log"
    head, body = log.read_text().split("\n1", 1)
    lines = ("1" + body).splitlines(keepends=True)
    log.unlink()
    for number in range(4):
        part = log.with_name(f"{number}.log")
        part.write_text(head + "\n" + "".join(lines[number::4]))
        ingest(raw, [part], sensor=None, reader=None, now=now)
    before = audited(raw, now)
    found = compact(raw)
    assert found.days == 6
    assert found.files_before > found.files_after == 6
    assert audited(raw, now) == before
    with open_lake(raw, create=False) as lake:
        assert len([path for path in lake.counted() if path.startswith("flows/")]) == 6
    assert compact(raw).days == 0


def test_neither_makes_a_lake(raw: Workspace, now: datetime) -> None:
    shutil.rmtree(raw.root / "logs")
    with pytest.raises(RequestError, match="no flow lake"):
        compact(raw)
    with pytest.raises(RequestError, match="no flow lake"):
        prune(raw, JUNE_5, dry=False, now=now, by="aiko")
    assert not raw.lake.exists()
