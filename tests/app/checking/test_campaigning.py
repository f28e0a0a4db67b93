from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sekisho.app.checking.asked import ready
from sekisho.app.checking.campaigning import LASTS, Asking, begin, find, turn
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.fleet.campaigns.course import course
from sekisho.model.campaigns import CampaignAction, Limits
from sekisho.model.terminals import Campaign

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def asked(workspace: Workspace, name: str = "march") -> Campaign:
    with open_decisions(workspace) as decisions:
        return find(decisions, name)


def test_a_campaign_asks_all_checks_for_a_fortnight(workspace: Workspace) -> None:
    begin(workspace, "march", (), Asking(), now=NOW, by="ken", why="INC-3")
    one = asked(workspace)
    assert one.checks == tuple(ready(workspace))
    assert one.until == NOW + LASTS
    assert one.ramp == (0.01, 0.1, 1.0)


def test_what_it_asks_is_kept_in_the_ledger(workspace: Workspace) -> None:
    asking = Asking({"up": "SELECT 1"}, NOW + timedelta(days=2), ("th-plant",), ramp=(0.5, 1.0))
    asking = replace(asking, limits=Limits(share=0.2), platforms={"up": "posix"})
    begin(workspace, "hunt", (), asking, now=NOW, by="ken", why="a hunch")
    one = asked(workspace, "hunt")
    assert (one.checks, one.queries, one.sites) == ((), {"up": "SELECT 1"}, ("th-plant",))
    assert one.platforms == {"up": "posix"}
    assert (one.ramp, one.limits.share, one.until) == ((0.5, 1.0), 0.2, NOW + timedelta(days=2))


@pytest.mark.parametrize(
    ("asking", "said"),
    [
        (Asking({"Up-1": "SELECT 1"}), "cannot be called"),
        (Asking({"up": "  "}), "is empty"),
        (Asking({"up": "x" * 20_000}), "longer"),
        (Asking({f"q{n}": "SELECT 1" for n in range(101)}), "more than 100"),
        (Asking(until=NOW), "ends in the future"),
        (Asking(until=NOW + timedelta(days=400)), "within a year"),
        (Asking(sites=("nowhere",)), "no site nowhere"),
        (Asking(incident="INC-9"), "no incident"),
        (Asking(ramp=(0.1, 0.1, 1)), "stages"),
        (Asking(ramp=(0.1,)), "stages"),
        (Asking(ramp=(0, 1)), "stages"),
        (Asking(ramp=(float("nan"), 1)), "stages"),
        (Asking(limits=Limits(share=3)), "share"),
        (Asking({"up": "SELECT 1"}, platforms={"up": "beos"}), "names a platform 'beos'"),
        (Asking({"up": "SELECT 1"}, platforms={"down": "linux"}), "no query 'down'"),
    ],
)
def test_what_cannot_be_is_refused(workspace: Workspace, asking: Asking, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        begin(workspace, "march", (), asking, now=NOW, by="ken", why="w")
    with open_decisions(workspace) as decisions:
        assert decisions.state.fleet().campaigns() == ()


def test_a_campaign_is_turned(workspace: Workspace) -> None:
    begin(workspace, "march", (), Asking(), now=NOW, by="ken", why="INC-3")
    campaign = asked(workspace)
    actions: list[tuple[CampaignAction, str, int]] = [
        ("widen", "running", 1),
        ("pause", "paused", 1),
        ("resume", "running", 1),
        ("widen", "running", 2),
        ("end", "ended", 2),
    ]
    for n, (action, state, stage) in enumerate(actions, 1):
        at = NOW + timedelta(minutes=n)
        turn(workspace, "march", action, now=at, by="aya", why=f"because {n}")
        with open_decisions(workspace) as decisions:
            found = course(campaign, decisions.state.campaigns().events(), at)
        assert (found.state, found.stage, found.by, found.why) == (state, stage, "aya", f"because {n}")


def test_turns_that_are_none_are_refused(workspace: Workspace) -> None:
    begin(workspace, "march", (), Asking(ramp=(1.0,)), now=NOW, by="ken", why="INC-3")
    for action, said in (("resume", "is running"), ("widen", "reaches everybody")):
        with pytest.raises(RequestError, match=said):
            turn(workspace, "march", action, now=NOW, by="aya", why="w")  # type: ignore[arg-type]
    with pytest.raises(RequestError, match="says why"):
        turn(workspace, "march", "pause", now=NOW, by="aya", why=" ")
    with pytest.raises(RequestError, match="no campaign april"):
        turn(workspace, "april", "pause", now=NOW, by="aya", why="w")
    turn(workspace, "march", "end", now=NOW, by="aya", why="w")
    with pytest.raises(RequestError, match="is ended"):
        turn(workspace, "march", "pause", now=NOW, by="aya", why="w")
