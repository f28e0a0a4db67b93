from __future__ import annotations

import hashlib
from datetime import date, datetime
from pathlib import Path

import pytest

from sekisho.app.checking.deciding import campaign
from sekisho.app.decisions import open_decisions
from sekisho.app.findings import current
from sekisho.app.learning.acting import add_action
from sekisho.app.learning.closing import close
from sekisho.app.notifying.drafting import take
from sekisho.app.records import record
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError

TEST = "deny: us-plant/* -> jp-hq/* : tcp/9999"


@pytest.fixture
def act(workspace: Workspace, opened: str, now: datetime) -> str:
    """The first action, agreed after an audit, a campaign and a test of the policy that there were before."""
    record(workspace, "before", begin=None, end=None, now=now, by="aiko")
    campaign(workspace, "before", now=now, by="aiko", why="x")
    add_action(
        workspace,
        opened,
        "Audit it",
        owner="ken",
        due=date(2020, 6, 30),
        lesson=None,
        now=now,
        by="aiko",
    )
    return "A-1"


def closed(workspace: Workspace, opened: str, act: str, evidence: str, now: datetime) -> str:
    (one,) = close(workspace, opened, act, evidence, now=now, by="ken").actions
    assert one.state == "closed"
    return one.evidence[0].says


def test_an_audit_that_was_recorded_since(
    workspace: Workspace, opened: str, act: str, now: datetime
) -> None:
    with pytest.raises(RequestError, match="is older than A-1"):
        close(workspace, opened, act, "audit:before", now=now, by="ken")
    with pytest.raises(RequestError, match="no audit since"):
        close(workspace, opened, act, "audit:since", now=now, by="ken")
    record(workspace, "since", begin=None, end=None, now=now, by="aiko")
    assert closed(workspace, opened, act, "audit:since", now).startswith("recorded by aiko")
    with pytest.raises(RequestError, match="is closed already, by ken"):
        close(workspace, opened, act, "audit:since", now=now, by="ken")


def test_evidence_that_is_not_there_says_where_there_is_some(
    workspace: Workspace, opened: str, act: str, now: datetime
) -> None:
    for evidence, verb in (
        ("audit:zz", "sekisho audit record"),
        ("campaign:zz", "fleet campaign list"),
    ):
        with pytest.raises(RequestError) as caught:
            close(workspace, opened, act, evidence, now=now, by="ken")
        assert verb in caught.value.mend


def test_a_campaign_that_somebody_answered(
    workspace: Workspace, opened: str, act: str, now: datetime
) -> None:
    campaign(workspace, "since", now=now, by="aiko", why="x")
    for name, message in (
        ("before", "is older than A-1"),
        ("since", "no terminal has answered"),
        ("never", "no campaign never"),
    ):
        with pytest.raises(RequestError, match=message):
            close(workspace, opened, act, f"campaign:{name}", now=now, by="ken")


def test_a_test_of_the_policy_that_holds_and_is_new(
    workspace: Workspace, opened: str, act: str, now: datetime
) -> None:
    policy = workspace.root / "policy.yaml"
    before = policy.read_text()
    with pytest.raises(RequestError, match="the policy has no test"):
        close(workspace, opened, act, f"test:{TEST}", now=now, by="ken")
    policy.write_text(before.replace("tests:\n", f"tests:\n  - {TEST.replace('deny', 'allow')}\n"))
    with pytest.raises(RequestError, match="does not hold"):
        close(workspace, opened, act, f"test:{TEST.replace('deny', 'allow')}", now=now, by="ken")
    policy.write_text(before.replace("tests:\n", f"tests:\n  - {TEST}\n"))
    assert closed(workspace, opened, act, f"test:{TEST}", now).startswith("holds; policy.yaml:")


def test_a_test_that_there_was_before_proves_nothing_new(
    workspace: Workspace, opened: str, now: datetime
) -> None:
    policy = workspace.root / "policy.yaml"
    policy.write_text(policy.read_text().replace("tests:\n", f"tests:\n  - {TEST}\n"))
    current(workspace, now=now, by="aiko")
    add_action(
        workspace, opened, "Test", owner="k", due=date(2020, 7, 1), lesson=None, now=now, by="aiko"
    )
    with pytest.raises(RequestError, match="has it already"):
        close(workspace, opened, "A-1", f"test:{TEST}", now=now, by="ken")


def test_a_file_is_kept(workspace: Workspace, opened: str, now: datetime, tmp_path: Path) -> None:
    old, new = tmp_path / "old.txt", tmp_path / "new.txt"
    old.write_text("old")
    new.write_text("new")
    take(workspace, opened, "", "public-statement", old, now=now, by="lee")
    add_action(
        workspace, opened, "Do it", owner="k", due=date(2020, 7, 1), lesson=None, now=now, by="aiko"
    )
    with pytest.raises(RequestError, match="has it already"):
        close(workspace, opened, "A-1", f"file:{old}", now=now, by="ken")
    with pytest.raises(RequestError, match="cannot be read"):
        close(workspace, opened, "A-1", "file:none.txt", now=now, by="ken")
    digest = hashlib.sha256(b"new").hexdigest()
    assert closed(workspace, opened, "a-1", f"file:{new}", now).endswith(digest)
    with open_decisions(workspace) as decisions:
        assert decisions.state.content(digest) == b"new"


def test_what_is_no_evidence(workspace: Workspace, opened: str, act: str, now: datetime) -> None:
    for evidence in ("", "word", "file:", "mail:x"):
        with pytest.raises(RequestError, match="is no evidence"):
            close(workspace, opened, act, evidence, now=now, by="ken")
    with pytest.raises(RequestError, match="no action A-7"):
        close(workspace, opened, "A-7", "audit:x", now=now, by="ken")
