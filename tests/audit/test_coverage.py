from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.audit.coverage import Coverage, measure
from sekisho.model.sites import Sensor
from sekisho.model.validity import Validity

START = datetime(2024, 3, 1, tzinfo=UTC)
NOW = START + timedelta(days=400)
EPOCH_HOUR = int(START.timestamp()) // 3600
Make = Callable[..., Any]


def at(hour: float) -> datetime:
    return START + timedelta(hours=hour)


def states(coverage: Coverage, sensor: str, first: int, last: int) -> str:
    letters = {"seen": "S", "quiet": "q", "no_data": "-"}
    return "".join(letters[coverage.state(sensor, at(hour))] for hour in range(first, last))


def test_a_silence_that_nothing_explains_is_no_data(make_hours: Make, make_spans: Make) -> None:
    coverage = measure(
        {"a": Sensor("a", "jp")}, make_hours({"a": [0, 1, 5, 6]}), make_spans({}), now=NOW
    )
    assert states(coverage, "a", 0, 7) == "SS---SS"
    item = coverage.items()[1]
    assert (item.begin, item.end, item.state) == (at(2), at(5), "no_data")
    assert item.why == "no records for 3 h; this sensor had no other silence as long"


def test_a_file_that_spans_whole_hours_shows_the_sensor_alive(
    make_hours: Make, make_spans: Make
) -> None:
    coverage = measure(
        {"a": Sensor("a", "jp")},
        make_hours({"a": [0, 6]}),
        make_spans({"a": [(0, 3.5), (6, 6.5)]}),
        now=NOW,
    )
    assert states(coverage, "a", 0, 7) == "Sqq---S"


def test_silences_that_the_sensor_often_has_are_quiet(make_hours: Make, make_spans: Make) -> None:
    # Eight silent hours every night for ten days; on the fifth evening it fails for a night and a day.
    office = [d * 24 + h for d in range(10) for h in range(8, 24) if d != 5]
    coverage = measure({"a": Sensor("a", "jp")}, make_hours({"a": office}), make_spans({}), now=NOW)
    assert states(coverage, "a", 24, 48) == "q" * 8 + "S" * 16
    assert states(coverage, "a", 5 * 24, 6 * 24) == "-" * 24
    assert "7 other silences as long" in (coverage.items()[1].why or "")


def test_a_few_outages_a_year_do_not_make_an_outage_ordinary(
    make_hours: Make, make_spans: Make
) -> None:
    down = {day * 24 + h for day in (20, 90, 160, 230, 300) for h in range(10)}
    hours = [h for h in range(360 * 24) if h not in down]
    coverage = measure({"a": Sensor("a", "jp")}, make_hours({"a": hours}), make_spans({}), now=NOW)
    assert {i.state for i in coverage.items() if i.state != "seen"} == {"no_data"}


def test_a_sensor_without_a_record_has_no_data_throughout(make_hours: Make, make_spans: Make) -> None:
    sensors = {"a": Sensor("a", "jp"), "b": Sensor("b", "th")}
    coverage = measure(sensors, make_hours({"a": [0, 1, 2]}), make_spans({}), now=NOW)
    (item,) = [i for i in coverage.items() if i.sensor == "b"]
    assert (item.begin, item.end, item.state, item.flows) == (at(0), at(3), "no_data", 0)


def test_logs_of_hosts_are_no_hole_in_what_was_seen(make_hours: Make, make_spans: Make) -> None:
    sensors = {"a": Sensor("a", "jp"), "h": Sensor("h", "jp", kind="windows")}
    coverage = measure(sensors, make_hours({"a": [0, 1]}), make_spans({}), now=NOW)
    assert {item.sensor for item in coverage.items()} == {"a"}
    # A sensor that does give flows counts, whatever its kind says.
    odd = measure(sensors, make_hours({"a": [0], "h": [0]}), make_spans({}), now=NOW)
    assert {item.sensor for item in odd.items()} == {"a", "h"}


def test_a_sensor_answers_for_its_own_validity_only(make_hours: Make, make_spans: Make) -> None:
    sensors = {
        "a": Sensor("a", "jp"),
        "new": Sensor("new", "th", validity=Validity(at(5), None)),
        "old": Sensor("old", "th", validity=Validity(None, at(2))),
    }
    hours = make_hours({"a": list(range(10)), "new": [7], "old": [0, 4]})
    coverage = measure(sensors, hours, make_spans({}), now=NOW)
    found = [(i.sensor, i.begin, i.end, i.state) for i in coverage.items() if i.sensor != "a"]
    assert found == [
        ("new", at(5), at(7), "no_data"),
        ("new", at(7), at(8), "seen"),
        ("new", at(8), at(10), "no_data"),
        ("old", at(0), at(1), "seen"),
        ("old", at(1), at(2), "no_data"),
        ("old", at(4), at(5), "seen"),
    ]


def test_a_window_wider_than_the_evidence_has_no_data_there(make_hours: Make, make_spans: Make) -> None:
    sensors = {"a": Sensor("a", "jp")}
    coverage = measure(
        sensors, make_hours({"a": [0]}), make_spans({}), now=NOW, begin=at(-2.5), end=at(4)
    )
    assert [(i.begin, i.end, i.state) for i in coverage.items(at(-2.5), at(4))] == [
        (at(-2.5), at(0), "no_data"),
        (at(0), at(1), "seen"),
        (at(1), at(4), "no_data"),
    ]
    assert coverage.items(at(0.5), at(0.75))[0].begin == at(0.5)


def test_times_that_cannot_be_do_not_stretch_coverage(make_hours: Make, make_spans: Make) -> None:
    far = 24 * 365 * 60
    coverage = measure(
        {"a": Sensor("a", "jp"), "b": Sensor("b", "jp")},
        make_hours({"a": [0, far]}),
        make_spans({"a": [(0, far)]}),
        now=at(2),
    )
    assert max(i.end for i in coverage.items()) == at(26)
    assert states(coverage, "a", 0, 3) == "S--"


def test_an_empty_lake_has_no_coverage(make_hours: Make, make_spans: Make) -> None:
    coverage = measure({"a": Sensor("a", "jp")}, make_hours({}), make_spans({}), now=NOW)
    assert coverage.items() == ()
    assert coverage.state("a", START) == "no_data"
    assert coverage.since(frozenset({"a"}), START) is None


@given(
    st.dictionaries(st.sampled_from("abc"), st.lists(st.integers(0, 200), max_size=60)),
    st.dictionaries(
        st.sampled_from("abc"),
        st.lists(st.tuples(st.floats(0, 200), st.floats(0, 40)).map(lambda s: (s[0], s[0] + s[1]))),
    ),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_hour_has_one_state_and_records_are_always_seen(
    make_hours: Make, make_spans: Make, hours: dict[str, list[int]], spans: dict[str, Any]
) -> None:
    sensors = {name: Sensor(name, "jp") for name in "abc"}
    coverage = measure(sensors, make_hours(hours), make_spans(spans), now=NOW)
    again = measure(
        sensors,
        make_hours({name: rows[::-1] for name, rows in reversed(hours.items())}),
        make_spans({name: rows[::-1] for name, rows in reversed(spans.items())}),
        now=NOW,
    )
    assert coverage.items() == again.items()
    for name in "abc":
        items = [i for i in coverage.items() if i.sensor == name]
        for before, after in pairwise(items):
            assert before.end == after.begin
            assert (before.state, before.why) != (after.state, after.why)
        assert sum(i.flows for i in items) == len(hours.get(name, []))
        assert all(coverage.state(name, at(hour)) == "seen" for hour in hours.get(name, []))
        for begin, end in spans.get(name, []):
            if hour_inside := next((h for h in range(240) if begin <= h and h + 1 <= end), None):
                assert coverage.alive(name, at(hour_inside))
        if items:
            assert (items[0].begin, items[-1].end) == (
                START + timedelta(hours=coverage.begin - EPOCH_HOUR),
                START + timedelta(hours=coverage.end - EPOCH_HOUR),
            )


def test_since_is_the_end_of_the_last_gap_of_all(make_hours: Make, make_spans: Make) -> None:
    sensors = {name: Sensor(name, "jp") for name in "ab"}
    hours = make_hours(
        {"a": [*range(10), *range(50, 60)], "b": [*range(8, 20), 40, 41, *range(58, 70)]}
    )
    coverage = measure(sensors, hours, make_spans({}), now=NOW)
    both = frozenset("ab")
    assert coverage.since(both, at(15)) == at(0)
    assert coverage.since(both, at(41.5)) == at(40)
    assert coverage.since(both, at(65)) == at(50)
    assert coverage.since(frozenset("b"), at(65)) == at(58)
    assert coverage.since(both, at(30)) is None


def test_hours_of_which_the_lake_lost_records_are_no_data_whatever_spans_them(
    make_hours: Make, make_spans: Make
) -> None:
    hours, spans = make_hours({"a": [0, 30]}), make_spans({"a": [(0, 48)]})
    day = {"sensor": ["a"], "day": pa.array([START], pa.timestamp("us", "UTC"))}
    sensors = {"a": Sensor("a", "jp")}
    assert measure(sensors, hours, spans, now=NOW).state("a", at(5)) == "quiet"
    found = measure(sensors, hours, spans, now=NOW, lost=pa.table(day))
    assert states(found, "a", 0, 32) == "S" + "-" * 23 + "q" * 6 + "Sq"


def test_what_was_lost_on_the_way_stands_with_the_hours_it_was_lost_in(
    make_hours: Make, make_spans: Make
) -> None:
    losses = make_hours({"a": [0, 2, 5], "b": [0]})
    losses = losses.append_column("lost", pa.array([7, 0, 5, 9], pa.int64()))
    coverage = measure(
        {"a": Sensor("a", "jp")},
        make_hours({"a": [0, 1, 2, 6]}),
        make_spans({}),
        now=NOW,
        losses=losses,
    )
    found = [(item.sensor, item.state, item.lost) for item in coverage.items()]
    assert found == [("a", "seen", 7), ("a", "no_data", 5), ("a", "seen", 0)]


def test_hours_that_a_site_could_not_keep_are_no_data_with_the_reason(
    make_hours: Make, make_spans: Make
) -> None:
    hours, spans = make_hours({"a": [0, 4, 9]}), make_spans({"a": [(0, 9.5)]})
    gaps = [
        ("a", at(2.5), at(4.5), "too old"),
        ("a", at(4), at(6), "no room"),
        ("b", at(0), at(9), "-"),
    ]
    coverage = measure({"a": Sensor("a", "jp")}, hours, spans, now=NOW, gaps=gaps)
    assert states(coverage, "a", 0, 10) == "Sq--S--qqS"
    told = {(item.begin, item.end): item.why for item in coverage.items() if item.state == "no_data"}
    assert told == {(at(2), at(4)): "too old", (at(5), at(7)): "no room"}
