from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sekisho.fleet.campaigns.reach import THERE, names_of, reach
from sekisho.fleet.campaigns.steps import Reach
from sekisho.model.terminals import Campaign, Sighting

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CAMPAIGN = Campaign("m", ("services",), NOW, seq=7)


def node(n: int, name: str = "pc", site: str | None = "th-plant", ago: timedelta = timedelta()):  # type: ignore[no-untyped-def]
    return (str(n), (name,), site, NOW - ago)


def test_who_is_enrolled_and_who_is_there() -> None:
    nodes = [node(n, ago=THERE * (n % 2) * 2) for n in range(1000)]
    found = reach(CAMPAIGN, nodes, NOW)
    assert sum(r.enrolled for r in found.values()) == 1000
    assert sum(r.there for r in found.values()) == 500
    assert set(found) == {0, 1, 2}


def test_other_sites_are_not_counted_and_the_scope_comes_first() -> None:
    only = Campaign("m", (), NOW, seq=7, sites=("jp-hq",), first=("pc1",))
    found = reach(only, [node(1), node(2, "pc1", "jp-hq"), node(3, "pc1", None)], NOW)
    assert found == {0: Reach(1, 1)}
    joined = reach(CAMPAIGN, [node(n, f"pc{n}") for n in range(9)], NOW, [f"pc{n}" for n in range(9)])
    assert joined == {0: Reach(9, 9)}


def test_a_clock_ahead_by_years_is_not_there() -> None:
    assert reach(CAMPAIGN, [node(1, ago=timedelta(days=-900))], NOW)[_only(1)] == Reach(1, 0)


def _only(n: int) -> int:
    return next(iter(reach(CAMPAIGN, [node(n)], NOW)))


def test_a_terminal_goes_by_its_addresses_and_short_name() -> None:
    who = Sighting("PC1.corp.example", address="10.1.1.1")
    assert names_of(who, "10.9.9.9") == ("10.9.9.9", "10.1.1.1", "pc1")
