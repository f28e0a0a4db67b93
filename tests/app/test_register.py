from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sekisho.app.decisions import open_decisions
from sekisho.app.register import Register, load_register, read_register
from sekisho.app.workspace import Workspace
from sekisho.errors import FileProblems

RULE = (
    "  - {id: SMB, allow: 'th-plant/* -> jp-hq/files : smb', owner: o, ticket: t, why: w,"
    " from: 2019-01-01}\n"
)


def load(workspace: Workspace, now: datetime, by: str = "aiko") -> Register:
    with open_decisions(workspace) as decisions:
        return load_register(workspace, decisions, now=now, by=by)


def edit(workspace: Workspace, old: str, new: str) -> None:
    path = workspace.root / "policy.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def recorded(register: Register) -> dict[str, datetime | None]:
    return {rule.id: rule.recorded for rule in register.compiled.policy.rules}


def test_every_version_is_kept_with_its_bytes(raw: Workspace, now: datetime) -> None:
    load(raw, now)
    before = (raw.root / "policy.yaml").read_bytes()
    edit(raw, "Daily orders", "Orders")
    load(raw, now + timedelta(days=1), "ken")
    with open_decisions(raw) as decisions:
        first, second = decisions.state.versions("policy")
        assert decisions.state.content(first.files[0].sha256) == before
        assert len(decisions.state.versions("inventory")) == 1
    assert (first.by, second.by) == ("aiko", "ken")
    assert second.seen_at == now + timedelta(days=1)


def test_going_back_is_a_version_too(raw: Workspace, now: datetime) -> None:
    for text in (("Daily orders", "Orders"), ("Orders", "Daily orders")):
        load(raw, now)
        edit(raw, *text)
    load(raw, now)
    with open_decisions(raw) as decisions:
        hashes = [v.sha256 for v in decisions.state.versions("policy")]
    assert len(hashes) == 3
    assert hashes[0] == hashes[2]


def test_the_first_register_counts_from_its_own_dates(raw: Workspace, now: datetime) -> None:
    assert set(recorded(load(raw, now)).values()) == {None}


def test_a_rule_that_comes_later_counts_from_when_it_was_kept(raw: Workspace, now: datetime) -> None:
    load(raw, now)
    edit(raw, "tests:\n", RULE + "tests:\n")
    later = now + timedelta(days=1)
    assert recorded(load(raw, later))["SMB"] == later
    again = load(raw, later + timedelta(days=9))
    assert recorded(again)["SMB"] == later, "however often it is read"
    assert recorded(again)["TH-HQ-EDI"] is None
    edit(raw, "id: SMB", "id: RENAMED")
    assert recorded(load(raw, later + timedelta(days=10)))["RENAMED"] == later


def test_a_widened_rule_keeps_what_it_permitted(raw: Workspace, now: datetime) -> None:
    load(raw, now)
    edit(raw, "expires: 2020-06-02", "expires: 2020-12-31")
    parts = [
        (rule.validity.end, rule.recorded)
        for rule in load(raw, now).compiled.policy.rules
        if rule.id == "TH-HQ-STOCK"
    ]
    assert [(str(end)[:10], at) for end, at in parts] == [("2020-06-03", None), ("2021-01-01", now)]


def test_all_that_is_wrong_in_all_files(raw: Workspace) -> None:
    (raw.root / "sites.yaml").write_text("sites:\n  a: {country: XX}\n")
    (raw.root / "policy.yaml").write_text("connections:\n  - {id: A\n")
    with pytest.raises(FileProblems) as error:
        read_register(raw)
    assert {problem.file for problem in error.value.problems} >= {"sites.yaml", "policy.yaml"}
