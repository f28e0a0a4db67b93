from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sekisho.fleet.progress import pace, slowest, trend
from sekisho.fleet.states import Standing
from sekisho.model.terminals import Campaign

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
NOW = BEGIN + timedelta(hours=10)
CAMPAIGN = Campaign("march", ("services",), BEGIN)


def clean(hours: float) -> Standing:
    return Standing("checked_clean", "x", BEGIN + timedelta(hours=hours))


def test_the_rate_is_what_was_measured() -> None:
    left = [Standing("never_enrolled", "x")] * 30 + [Standing("excluded", "x")]
    found = pace(CAMPAIGN, [clean(n / 2) for n in range(20)] + left, NOW)
    assert (found.answered, found.left, found.rate) == (20, 30, 2.0)
    assert found.done_at == NOW + timedelta(hours=15)


def test_yesterdays_rate_is_not_todays() -> None:
    found = pace(CAMPAIGN, [clean(1), Standing("offline", "x")], NOW + timedelta(days=9))
    assert (found.answered, found.left, found.rate, found.done_at) == (1, 1, None, None)


def test_nothing_left_has_no_end() -> None:
    assert pace(CAMPAIGN, [clean(1)], NOW).done_at is None
    assert pace(CAMPAIGN, [], NOW).rate is None


def test_sites_that_are_slowest() -> None:
    sites = [("a", 10, 10, 0), ("b", 10, 1, 0), ("c", 10, 5, 5), ("d", 100, 10, 0), ("e", 4, 0, 1)]
    assert slowest(sites) == ("e: 0 of 3", "d: 10 of 100", "b: 1 of 10")


def test_days_add_up() -> None:
    days = trend([clean(1), clean(2), clean(30), Standing("offline", "x", BEGIN)])
    assert days == ((date(2026, 3, 1), 2), (date(2026, 3, 2), 3))


def test_the_rate_of_the_last_minutes_needs_two_looks() -> None:
    from sekisho.fleet.progress import lately

    begin = datetime(2026, 3, 1, tzinfo=UTC)
    assert lately([(begin, 5)], 10) is None
    assert lately([(begin, 5), (begin, 9)], 10) is None
    assert lately([(begin, 5), (begin + timedelta(hours=1), 15)], 20) == (
        10.0,
        begin + timedelta(hours=3),
    )
    assert lately([(begin, 5), (begin + timedelta(hours=1), 4)], 20) == (0.0, None)
