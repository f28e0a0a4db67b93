"""Since when a hop's connection, or its source, was used otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.audit.baseline import Day
from sekisho.investigate.changing import Changes, Changing
from sekisho.investigate.run import Investigation
from sekisho.investigate.seeds import SeedRequest
from sekisho.model.hops import HopDocument

START = datetime(2024, 3, 4, tzinfo=UTC)
DAYS, BAD = 22, 17
PC, FILES, STORE, SERVER = "10.2.0.40", "10.1.0.7", "10.3.0.50", "10.1.0.44"
SeedOf = Callable[[str, str, int], SeedRequest]


@pytest.fixture(scope="module")
def opened(company_at: Callable[..., Any]) -> Any:
    company = company_at(0)
    for day in range(DAYS):
        for hour in (9, 13, 17):
            # Permitted: one is misused from a known day, the other stays as it was.
            company.flow(day * 24 + hour, PC, FILES, 445, out=30_000_000 if day >= BAD else 60_000)
            company.flow(day * 24 + hour, STORE, FILES, 445)
        company.flow(day * 24 + 10, "10.4.0.9", SERVER, 8443)
    company.flow(BAD * 24 + 3, "10.3.0.66", PC, 3389)
    company.flow((BAD + 1) * 24 + 9.1, PC, "10.4.0.9", 445)
    company.flow((BAD + 2) * 24 + 9, STORE, SERVER, 22)
    company.flow((BAD + 3) * 24 + 9, SERVER, "10.2.0.2", 22)
    return company.open()


@pytest.fixture(scope="module")
def found(opened: Any, seed_of: SeedOf) -> Investigation:
    look: Investigation = opened.look(
        seed_of(PC, FILES, 445),
        seed_of("10.3.0.66", PC, 3389),
        seed_of(STORE, FILES, 445),
        seed_of(STORE, SERVER, 22),
        seed_of(SERVER, "10.2.0.2", 22),
    )
    return look


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def hop(found: Investigation, src: str, dst: str) -> HopDocument:
    return next(one for one in found.hops if (one.src, one.dst) == (src, dst))


def test_misuse_of_an_authorised_connection_gets_its_day(found: Investigation) -> None:
    misused = hop(found, PC, FILES)
    assert misused.verdict == "authorized"
    assert misused.changed == day(BAD)
    kinds = {one.kind: one for one in misused.changes}
    assert kinds["volume"].at == day(BAD)
    assert kinds["volume"].days >= 1
    assert "usual" in (misused.changed_why or "")


def test_other_peers_of_its_source_are_dated(found: Investigation) -> None:
    peers = {one.kind: one for one in hop(found, PC, FILES).changes}["peers"]
    assert peers.at == day(BAD + 1)
    assert "with 10.4.0.9 on" in peers.text


def test_an_unchanged_one_gets_none(found: Investigation) -> None:
    same = hop(found, STORE, FILES)
    assert (same.changed, same.changes, same.changed_why) == (None, (), None)


def test_a_server_that_begins_to_initiate_is_dated(found: Investigation) -> None:
    turned = hop(found, SERVER, "10.2.0.2")
    assert [(one.kind, one.at) for one in turned.changes] == [
        ("initiator", START + timedelta(days=BAD + 3, hours=9))
    ]
    assert f"{SERVER} had only answered since 2024-03-04" in (turned.changed_why or "")


def test_too_little_to_say_is_no_answer(found: Investigation) -> None:
    young = hop(found, "10.3.0.66", PC)
    assert (young.changed, young.changed_why) == (
        None,
        "it has 1 active day, too few to say what was usual",
    )


def test_a_seed_bears_the_first_day_of_its_hops(found: Investigation) -> None:
    seeds = [(seed.changed, seed.changed_why is not None) for seed in found.seeds]
    assert seeds[:3] == [(day(BAD), True), (None, False), (None, False)]
    assert all(seed.onset for seed in found.seeds)


def test_hours_of_the_sites_clock_and_nothing_asked(opened: Any, woven: Any) -> None:
    fabric = woven([(PC, FILES, 445, 0, 0.0, 1)])
    changing = Changing(opened.lake, opened.inventory, fabric, {})
    assert changing.look([], {}) == Changes()
    series = [Day(19_800 + n, 100, 1, 1 << 9) for n in range(20)]
    night = Day(19_820, 100, 1, 1 << 2)
    told = changing.look([0], {0: [*series, night, night]})
    hours = next(one for one in told.of[0] if one.kind == "hours")
    assert hours.at == datetime(2024, 4, 7, tzinfo=UTC)
