from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.audit.coverage import Coverage, measure
from sekisho.audit.sight import Sight, View, seen_at
from sekisho.model.sites import Sensor

START = datetime(2024, 3, 1, tzinfo=UTC)
SENSORS = {
    name: Sensor(name, site, sees=frozenset(sees))
    for name, site, sees in [
        ("jp-edge", "jp", {"edge"}),
        ("jp-inside", "jp", {"inside"}),
        ("jp-net", "jp", {"internet"}),
        ("th-edge", "th", {"edge", "internet"}),
        ("hub", "sg", {"transit"}),
        ("blind", "jp", set()),
    ]
}


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def view(sensor: str, first: float, established: float | None = None, last: float = 10) -> View:
    done = None if established is None else at(established)
    return View(sensor, 1, int(done is not None), at(first), at(last), done)


@pytest.mark.parametrize(
    ("src", "dst", "outside", "expected"),
    [
        ("jp", "th", False, {"jp-edge", "th-edge", "hub"}),
        ("jp", "us", False, {"jp-edge", "hub"}),
        ("jp", "sg", False, {"jp-edge"}),  # the hub sees what passes between other sites
        ("jp", "jp", False, {"jp-inside"}),
        ("jp", None, True, {"jp-net"}),
        (None, "th", True, {"th-edge"}),
        ("jp", None, False, {"jp-net", "jp-edge"}),
        (None, None, False, set()),
    ],
)
def test_who_could_have_seen_it(
    src: str | None, dst: str | None, outside: bool, expected: set[str]
) -> None:
    assert Sight(SENSORS).able(src, dst, outside) == expected


@pytest.fixture
def coverage(make_hours: Callable[..., Any], make_spans: Callable[..., Any]) -> Coverage:
    return measure(
        SENSORS,
        make_hours({"jp-edge": [0, 1], "th-edge": [0, 5], "hub": [0]}),
        make_spans({}),
        now=START + timedelta(days=1),
    )


@pytest.mark.parametrize(
    ("recorders", "hour", "expected"),
    [
        (("jp-edge", "th-edge"), 0, "both"),
        (("jp-edge",), 0, "source_only"),
        (("th-edge",), 0, "destination_only"),
        (("jp-edge",), 1, "single"),  # the other end was not looking
        (("th-edge",), 5, "single"),
        (("hub",), 0, "single"),  # both looked, neither recorded it
    ],
)
def test_seen_at(coverage: Coverage, recorders: tuple[str, ...], hour: int, expected: str) -> None:
    views = [view(name, hour * 3600 + 5, last=hour * 3600 + 9) for name in recorders]
    found = seen_at(views, frozenset({"jp-edge"}), frozenset({"th-edge"}), coverage)
    assert found == expected


def test_an_end_without_a_sensor_makes_it_single(coverage: Coverage) -> None:
    assert seen_at([view("jp-edge", 5)], frozenset({"jp-edge"}), frozenset(), coverage) == "single"
