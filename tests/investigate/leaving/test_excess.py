"""What counts of a way: all of a new one, the excess of an old one."""

from __future__ import annotations

from sekisho.investigate.leaving.excess import Excess, excess
from sekisho.investigate.leaving.moves import Moved, Way
from sekisho.investigate.moments import DAY

MB = 1_000_000


def way(*volumes: tuple[int, int], spread: int = 0) -> Way:
    """(day, bytes) each at noon."""
    days = tuple(
        Moved(day, low, spread, 10, day * DAY + DAY // 2, day * DAY + DAY // 2 + 5, 1, 1 << 12, 0)
        for day, low in volumes
    )
    return Way(0, 1, 2, pulled=False, days=days)


def counted(of: Way, since: float, *, incident: float = 0, party: bool = False) -> Excess | None:
    begin = min(since, incident or since)
    return excess(
        of,
        since=int(since * DAY),
        incident=int(begin * DAY),
        known_from=2 * DAY,
        window=(0, 100),
        party=party,
    )


def test_all_that_went_to_a_new_peer_counts() -> None:
    found = counted(way((20, MB), (21, 2 * MB), spread=7), 10)
    assert found is not None
    assert (found.age, found.low, found.spread, found.back) == ("new", 3 * MB, 14, 20)
    assert (found.first, found.last) == (20 * DAY + DAY // 2, 21 * DAY + DAY // 2 + 5)


def test_one_that_began_before_its_source_is_known_to_be_reached() -> None:
    found = counted(way((20, MB)), 30, incident=10)
    assert found is not None
    assert found.age == "early"


def test_where_evidence_begins_too_late_to_say() -> None:
    found = counted(way((1, MB)), 1)
    assert found is not None
    assert found.age == "unknown"


def test_what_goes_on_as_ever_is_nothing() -> None:
    assert counted(way(*((day, 30 * MB + day) for day in range(40))), 20) is None


def test_a_leak_of_weeks_is_measured_by_the_days_before_it() -> None:
    before = [(day, 2 * MB + day % 2) for day in range(20)]
    found = counted(way(*before, *((day, 100 * MB) for day in range(20, 40))), 20)
    assert found is not None
    assert (found.age, len(found.days)) == ("departed", 20)
    assert found.low == 20 * (98 * MB - 1)
    assert found.low <= 20 * 98 * MB <= found.low + found.spread
    assert "usual 2.0 MB a day (median of 20 days" in found.text


def test_few_days_before_are_no_full_baseline() -> None:
    found = counted(way((18, 2 * MB), (19, 2 * MB), (25, 100 * MB)), 20)
    assert found is not None
    assert found.age == "above"
    assert counted(way((18, 2 * MB), (25, 9 * MB)), 20) is None


def test_of_a_party_to_the_incident_all_counts() -> None:
    found = counted(way((18, 2 * MB), (25, 3 * MB)), 20, party=True)
    assert found is not None
    assert found.low == 5 * MB


def test_days_outside_the_window_do_not_count() -> None:
    found = counted(way((99, MB), (100, MB)), 20)
    assert found is not None
    assert found.low == MB
    assert counted(way((100, MB)), 20) is None
