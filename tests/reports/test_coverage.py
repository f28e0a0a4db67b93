from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sekisho.model.findings import CoverageItem, Span
from sekisho.reports.coverage import extent, per_sensor, strip

BEGIN = datetime(2020, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def item(begin: int, until: int, state: str, sensor: str = "a") -> CoverageItem:
    return CoverageItem.model_validate(
        {
            "sensor": sensor,
            "from": BEGIN + HOUR * begin,
            "to": BEGIN + HOUR * until,
            "state": state,
            "why": state,
        }
    )


def span(begin: int | None, until: int | None) -> Span:
    ends = [None if n is None else BEGIN + HOUR * n for n in (begin, until)]
    return Span(begin=ends[0], end=ends[1])


def test_sums_are_clipped_to_the_window_and_adjoining_gaps_are_one() -> None:
    items = (item(0, 4, "seen"), item(4, 6, "no_data"), item(6, 8, "no_data"), item(8, 10, "quiet"))
    (found,) = per_sensor(items, span(2, 9))
    assert (found.seen, found.quiet, found.no_data) == (2 * HOUR, 1 * HOUR, 4 * HOUR)
    assert found.gaps == ((BEGIN + 4 * HOUR, BEGIN + 8 * HOUR),)
    assert found.recorded == 3 / 7
    assert not found.never
    assert found.reasons == ("no_data",)


def test_a_sensor_that_recorded_nothing_says_so() -> None:
    (found,) = per_sensor((item(0, 4, "no_data"),), span(None, None))
    assert found.never
    assert found.recorded == 0.0


def test_a_sensor_without_time_in_the_window_recorded_none_of_it() -> None:
    (found,) = per_sensor((item(0, 4, "seen"),), span(5, 9))
    assert (found.recorded, found.never) == (0.0, True)


def test_a_strip_tells_five_things_apart() -> None:
    items = (item(0, 2, "seen"), item(2, 4, "quiet"), item(4, 5, "seen"), item(5, 8, "no_data"))
    assert strip(items, BEGIN, BEGIN + 10 * HOUR, 5) == (
        "seen",
        "quiet",
        "partly",
        "no_data",
        "outside",
    )


def test_a_cell_with_any_flow_is_seen() -> None:
    items = (item(0, 1, "seen"), item(1, 10, "quiet"))
    assert strip(items, BEGIN, BEGIN + 10 * HOUR, 2) == ("seen", "quiet")


def test_one_hour_without_data_in_a_year_shows() -> None:
    items = (item(0, 4000, "seen"), item(4000, 4001, "no_data"), item(4001, 8760, "seen"))
    assert strip(items, BEGIN, BEGIN + 8760 * HOUR, 60).count("partly") == 1


def test_the_period_of_an_open_window_is_where_coverage_is() -> None:
    assert extent((item(3, 4, "seen"),), span(None, None)) == (BEGIN + 3 * HOUR, BEGIN + 4 * HOUR)
    assert extent((), span(None, 4)) is None
    assert extent((), span(1, 4)) == (BEGIN + HOUR, BEGIN + 4 * HOUR)
    assert extent((), span(4, 4)) is None
