from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sekisho.app.checking.campaigning import Asking, begin, find, turn
from sekisho.app.checking.ramping import RULES, ramp
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.fleet.campaigns.course import Course, course
from sekisho.fleet.campaigns.ramp import stage_of
from sekisho.model.campaigns import Asked, Settled
from sekisho.state.campaigns import put
from sekisho.state.engine import connect, writing

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NODES = [(str(n), (f"pc{n}",), "th-plant", NOW) for n in range(2000)]


def settle(workspace: Workspace, campaign: int, stage: int, fate: str, most: int = 10_000) -> int:
    one = Settled(fate, NOW, "why")  # type: ignore[arg-type]
    asked = Asked(stage, {"c_rdp": 1}, NOW, {"c_rdp": one}, done=True)
    nodes = [n for n, *_ in NODES if stage_of(campaign, n, (0.01, 0.1, 1.0)) == stage][:most]
    engine = connect(workspace.state, 5)
    with writing(engine) as connection:
        put(connection, {(campaign, node): (asked, False) for node in nodes})
    engine.dispose()
    return len(nodes)


def stands(workspace: Workspace) -> Course:
    with open_decisions(workspace) as decisions:
        return course(find(decisions, "march"), decisions.state.campaigns().events(), NOW)


def step(workspace: Workspace) -> list[str]:
    with open_decisions(workspace) as decisions:
        return ramp(decisions, lambda: NODES, now=NOW)


def test_it_widens_stage_by_stage_and_pauses_where_many_fail(workspace: Workspace) -> None:
    begin(workspace, "march", ("rdp",), Asking(), now=NOW, by="ken", why="INC-3")
    with open_decisions(workspace) as decisions:
        seq = find(decisions, "march").seq
    assert step(workspace) == []
    settle(workspace, seq, 0, "answered")
    assert len(step(workspace)) == 1
    assert (stands(workspace).stage, stands(workspace).by) == (1, RULES)
    assert step(workspace) == []
    failed = settle(workspace, seq, 1, "denylisted", most=40)
    (said,) = step(workspace)
    assert f"{failed} terminals failed, {failed} of them denylisted" in said
    assert stands(workspace).state == "paused"
    assert step(workspace) == []
    turn(workspace, "march", "resume", now=NOW, by="aya", why="known: one old image")
    settle(workspace, seq, 1, "answered")
    assert len(step(workspace)) == 1
    assert (stands(workspace).state, stands(workspace).stage) == ("running", 2)
    assert step(workspace) == []


def test_nobody_is_asked_about_nodes_where_nothing_runs(workspace: Workspace) -> None:
    def fail() -> list[tuple[str, tuple[str, ...], str | None, datetime]]:
        raise AssertionError

    with open_decisions(workspace) as decisions:
        assert ramp(decisions, fail, now=NOW) == []
    begin(workspace, "march", ("rdp",), Asking(), now=NOW, by="ken", why="INC-3")
    with open_decisions(workspace) as decisions:
        assert ramp(decisions, fail, now=NOW + timedelta(days=30)) == []


def test_who_enrols_as_thousands_and_fails_as_all_of_them_pauses_nothing(workspace: Workspace) -> None:
    begin(workspace, "march", ("rdp",), Asking(), now=NOW, by="ken", why="INC-3")
    with open_decisions(workspace) as decisions:
        seq = find(decisions, "march").seq
        own = [n for n, *_ in NODES if stage_of(seq, n, (0.01, 0.1, 1.0)) == 0][:3]
        decisions.state.homes().keep({int(n): "th-plant" for n in own})
    settle(workspace, seq, 0, "denylisted", most=500)
    settle(workspace, seq, 1, "denylisted", most=500)
    with open_decisions(workspace) as decisions:
        engine = connect(workspace.state, 5)
        answered = Asked(0, {"c_rdp": 1}, NOW, {"c_rdp": Settled("answered", NOW)}, done=True)
        with writing(engine) as connection:
            put(connection, {(seq, node): (answered, False) for node in own})
        engine.dispose()
        nodes = [one for one in NODES if one[0] in own]
        (said,) = ramp(decisions, lambda: nodes, now=NOW)
    assert said == "march: widen: 3 of 3 asked are done, 0 failed"
