from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from sekisho.app.audit import run_audit
from sekisho.app.ledger import entries
from sekisho.app.records import compared, listed, record, shown
from sekisho.app.workspace import Workspace
from sekisho.audit.record import AuditRecord
from sekisho.errors import IntegrityError, RequestError


def keep(workspace: Workspace, now: datetime, name: str = "2020-Q2") -> AuditRecord:
    return record(workspace, name, begin=None, end=None, now=now, by="aiko")


def test_a_record_is_kept_for_good(workspace: Workspace, now: datetime) -> None:
    made = keep(workspace, now)
    assert shown(workspace, "2020-Q2") == made
    assert made.population.sites == ("jp-hq", "th-plant", "us-plant")
    (kept,) = listed(workspace)
    last = entries(workspace, 1)[0]
    assert (kept.name, kept.by, kept.at) == ("2020-Q2", "aiko", now)
    assert (last.kind, last.body["document"]) == ("audit.record", kept.document)
    with pytest.raises(RequestError, match="recorded already"):
        keep(workspace, now)
    assert len(listed(workspace)) == 1


@pytest.mark.parametrize("name", ["", "../x", ".x", "a b", "x" * 65, "a\n"])
def test_names_that_are_none(raw: Workspace, now: datetime, name: str) -> None:
    with pytest.raises(RequestError, match="cannot name an audit"):
        keep(raw, now, name)
    assert entries(raw, 5) == []


def test_a_record_that_was_touched(workspace: Workspace, now: datetime) -> None:
    keep(workspace, now)
    with pytest.raises(RequestError, match="no audit named 'x'") as unknown:
        shown(workspace, "x")
    assert "2020-Q2" in unknown.value.mend
    document = listed(workspace)[0].document
    for statement in ("UPDATE contents SET bytes = 'x' WHERE", "DELETE FROM contents WHERE"):
        with closing(sqlite3.connect(workspace.state)) as database:
            database.execute(f"{statement} sha256 = ?", (document,))
            database.commit()
        with pytest.raises(IntegrityError):
            shown(workspace, "2020-Q2")


def test_what_changed_between_a_record_and_a_file(
    workspace: Workspace, now: datetime, tmp_path: Path
) -> None:
    keep(workspace, now)
    path = workspace.root / "policy.yaml"
    path.write_text(path.read_text().replace("mssql", "tcp/1434"))
    later = run_audit(workspace, begin=None, end=None, now=now, by="aiko").document
    file = tmp_path / "later.json"
    file.write_text(later.model_dump_json(by_alias=True))
    found = compared(workspace, "2020-Q2", str(file))
    assert (found.new, found.gone) == ((), ())
    assert found.notes == ("the policy changed between the audits",)
    assert compared(workspace, "2020-Q2", "2020-Q2").changed == ()


def test_a_file_that_is_no_audit(raw: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    for text in ("", "{}", '{"schema": "sekisho.audit-record/1"}', "\x00"):
        file.write_text(text)
        with pytest.raises(RequestError, match="is no audit's JSON"):
            compared(raw, str(file), str(file))
