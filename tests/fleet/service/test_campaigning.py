from __future__ import annotations

import json

from tests.fleet.service.conftest import Clerk
from tests.fleet.service.test_sitting import write

from sekisho.fleet.campaigns.ramp import place
from sekisho.fleet.service.campaigning import STALE


def queries(clerk: Clerk, key: str, address: str = "10.1.0.5") -> list[str]:
    return sorted(json.loads(clerk.read(key, address).body)["queries"])


def test_without_a_campaign_nothing_is_asked(clerk: Clerk) -> None:
    assert queries(clerk, clerk.enrol("pc1")) == []


def test_what_was_handed_is_not_handed_again_at_once_and_never_for_ever(clerk: Clerk) -> None:
    clerk.campaign("services")
    key = clerk.enrol("pc1")
    handed = 0
    for _ in range(200):
        handed += len(queries(clerk, key))
        clerk.later(minutes=10)
    assert handed == 5
    (given_up,) = clerk.state.fleet().answers()
    assert (given_up.check, given_up.outcome, given_up.who.hostname) == ("services", "failed", "pc1")


def test_a_stage_reaches_those_that_it_reaches_and_a_wider_one_more(clerk: Clerk) -> None:
    seq = clerk.campaign("services", ramp=(0.5, 1.0))
    keys = {n: clerk.enrol(f"pc{n}") for n in range(12)}
    nodes = {int(n.who.hostname[2:]): n.id for n in clerk.store.nodes()}
    first = {n for n, key in keys.items() if queries(clerk, key)}
    assert first == {n for n in keys if place(seq, str(nodes[n])) < 0.5}
    assert 0 < len(first) < 12
    clerk.ledger("fleet.campaign_widen", {"campaign": seq, "name": "c", "why": "w"})
    clerk.later(seconds=STALE.seconds + 1)
    assert {n for n, key in keys.items() if queries(clerk, key)} == set(keys) - first


def test_who_joins_the_scope_later_is_asked_at_the_stage_where_it_stands(clerk: Clerk) -> None:
    seq = clerk.campaign("services", ramp=(1e-9, 1.0))
    keys = {n: clerk.enrol(f"pc{n}") for n in range(4)}
    assert not any(queries(clerk, key) for key in keys.values())
    body = {"campaign": seq, "name": "c", "why": "INC-3 grew", "first": ["pc2", "10.77.0.1"]}
    clerk.ledger("fleet.campaign_scope", body)
    clerk.later(seconds=STALE.seconds + 1)
    assert [n for n, key in keys.items() if queries(clerk, key)] == [2]


def test_a_pause_is_obeyed_and_answers_still_count(clerk: Clerk) -> None:
    seq = clerk.campaign("services")
    key, other = clerk.enrol("pc1"), clerk.enrol("pc2")
    (query,) = queries(clerk, key)
    clerk.ledger("fleet.campaign_pause", {"campaign": seq, "name": "c", "why": "w"})
    clerk.later(seconds=STALE.seconds + 1)
    assert queries(clerk, other) == []
    clerk.ask(write(key, **{query: "[]"}))
    assert len(clerk.store.letters(10)) == 1


def test_a_campaign_of_one_site_asks_there_alone(clerk: Clerk) -> None:
    clerk.campaigning._site_of = {"10.1.0.5": "jp-hq", "10.40.0.5": "th-plant"}.get
    body = {"name": "th", "checks": ["services"], "why": "w", "ramp": [1.0], "sites": ["th-plant"]}
    clerk.ledger("fleet.campaign", body)
    here, there = clerk.enrol("pc1"), clerk.enrol("pc2", address="10.40.0.5")
    assert queries(clerk, here) == []
    assert queries(clerk, there, "10.40.0.5") != []


def test_who_calls_from_elsewhere_is_asked_what_its_own_site_is_asked(clerk: Clerk) -> None:
    clerk.campaigning._site_of = {"10.1.0.5": "jp-hq", "10.40.0.5": "th-plant"}.get
    body = {"name": "th", "checks": ["services"], "why": "w", "ramp": [1.0], "sites": ["th-plant"]}
    clerk.ledger("fleet.campaign", body)
    away, visitor = clerk.enrol("pc1"), clerk.enrol("pc2", address="10.40.0.5")
    numbers = {n.who.hostname: n.id for n in clerk.store.nodes()}
    clerk.state.homes().keep({numbers["pc1"]: "th-plant", numbers["pc2"]: "jp-hq"})
    assert queries(clerk, away) != []
    assert queries(clerk, visitor, "10.40.0.5") == []


def test_a_new_program_at_the_same_state_goes_on_where_the_old_one_was(clerk: Clerk) -> None:
    clerk.campaign("services")
    key = clerk.enrol("pc1")
    (query,) = queries(clerk, key)
    again = Clerk.__new__(Clerk)
    again.__dict__ = dict(clerk.__dict__)
    again.campaigning = type(clerk.campaigning)(clerk.state.fleet(), clerk.state.campaigns())
    assert queries(again, key) == []
    again.ask(write(key, **{query: "[]"}))
    again.ask(write(key, **{query: "[]"}))
    assert len(clerk.store.letters(10)) == 1


def test_a_probe_is_asked_of_whom_it_names_alone_and_twice_at_most(clerk: Clerk) -> None:
    keys = {name: clerk.enrol(name) for name in ("pc1", "pc2", "pc3")}
    nodes = {n.who.hostname: str(n.id) for n in clerk.store.nodes()}
    clerk.ledger("plan.draft", {"plan": "P-1"})
    body = {
        "plan": "P-1",
        "state": "draft",
        "name": "P-1 probe 1",
        "why": "w",
        "until": "2027-01-01T00:00:00Z",
    }
    body |= {"queries": {"try_0": "SELECT 1", "try_1": "SELECT 2"}}
    body |= {"only": {"try_0": [nodes["pc1"]], "try_1": [nodes["pc2"]]}}
    seq = clerk.ledger("plan.probe", body)
    clerk.later(seconds=3)
    first, second = f"sekisho_{seq}_q_try_0", f"sekisho_{seq}_q_try_1"
    assert [queries(clerk, keys[name]) for name in ("pc1", "pc2", "pc3")] == [[first], [second], []]
    # Nobody answers for another, though both are asked by one probe.
    clerk.ask(write(keys["pc2"], **{first: '[{"a": "b"}]'}))
    assert clerk.store.letters(10) == ()
    clerk.ask(write(keys["pc2"], **{second: '[{"a": "b"}]'}))
    assert len(clerk.store.letters(10)) == 1
    (done,) = clerk.state.campaigns().asked(nodes["pc2"]).values()
    assert done.done
    handed = 1
    for _ in range(50):
        clerk.later(minutes=10)
        handed += len(queries(clerk, keys["pc1"]))
    assert handed == 2
    assert clerk.state.fleet().answers() == (), "it is no check"


def test_a_mixed_fleet_is_asked_by_platform_and_does_not_pause(clerk: Clerk) -> None:
    seq = clerk.campaign("services", "startup")
    kept = {p: clerk.enrol(p or "unknown", platform=p) for p in ("windows", "linux", "darwin", "")}
    services, startup = f"sekisho_{seq}_t_services", f"sekisho_{seq}_t_startup_items"
    assert queries(clerk, kept["windows"]) == queries(clerk, kept[""]) == sorted((services, startup))
    for platform in ("linux", "darwin"):
        assert queries(clerk, kept[platform]) == [startup]
    tallies = clerk.state.campaigns().tallies(seq)
    assert sum(one.failed for one in tallies.values()) == 0
    assert {(a.who.hostname, a.check, a.outcome) for a in clerk.state.fleet().answers()} == {
        (platform, "services", "not_applicable") for platform in ("linux", "darwin")
    }
    assert not list(clerk.state.campaigns().troubled(seq))
    assert {n.who.hostname: n.platform for n in clerk.store.nodes()} == {
        p or "unknown": p for p in kept
    }
