from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sekisho.app.audit import run_audit
from sekisho.app.ledger import entries
from sekisho.app.versions import accept_retroactive, listed
from sekisho.app.workspace import Workspace
from sekisho.errors import Refused, RequestError
from sekisho.model.findings import finding_id

SMB = finding_id("10.40.9.9", "10.1.10.96", "tcp", 445)
RULE = (
    "  - {id: SMB, allow: 'th-plant/* -> jp-hq/files : smb', owner: o, ticket: t, why: w,"
    " from: 2019-01-01}\n"
)


def audit(workspace: Workspace, now: datetime, by: str = "aiko") -> set[str]:
    document = run_audit(workspace, begin=None, end=None, now=now, by=by).document
    return {finding.id for finding in document.findings}


@pytest.fixture
def late(workspace: Workspace, now: datetime) -> Workspace:
    """Somebody wrote a rule that would excuse a finding."""
    assert SMB in audit(workspace, now)
    path = workspace.root / "policy.yaml"
    path.write_text(path.read_text().replace("tests:\n", RULE + "tests:\n", 1).split("tests:\n")[0])
    assert SMB in audit(workspace, now + timedelta(hours=1)), "written later, it excuses nothing"
    return workspace


def test_a_second_person_lets_it_excuse_the_past(late: Workspace, now: datetime) -> None:
    with pytest.raises(Refused, match="a second person"):
        accept_retroactive(late, "SMB", why="CHG-9", now=now, by=" AIKO ")
    assert SMB in audit(late, now)
    accept_retroactive(late, "SMB", why=" CHG-9 ", now=now, by="chief")
    assert SMB not in audit(late, now)
    last = entries(late, 1)[0]
    assert (last.kind, last.by, last.body["id"], last.body["why"]) == (
        "rule.accept_retroactive",
        "chief",
        "SMB",
        "CHG-9",
    )
    with pytest.raises(RequestError, match="not retroactive"):
        accept_retroactive(late, "SMB", why="again", now=now, by="other")


def test_an_acceptance_is_of_what_was_seen(late: Workspace, now: datetime) -> None:
    """Once accepted, the rule cannot be widened under the same name."""
    accept_retroactive(late, "SMB", why="CHG-9", now=now, by="chief")
    path = late.root / "policy.yaml"
    path.write_text(path.read_text().replace("files : smb", "* : smb, ssh"))
    found = audit(late, now + timedelta(hours=2))
    assert SMB not in found
    assert finding_id("2001:db8:40::9", "2001:db8:1::5", "tcp", 22) in found


def test_what_cannot_be_accepted(late: Workspace, now: datetime) -> None:
    before = len(entries(late, 100))
    for rule, why, message in (
        ("SMB", "  ", "says why"),
        ("GONE", "x", "no rule 'GONE'"),
        ("TH-HQ-EDI", "x", "not retroactive"),
    ):
        with pytest.raises(RequestError, match=message):
            accept_retroactive(late, rule, why=why, now=now, by="chief")
    assert len(entries(late, 100)) == before


def test_versions_in_the_order_of_their_use(late: Workspace, now: datetime) -> None:
    found = listed(late)
    assert [one.kind for one in found] == ["inventory", "policy", "policy"]
    assert [one.seen_at for one in found] == [now, now, now + timedelta(hours=1)]
