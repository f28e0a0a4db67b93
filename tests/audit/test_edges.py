from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.audit.coverage import Coverage, measure
from sekisho.audit.edges import UNKNOWN_RATE, edges
from sekisho.audit.stretches import hour_of
from sekisho.model.sites import Sensor
from sekisho.store.queries.columns import DAY

START = datetime(2024, 3, 1, tzinfo=UTC)
ZERO = hour_of(START)
EDGE = frozenset({"edge"})


@pytest.fixture
def covered(make_hours: Any, make_spans: Any) -> Callable[..., Coverage]:
    """`jp` recorded from hour 0 until 48 but for some, `th` throughout."""

    def make(*gap: int) -> Coverage:
        hours = {"jp": [h for h in range(48) if h not in gap], "th": list(range(48))}
        now = START + timedelta(hours=60)
        return measure(sensors(), make_hours(hours), make_spans({}), now=now)

    return make


def sensors(**jp: Any) -> dict[str, Sensor]:
    return {
        "jp": Sensor("jp", "jp-hq", sees=EDGE, **jp),
        "th": Sensor("th", "th-plant", sees=EDGE),
        "in": Sensor("in", "us-plant", sees=frozenset({"inside"})),
    }


def test_hours_around_a_gap_and_at_the_ends_are_dark(covered: Callable[..., Coverage]) -> None:
    found = edges(sensors(), covered(10, 11))
    assert {hour - ZERO for hour in found.dark["jp-hq"]} == {0, 9, 10, 11, 12, 47}
    assert {hour - ZERO for hour in found.dark["th-plant"]} == {0, 47}
    assert list(found.sites) == ["jp-hq", "th-plant"], "who sees the inside has no edge"
    noon = START + timedelta(hours=12, minutes=30)
    assert found.is_dark("jp-hq", START + timedelta(hours=3), noon)
    assert not found.is_dark("jp-hq", noon + timedelta(hours=1), noon + timedelta(hours=30))


def test_hours_in_which_records_were_lost_are_dark(covered: Callable[..., Coverage]) -> None:
    found = edges(sensors(), covered(), losses=[("jp", ZERO + 30)])
    assert {30, 29, 31} <= {hour - ZERO for hour in found.dark["jp-hq"]}


def test_an_ordinary_silence_shows_no_living_sensor(covered: Callable[..., Coverage]) -> None:
    coverage = covered(5, 15, 25, 35)
    assert coverage.state("jp", START + timedelta(hours=25)) == "quiet"
    assert ZERO + 25 in edges(sensors(), coverage).dark["jp-hq"]


def test_rates_are_stated_or_taken(covered: Callable[..., Coverage]) -> None:
    stated = edges(sensors(sampling=64), covered())
    assert (stated.one_in, stated.stated) == ({"jp-hq": 64}, {"jp-hq": True})
    taken = edges(sensors(), covered(), sampled=["th"])
    assert (taken.one_in, taken.stated) == ({"th-plant": UNKNOWN_RATE}, {"th-plant": False})


def test_as_the_store_takes_them(covered: Callable[..., Coverage]) -> None:
    found = edges(sensors(sampling=64), covered(26))
    ends = found.ends(["th-plant", None, "us-plant", "jp-hq"])
    assert ends.class_sites.to_pylist() == [{"class": 0, "site": 2}, {"class": 3, "site": 1}]
    assert [found.name(number) for number in ends.edges["site"].to_pylist()] == [
        "jp-hq",
        "th-plant",
    ]
    masks = {(row["site"], row["day"]): row["hours"] for row in ends.dark.to_pylist()}
    day = int(START.timestamp() * 1_000_000)
    assert masks[1, day + DAY] == 1 << 1 | 1 << 2 | 1 << 3 | 1 << 23
    assert ends.rates.to_pylist() == [{"site": 1, "one_in": 64.0}]
