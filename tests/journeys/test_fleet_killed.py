"""The service as terminals meet it, killed in the middle: what it said that it took counts, and counts once."""

from __future__ import annotations

import os
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.journeys.fleet_served import Agent, Company, Server, close, together
from tests.state.conftest import server  # noqa: F401 - a fixture

from sekisho.app.checking.campaigning import Asking, begin
from sekisho.app.checking.intake import take_in
from sekisho.app.checking.standing import shown, status

NOW = datetime.now(UTC)
CHECKS = ("services", "startup")


def markers(company: Company, source: str) -> Counter[str]:
    return Counter(
        dict(row["columns"])["name"]
        for row in company.rows()
        if row["source"] == source and row["columns"]
    )


def campaign(company: Company) -> None:
    begin(
        company.workspace,
        "march",
        CHECKS,
        Asking(ramp=(1.0,)),
        now=datetime.now(UTC),
        by="ken",
        why="w",
    )


def test_terminals_are_checked_by_it(tmp_path: Path) -> None:
    company = Company(tmp_path)
    listed = tmp_path / "terminals.csv"
    listed.write_text("hostname\n" + "".join(f"pc{n}\n" for n in range(4)))
    take_in(company.workspace, [listed], now=NOW, by="ken")
    campaign(company)
    running = Server(company)
    agents = [Agent(company, running.port, f"pc{n}") for n in (0, 1, 9)]
    together(agents, Agent.enrol).join()
    asked = agents[0].insist("config", {"node_key": agents[0].key})
    assert asked["schedule"]["services"]["snapshot"] is True
    assert agents[0].answer() == 2
    company.judged()
    now = datetime.now(UTC)
    document = status(company.workspace, now=now)
    states = {name: count for name, count in document.states.items() if count}
    assert states == {"checked_clean": 1, "in_progress": 1, "never_enrolled": 2}
    assert document.strangers == ("pc9",)
    page = shown(company.workspace, "pc0", now=now)
    assert {(a.question, a.handed, a.fate) for a in page.attempts} == {
        ("services", 1, "answered"),
        ("startup", 1, "answered"),
    }
    (node,) = page.nodes
    assert (node.identifier, node.address, node.enrolments) == ("pc0", "127.0.0.1", 1)
    # Another's key, after it enrolled anew, tells nobody anything.
    stolen = agents[1].key
    agents[1].enrol()
    assert agents[1].post("read", {"node_key": stolen}) is None
    (node,) = shown(company.workspace, "pc1", now=now).nodes
    assert [(r.reason, r.count) for r in node.refused] == [("late_key", 1)]
    close(agents)
    assert running.stop() == ""
    gone = shown(company.workspace, "pc1", now=NOW.replace(year=NOW.year + 1))
    assert gone.terminal.state == "offline"


def test_killed_nothing_that_was_taken_is_lost_and_nothing_counts_twice(tmp_path: Path) -> None:
    company = Company(tmp_path)
    campaign(company)
    running = Server(company)
    agents = [Agent(company, running.port, f"pc{n}") for n in range(8)]
    together(agents, Agent.enrol).join()

    def work(agent: Agent) -> None:
        for n in range(25):
            agent.log(f"{agent.name} {n}")
            agent.answer()

    busy = together(agents, work)
    for part in (60, 130):
        # By what was acknowledged, not by the clock: on a quick machine all would be over before.
        while sum(len(agent.taken) for agent in agents) < part:
            assert busy.is_alive()
            time.sleep(0.002)
        running.kill()
        running = Server(company, running.port)
    busy.join()
    company.judged()
    running.stop()
    taken = sum((agent.taken for agent in agents), Counter[str]())
    logged = markers(company, "scheduled")
    assert logged == Counter({f"pc{a} {n}": 1 for a in range(8) for n in range(25)})
    answered = markers(company, "distributed")
    assert set(taken) - set(logged) == set(answered)
    assert set(answered.values()) == {1}
    assert company.counts().counts["letters"] == 8 * 25 + len({a.split(" ")[0] for a in answered})
    close(agents)


def test_several_workers_on_one_database_agree(
    tmp_path: Path,
    server: str,  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FLEET_TEST_URL", server)
    company = Company(tmp_path, 'workers = 2\n[state]\nurl = {env = "FLEET_TEST_URL"}\n')
    campaign(company)
    running = Server(company)
    agents = [Agent(company, running.port, f"pc{n}") for n in range(8)]

    def work(agent: Agent) -> None:
        agent.enrol()
        for n in range(15):
            agent.log(f"{agent.name} {n}")
            agent.answer()
            # A new connection may be another worker's.
            agent.client.close()
            agent.client = Agent(company, running.port, agent.name).client

    together(agents, work).join()
    company.judged()
    assert running.stop() == ""
    assert markers(company, "scheduled") == Counter(
        {f"pc{a} {n}": 1 for a in range(8) for n in range(15)}
    )
    answered = markers(company, "distributed")
    assert (len(answered), set(answered.values())) == (8 * len(CHECKS), {1})
    counts = company.counts()
    assert (counts.nodes, counts.counts["enrol"], counts.refused) == (8, 8, {})
    close(agents)
    assert os.environ["FLEET_TEST_URL"] == server


def test_more_workers_than_sqlite_takes_are_refused(tmp_path: Path) -> None:
    company = Company(tmp_path, "workers = 2\n")
    with pytest.raises(AssertionError, match="needs PostgreSQL"):
        Server(company)
