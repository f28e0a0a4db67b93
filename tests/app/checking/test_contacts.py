from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.app.checking.conftest import UUID

from sekisho.app.checking.contacts import by_terminal, last_seen, node_items
from sekisho.app.checking.intake import take_in
from sekisho.app.checking.service_status import service_status
from sekisho.app.checking.standing import shown, status
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.settings.fleet_service import ServiceSettings
from sekisho.app.terminals import resolved
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.model.nodes import Enrolling
from sekisho.model.terminals import GIVEN_UP, SERVED, CheckAnswer, Sighting

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def enrolling(name: str, uuid: str = "") -> Enrolling:
    return Enrolling(
        f"{name}{uuid}", Sighting(name, uuid=uuid), name, "5", "10.1.0.5", "s", f"{name}{uuid}"
    )


@pytest.fixture
def decisions(workspace: Workspace, listed: Path) -> Iterator[Decisions]:
    """A machine that enrolled under two names, one that is in no inventory."""
    take_in(workspace, [listed], now=NOW, by="ken")
    with open_decisions(workspace) as found:
        with found.state.nodes().batch() as batch:
            asking = [enrolling("jp-pc1-new", UUID), enrolling("jp-pc1-old", UUID), enrolling("nobody")]
            batch.enrol([(one, "S-1") for one in asking], {}, NOW, 9)
            batch.refuse({(1, "not_handed"): (2, "10.1.0.5", "\x1b[31mred")}, NOW)
        yield found


def test_nodes_are_of_terminals_by_what_identifies_them(
    workspace: Workspace, decisions: Decisions
) -> None:
    known = resolved(decisions, read_inventory(workspace), NOW)
    found, strangers = by_terminal(decisions.state.nodes().nodes(), known)
    ((nodes),) = found.values()
    assert sorted(n.identifier for n in nodes) == ["jp-pc1-new", "jp-pc1-old"]
    assert [n.identifier for n in strangers] == ["nobody"]
    assert last_seen(nodes) == NOW
    assert last_seen(()) is None
    assert sorted(len(n.refused) for n in node_items(decisions, nodes)) == [0, 1]


def test_the_sum_is_the_inventory_whoever_enrols(workspace: Workspace, decisions: Decisions) -> None:
    document = status(workspace, now=NOW)
    assert sum(document.states.values()) == document.terminals == 3
    assert (document.states["in_progress"], document.states["never_enrolled"]) == (1, 2)
    assert document.strangers == ("nobody",)
    later = status(workspace, now=NOW + timedelta(hours=1))
    assert (later.states["offline"], later.states["in_progress"]) == (1, 0)
    page = shown(workspace, UUID, now=NOW + timedelta(hours=1))
    assert (page.terminal.state, page.terminal.since) == ("offline", NOW)
    assert len(page.nodes) == 2


def test_how_long_offline_is_follows_the_settings(workspace: Workspace, decisions: Decisions) -> None:
    (workspace.root / "sekisho.toml").write_text("[fleet.service]\noffline_minutes = 120\n")
    assert status(workspace, now=NOW + timedelta(hours=1)).states["in_progress"] == 1


def test_the_service_says_who_is_there_and_in_no_inventory(
    workspace: Workspace, decisions: Decisions
) -> None:
    found = service_status(workspace, ServiceSettings(), now=NOW)
    assert (found.nodes, found.online, found.strangers, found.nobody) == (3, 3, 1, ())
    assert found.refused == {"not_handed": 2}


def test_an_intruder_under_a_machines_uuid_is_nobody_and_under_its_key_leaves_it_in_doubt(
    workspace: Workspace, listed: Path
) -> None:
    take_in(workspace, [listed], now=NOW, by="ken")
    hour = timedelta(hours=1)
    with open_decisions(workspace) as found:
        nodes = found.state.nodes()
        with nodes.batch() as batch:
            batch.enrol([(enrolling("jp-pc1", UUID), "S-1")], {}, NOW, 9)
        with nodes.batch() as batch:
            batch.enrol([(enrolling("attacker", UUID), "S-1")], {}, NOW + hour, 9)
            callers, _ = batch.callers([f"jp-pc1{UUID}"])
            own = callers[f"jp-pc1{UUID}"]
            own.seen = NOW + 2 * hour
            batch.seen([own])
        who = {n.identifier: n.who for n in nodes.nodes()}
        clean = [
            CheckAnswer(f"{name}{check}", SERVED, who[name], check, "clean", NOW + 2 * hour)
            for name in who
            for check in ("services", "startup")
        ]
        found.state.fleet().add(clean)
    page = shown(workspace, UUID, now=NOW + 2 * hour)
    assert [n.identifier for n in page.nodes] == ["jp-pc1"]
    assert {a.check for a in page.answers} == {"services", "startup"}
    assert len(page.answers) == 2
    assert status(workspace, now=NOW + 2 * hour).strangers == ("attacker",)
    with open_decisions(workspace) as found, found.state.nodes().batch() as batch:
        batch.refuse({(1, "old_key"): (1, "10.1.0.66", "a key that was ended")}, NOW + 2 * hour)
    doubted = shown(workspace, UUID, now=NOW + 2 * hour).terminal
    assert doubted.state == "check_failed"
    assert "another had replaced it" in doubted.why


def test_a_terminal_that_the_list_has_nowhere_is_where_it_was_last_heard_from(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "names.csv"
    path.write_text("hostname,site\npc-a,\npc-b,th-plant\npc-c,\n")
    take_in(workspace, [path], now=NOW, by="ken")
    with open_decisions(workspace) as found, found.state.nodes().batch() as batch:
        elsewhere = replace(enrolling("pc-c"), address="203.0.113.9")
        asking = [enrolling("pc-a"), enrolling("pc-b"), elsewhere]
        batch.enrol([(one, "S-1") for one in asking], {}, NOW, 9)
    document = status(workspace, now=NOW)
    assert {(s.site, s.terminals) for s in document.sites} == {
        ("jp-hq", 1),
        ("th-plant", 1),
        (None, 1),
    }
    assert shown(workspace, "pc-a", now=NOW).terminal.site == "jp-hq"
    assert shown(workspace, "pc-b", now=NOW).terminal.site == "th-plant"
    assert status(workspace, now=NOW, site="jp-hq").terminals == 1


def test_who_only_calls_himself_so_answers_for_nobody(workspace: Workspace, listed: Path) -> None:
    take_in(workspace, [listed], now=NOW, by="ken")
    hour = timedelta(hours=1)
    with open_decisions(workspace) as found:
        nodes = found.state.nodes()
        with nodes.batch() as batch:
            batch.enrol([(enrolling("jp-pc1", UUID), "S-1")], {}, NOW, 9)
        with nodes.batch() as batch:
            batch.enrol([(enrolling("JP-PC1"), "S-1")], {}, NOW + hour, 9)
            callers, _ = batch.callers([f"jp-pc1{UUID}"])
            own = callers[f"jp-pc1{UUID}"]
            own.seen = NOW + 2 * hour
            batch.seen([own])
        who = {n.identifier: n.who for n in nodes.nodes()}
        at = NOW + 2 * hour
        found.state.fleet().add(
            [
                CheckAnswer("1", SERVED, who["jp-pc1"], "services", "clean", at),
                CheckAnswer("2", SERVED, who["JP-PC1"], "services", "findings", at, findings=("x",)),
                CheckAnswer("3", f"{GIVEN_UP}4", who["JP-PC1"], "startup", "failed", at),
            ]
        )
    page = shown(workspace, UUID, now=at)
    assert [(a.check, a.outcome) for a in page.answers] == [("services", "clean")]
    assert (page.terminal.state, [n.identifier for n in page.nodes]) == ("in_progress", ["jp-pc1"])
    assert status(workspace, now=at).strangers == ("JP-PC1",)
