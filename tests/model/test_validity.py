from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from sekisho.model.validity import ALWAYS, Validity, change_points, in_utc, whole_days

instants = st.one_of(
    st.none(), st.integers(0, 50).map(lambda n: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=n))
)
intervals = st.builds(Validity, instants, instants)


def test_the_day_it_expires_is_included() -> None:
    rule = whole_days(date(2019, 4, 1), date(2027, 3, 31))
    assert rule.holds(datetime(2019, 4, 1, tzinfo=UTC))
    assert not rule.holds(datetime(2019, 3, 31, 23, 59, 59, 999999, tzinfo=UTC))
    assert rule.holds(datetime(2027, 3, 31, 23, 59, 59, 999999, tzinfo=UTC))
    assert not rule.holds(datetime(2027, 4, 1, tzinfo=UTC))


def test_a_time_stands_for_itself_and_is_utc_without_a_zone() -> None:
    tokyo = timezone(timedelta(hours=9))
    rule = whole_days(datetime(2020, 6, 11, 9, tzinfo=tokyo), datetime(2020, 6, 11, 3))  # noqa: DTZ001 - the case
    assert rule == Validity(datetime(2020, 6, 11, tzinfo=UTC), datetime(2020, 6, 11, 3, tzinfo=UTC))
    assert in_utc(datetime(2020, 1, 1)) == datetime(2020, 1, 1, tzinfo=UTC)  # noqa: DTZ001 - the case


def test_the_last_day_of_the_calendar_is_no_end() -> None:
    assert whole_days(None, date.max) == ALWAYS


@given(intervals, intervals, st.integers(0, 50))
def test_meet_overlaps_and_within_agree_with_the_instants(a: Validity, b: Validity, hour: int) -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
    both = a.meet(b)
    assert (both is not None and both.holds(at)) == (a.holds(at) and b.holds(at))
    if a.within(b) and a.holds(at):
        assert b.holds(at)


def test_change_points_come_once_and_in_order() -> None:
    one, two = datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 2, 1, tzinfo=UTC)
    assert change_points([Validity(two, None), Validity(one, two), ALWAYS]) == (one, two)
