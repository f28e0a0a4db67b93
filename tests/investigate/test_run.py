"""From a seed to the incident, on chains of our own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.investigate.run import Investigation
from sekisho.investigate.seeds import SeedRequest

START = datetime(2024, 3, 4, tzinfo=UTC)
SeedOf = Callable[[str, str, int], SeedRequest]
Told = Callable[[Investigation], list[tuple[str, str, int, str]]]
ENTRY, SECOND, THIRD, LAST, OUTSIDE = "10.2.0.40", "10.3.0.50", "10.4.0.60", "10.1.0.70", "203.0.113.9"
CHAIN = [
    (ENTRY, OUTSIDE, 443, "reverse"),
    (ENTRY, SECOND, 3389, "connect"),
    (SECOND, THIRD, 445, "connect"),
    (THIRD, LAST, 22, "connect"),
]


def chain(company: Any, pause: float = 10.0) -> list[float]:
    """Control from outside, then three hops, `pause` hours between them."""
    at = [50.0, 50.0 + pause, 50.0 + 2 * pause, 50.0 + 3 * pause]
    for beat in range(int((at[3] + 5 - at[0]) * 4)):
        company.flow(at[0] + beat / 4, ENTRY, OUTSIDE, 443, minutes=1, out=900, back=500)
    company.flow(at[1] - 0.05, ENTRY, OUTSIDE, 443, minutes=40, out=90_000, back=20_000)
    company.flow(at[1], ENTRY, SECOND, 3389, minutes=25)
    company.flow(at[2], SECOND, THIRD, 445)
    company.flow(at[3], THIRD, LAST, 22)
    return at


@pytest.mark.parametrize("pause", [1.0, 40.0])
def test_any_hop_leads_to_all_of_them(company: Any, seed_of: SeedOf, told: Told, pause: float) -> None:
    at = chain(company, pause)
    opened = company.open()
    for src, dst, port, _ in CHAIN[1:]:
        found = opened.look(seed_of(src, dst, port))
        assert told(found) == CHAIN
    assert found.entry is not None
    assert (found.entry.address, found.entry.site, found.entry.through) == (ENTRY, "b", OUTSIDE)
    assert [hop.at for hop in found.hops][1:] == [START + timedelta(hours=h) for h in at[1:]]
    best = found.paths[0]
    assert [(hop.src, hop.dst) for hop in best.hops] == [(src, dst) for src, dst, _, _ in CHAIN]
    assert found.scope.sites == ("b", "c", "d", "a")
    assert {asset.role for asset in found.scope.assets} == {"confirmed"}
    assert [hop.technique for hop in found.hops] == ["T1071.001", "T1021.001", "T1021.002", "T1021.004"]
    for hop in found.hops:
        assert hop.evidence
        assert hop.evidence[0].path
        assert hop.onset is not None
        assert hop.onset.kind == "observed"
        assert sum(factor.weight for factor in hop.why) > 0


def test_backup_jump_host_and_file_server_stay_out(company: Any, seed_of: SeedOf, told: Told) -> None:
    chain(company)
    # The intruder's last host is one that all three deal with every day.
    company.flow(90, LAST, "10.2.0.1", 5985)
    found = company.open().look(seed_of(ENTRY, SECOND, 3389))
    assert told(found) == [*CHAIN, (LAST, "10.2.0.1", 5985, "connect")]


def test_a_permitted_connection_used_between_two_others_is_found(
    company: Any, seed_of: SeedOf, told: Told
) -> None:
    at = chain(company)
    company.flow(at[2] + 0.2, SECOND, "10.1.0.7", 445, out=4_000_000)
    found = company.open().look(seed_of(ENTRY, SECOND, 3389))
    extra = [hop for hop in found.hops if (hop.src, hop.dst, hop.port) == (SECOND, "10.1.0.7", 445)]
    assert [(hop.verdict, hop.role) for hop in extra] == [("authorized", "suspected")]
    assert len(found.hops) == len(CHAIN) + 1


def test_a_reverse_shell_inside_is_read_against_its_session(
    company: Any, seed_of: SeedOf, told: Told
) -> None:
    chain(company)
    # The third host calls back to the second on an odd port, and is steered through it.
    company.rows = [row for row in company.rows if (row[1], row[2]) != (SECOND, THIRD)]
    company.flow(70, THIRD, SECOND, 4444, minutes=16 * 60, out=900_000, back=40_000)
    found = company.open().look(seed_of(ENTRY, SECOND, 3389))
    assert (THIRD, SECOND, 4444, "reverse") in told(found)
    assert (THIRD, LAST, 22, "connect") in told(found)
    assert found.entry is not None
    assert found.entry.address == ENTRY


def test_a_month_without_logs_is_named_and_the_path_goes_on(
    company: Any, seed_of: SeedOf, told: Told
) -> None:
    company.rows.clear()
    company.ordinary(days=36)
    at = [50.0, 60.0, 60.0 + 30 * 24, 70.0 + 30 * 24]
    company.flow(at[1], ENTRY, SECOND, 3389, minutes=25)
    company.flow(at[2], SECOND, THIRD, 445)
    company.flow(at[3], THIRD, LAST, 22)
    company.dark = {"c": (70.0, 55.0 + 30 * 24)}
    found = company.open().look(seed_of(THIRD, LAST, 22))
    assert told(found) == CHAIN[1:]
    late = found.hops[1]
    assert late.unobservable is not None
    assert "c was not watched" in late.unobservable
    assert [item.sensor for item in found.unobservable if (item.end - item.begin).days > 25] == [
        "c-edge"
    ]


def test_control_that_began_while_nobody_watched_is_told_as_by_then_at_the_latest(
    company: Any, seed_of: SeedOf, told: Told
) -> None:
    for beat in range(160):
        company.flow(50 + beat / 2, ENTRY, OUTSIDE, 443, minutes=1, out=900, back=500)
    company.flow(60, ENTRY, SECOND, 3389, minutes=25)
    company.flow(75, SECOND, THIRD, 445)
    company.dark = {"b": (45.0, 70.0)}
    found = company.open().look(seed_of(SECOND, THIRD, 445))
    assert told(found) == [CHAIN[0], *CHAIN[1:3]]
    first = found.hops[0]
    assert first.onset is not None
    assert first.at_kind == first.onset.kind == "on_or_before"
    assert first.at < found.hops[1].at == START + timedelta(hours=60)
    assert first.evidence, "what is on record of it is later"
    assert [hop.at_kind for hop in found.hops[1:]] == ["observed", "observed"]
    assert found.onset is not None
    assert (found.onset.kind, found.onset.at) == ("on_or_before", first.at)
    begin = next(item for item in found.timeline if item.kind == "hop")
    assert "by then at the latest" in begin.text
    assert [(hop.src, hop.dst) for hop in found.paths[0].hops] == [step[:2] for step in CHAIN[:3]]


def test_clocks_hours_apart_do_not_part_a_chain(company: Any, seed_of: SeedOf, told: Told) -> None:
    chain(company, pause=1.0)
    company.offset = {"c": 3 * 3600.0}
    found = company.open().look(seed_of(THIRD, LAST, 22))
    assert told(found)[1:] == CHAIN[1:]


def test_a_seed_that_matches_nothing_says_so(company: Any) -> None:
    found = company.open().look(
        SeedRequest("finding", "F-000000000000"),
        SeedRequest("host", "192.0.2.1"),
        SeedRequest("indicator", "evil.example"),
    )
    assert (found.paths, found.entry, found.onset, found.scope.assets) == ((), None, None, ())
    assert [seed.connections for seed in found.seeds] == [0, 0, 0]
    assert all(seed.why for seed in found.seeds)
    assert len(found.notes) == 3


def test_a_time_without_evidence_is_not_nothing_found(company: Any, seed_of: SeedOf) -> None:
    chain(company)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    found = company.open().look(
        seed_of(ENTRY, SECOND, 3389), begin=long_ago, end=long_ago + timedelta(days=1)
    )
    assert found.paths == ()
    assert "nothing was recorded" in found.notes[0]


def test_a_host_and_an_outside_address_are_seeds_too(company: Any, told: Told) -> None:
    chain(company)
    opened = company.open()
    assert told(opened.look(SeedRequest("host", SECOND))) == CHAIN
    assert told(opened.look(SeedRequest("indicator", OUTSIDE))) == CHAIN


def test_a_scanner_that_touches_everything_is_no_chain(company: Any, told: Told) -> None:
    for n in range(200):
        company.flow(100 + n / 500, "10.4.0.99", f"10.{1 + n % 3}.1.{n}", 445, state="S0")
    company.flow(100.1, "10.4.0.99", "10.2.0.1", 445)
    found = company.open().look(SeedRequest("host", "10.4.0.99"))
    assert told(found) == [("10.4.0.99", "10.2.0.1", 445, "connect")]


def test_a_factor_left_out_is_in_no_reason(company: Any, seed_of: SeedOf) -> None:
    chain(company)
    found = company.open().look(seed_of(SECOND, THIRD, 445), without=frozenset({"gap", "overlap"}))
    assert found.hops
    assert not {factor.id for hop in found.hops for factor in hop.why} & {"gap", "overlap"}


def test_a_chain_that_comes_back_is_told_once(company: Any, seed_of: SeedOf, told: Told) -> None:
    at = chain(company)
    back = [(LAST, ENTRY, 3389, "connect"), (ENTRY, THIRD, 5985, "connect")]
    company.flow(at[3] + 4, LAST, ENTRY, 3389)
    company.flow(at[3] + 9, ENTRY, THIRD, 5985)
    company.flow(at[3] + 12, THIRD, SECOND, 445)
    found = company.open().look(seed_of(SECOND, THIRD, 445))
    assert told(found) == [*CHAIN, *back, (THIRD, SECOND, 445, "connect")]
    for path in found.paths:
        reached = [hop.dst if hop.kind == "connect" else hop.src for hop in path.hops]
        assert len(reached) == len(set(reached)), "no path comes back to where it was"
    assert found.entry is not None
    assert found.entry.address == ENTRY


@pytest.mark.parametrize("scanner", ["10.4.0.99", "10.2.0.41"])
def test_a_scanner_that_gets_an_answer_everywhere_stays_out(
    company: Any, seed_of: SeedOf, told: Told, scanner: str
) -> None:
    chain(company)
    hosts = [ENTRY, SECOND, THIRD, LAST, *(f"10.{1 + n % 3}.1.{n}" for n in range(120))]
    for day in (0, 2, 4):
        for n, host in enumerate(hosts):
            for port in (22, 445, 3389):
                at = day * 24 + 3 + n / 500
                company.flow(at, scanner, host, port, minutes=0.02, out=400, back=900)
    opened = company.open()
    for src, dst, port, _ in (CHAIN[1], CHAIN[3]):
        assert told(opened.look(seed_of(src, dst, port))) == CHAIN


def test_a_seed_that_led_nowhere_is_dated_all_the_same(company: Any) -> None:
    """Two hosts that no rule lets talk and that have known each other long: nothing says that it was a step.
    Nobody may read that it was not there."""
    company.flow(-24.0 * 400, ENTRY, LAST, 23)
    for day in range(20):
        for hour in range(3):
            company.flow(day * 24.0 + hour, ENTRY, LAST, 445, minutes=1, out=5000, back=7000)
    company.flow(19 * 24.0 + 8, LAST, ENTRY, 445, minutes=1, out=5000, back=7000)
    found = company.open().look(SeedRequest("host", ENTRY))
    assert found.paths == ()
    (seed,) = found.seeds
    assert seed.onset is not None
    assert (seed.onset.at, seed.onset.kind) == (START - timedelta(days=400), "on_or_before")
