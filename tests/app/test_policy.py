from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.app import policy
from sekisho.app.ledger import entries
from sekisho.app.policy import compared, explain, imported, linted, suggested
from sekisho.app.versions import listed
from sekisho.app.workspace import Workspace
from sekisho.errors import FileProblems, IntegrityError, RequestError
from sekisho.policy.ends import Limits

JUNE_1 = datetime(2020, 6, 1, tzinfo=UTC)
RULE = (
    "  - {id: SMB, allow: 'th-plant/* -> jp-hq/files : smb', owner: o, ticket: t, why: w,"
    " from: 2019-01-01}\n"
)


def edit(workspace: Workspace, old: str, new: str) -> None:
    path = workspace.root / "policy.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_explained_as_the_audit_judges(workspace: Workspace, now: datetime) -> None:
    ends = ("10.40.9.9", "jp-files01", "smb")
    explain(workspace, *ends, at=JUNE_1, now=now, by="aiko")
    edit(workspace, "tests:\n", RULE + "tests:\n")
    (then,) = explain(workspace, *ends, at=JUNE_1, now=now, by="aiko").traces
    (later,) = explain(workspace, *ends, at=now + timedelta(days=1), now=now, by="aiko").traces
    assert (then.verdict, later.verdict) == ("unauthorized", "authorized")
    assert then.nearest is not None
    assert "retroactive" in then.nearest.why_not
    with pytest.raises(RequestError, match="names no end"):
        explain(workspace, "nowhere", *ends[1:], at=JUNE_1, now=now, by="aiko")


def test_unused_rules_only_where_there_is_evidence(workspace: Workspace, now: datetime) -> None:
    extra = "  - {id: NEVER, allow: 'us-plant/* -> jp-hq/* : ssh', owner: o, ticket: t, why: w}\n"
    edit(workspace, "tests:\n", extra + "tests:\n")
    said = linted(workspace, days=30, now=now, by="aiko")
    assert [p.level for p in said if "NEVER" in p.message and "unused" in p.code] == ["warning"]


def test_lint_without_a_lake_says_nothing_of_use(raw: Workspace, now: datetime) -> None:
    assert not any("unused" in p.code for p in linted(raw, days=30, now=now, by="aiko"))
    assert not raw.lake.exists()
    soon = linted(raw, days=None, now=JUNE_1, by="aiko")
    assert any("expire" in p.message for p in soon), "30 days, as the settings say"
    (raw.root / "policy.yaml").write_text("connections: [")
    assert {p.level for p in linted(raw, days=30, now=now, by="aiko")} == {"error"}


def test_the_registers_own_tests(raw: Workspace, now: datetime) -> None:
    assert (len(policy.tested(raw, now=now).tests), policy.tested(raw, now=now).failed) == (2, 0)
    edit(raw, "tcp/445", "tcp/8443")
    assert policy.tested(raw, now=now).failed == 1
    assert entries(raw, 5) == [], "asking keeps no version"


def test_a_difference_to_a_kept_version(workspace: Workspace, now: datetime) -> None:
    explain(workspace, "th-plant", "jp-hq", "smb", at=now, now=now, by="aiko")
    edit(workspace, "expires: 2020-06-02", "expires: 2020-06-30")
    kept = listed(workspace)[1].sha256
    found = compared(workspace, kept[:12], None, now=now)
    assert [(c.before.verdict, c.after.verdict) for c in found.changes] == [("lapsed", "authorized")]
    back = compared(workspace, "policy.yaml", kept[:12], now=now)
    assert [(c.before.verdict, c.after.verdict) for c in back.changes] == [("authorized", "lapsed")]
    with pytest.raises(RequestError, match="no file, no folder and no kept version"):
        compared(workspace, "0" * 64, None, now=now)


def test_a_kept_version_whose_text_is_gone_is_not_an_empty_one(
    workspace: Workspace, now: datetime
) -> None:
    explain(workspace, "th-plant", "jp-hq", "smb", at=now, now=now, by="aiko")
    version = listed(workspace)[1]
    with closing(sqlite3.connect(workspace.state)) as database:
        database.execute("DELETE FROM contents WHERE sha256 = ?", (version.files[0].sha256,))
        database.commit()
    with pytest.raises(IntegrityError, match=r"policy\.yaml .* is gone"):
        compared(workspace, version.sha256[:12], None, now=now)


def test_suggestions_keep_off_what_is_under_suspicion(workspace: Workspace) -> None:
    day = timedelta(days=1)
    window = (JUNE_1 + 3 * day, JUNE_1 + 5 * day)
    found, path = suggested(
        workspace, begin=None, end=None, excluded=[window], limits=Limits(), output=None
    )
    assert path is None, "all but the unmapped one lies in those days"
    assert found.proposals == ()
    found, path = suggested(workspace, begin=None, end=None, excluded=(), limits=Limits(), output=None)
    assert path == workspace.root / "policy" / "proposed-suggested-1.yaml"
    assert found.proposals
    assert "state: proposed" in path.read_text()
    assert any("conn.log:" in text for one in found.proposals for text in str(one).splitlines())


def test_an_import_is_whole_or_not_at_all(raw: Workspace, tmp_path: Path) -> None:
    sheet = tmp_path / "rules.csv"
    head = "source,destination,service,owner\n10.40.3.3,10.1.30.3,tcp/1433,stock\n"
    sheet.write_text(head + "x,y,z,\n")
    with pytest.raises(FileProblems):
        imported(raw, sheet, output=None)
    assert not (raw.root / "policy").exists()
    sheet.write_text(head)
    first, second = (imported(raw, sheet, output=None).path for _ in range(2))
    assert (first.name, second.name) == ("proposed-imported-1.yaml", "proposed-imported-2.yaml")
