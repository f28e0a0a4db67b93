from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.intel.attack.conftest import pattern

from sekisho.app.hunting.refreshing import refresh
from sekisho.app.methods.changes import changes, month_of
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError

Attack = Callable[..., Path]


def test_a_new_version_says_what_is_new_whom_it_concerns_and_what_to_do(
    workspace: Workspace, now: datetime, attack: Attack
) -> None:
    attack(workspace, "17.1", pattern("T1043", "Commonly Used Port", "command-and-control"))
    refresh(workspace, (), now=now)
    first = changes(workspace, now=now)
    assert (first.before, first.changes) == (None, ())
    assert any("name one with --from" in note for note in first.notes)
    attack(
        workspace,
        "18.1",
        pattern("T1043", "Commonly Used Port", "command-and-control", revoked=True),
        pattern("T1570", "Lateral Tool Transfer", "lateral-movement"),
        pattern("T1499", "Endpoint Denial of Service", "impact"),
    )
    refresh(workspace, (), now=now)
    found = changes(workspace, now=now)
    assert found.before is not None
    assert found.before.version == "17.1"
    told = {one.technique: one for one in found.changes}
    assert [one.technique for one in found.changes] == ["T1043", "T1570", "T1499"]
    assert (told["T1570"].kind, told["T1570"].in_scope) == ("added", True)
    # Flows show it at two of three sites, and a check looks for it there.
    assert told["T1570"].concerns == ("us-plant",)
    assert told["T1570"].todo == "record Flows between sites and inside at us-plant"
    assert (told["T1043"].kind, told["T1043"].todo) == (
        "revoked",
        "nothing here looks for it by this name",
    )
    assert not told["T1499"].in_scope
    same = changes(workspace, now=now, old="18.1", new="18.1")
    assert same.changes == ()
    assert changes(workspace, now=now, old=str(workspace.root / "attack.json")).changes == ()
    with pytest.raises(RequestError, match="neither a file nor a version"):
        changes(workspace, now=now, old="1.0")


def test_an_advisory_says_whom_it_concerns(workspace: Workspace, now: datetime, attack: Attack) -> None:
    attack(workspace, feeds="  cert: {kind: advisories, path: adv, licence: own}\n")
    (workspace.root / "adv").mkdir()
    (workspace.root / "adv" / "a.md").write_text("# One\n2020-06-02 T1021.002 T1486\n")
    refresh(workspace, (), now=now)
    (one,) = changes(workspace, now=now).advisories
    assert (one.title, one.techniques, one.concerns) == ("One", ("T1021.002", "T1486"), ("us-plant",))
    assert "T1021.002" in one.todo
    later = now + timedelta(days=30)
    (workspace.root / "adv" / "b.md").write_text("# Two\n2020-07-01 CVE-2020-1472\n")
    refresh(workspace, (), now=later)
    fresh = changes(workspace, now=later, since=now + timedelta(days=1)).advisories
    assert [(one.title, one.altered) for one in fresh] == [("Two", False)]
    assert "look whether its products are here" in fresh[0].todo
    (workspace.root / "adv" / "a.md").write_text("# One\n2020-06-02 T1021.002 and now T1041\n")
    refresh(workspace, (), now=later)
    fresh = changes(workspace, now=later, since=now + timedelta(days=1)).advisories
    assert {(one.title, one.altered) for one in fresh} == {("One", True), ("Two", False)}


def test_a_month_is_from_its_first_day_until_the_next_ones() -> None:
    assert month_of("2024-02") == (datetime(2024, 2, 1, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC))
    assert month_of("2024-12")[1] == datetime(2025, 1, 1, tzinfo=UTC)
    for wrong in ("2024", "2024-13", "x", "2024-1", ""):
        with pytest.raises(RequestError, match="no month"):
            month_of(wrong)
