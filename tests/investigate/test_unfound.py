from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sekisho.inventory.register import Inventory
from sekisho.investigate.unfound import SHOWN, Looked, looked, unfound
from sekisho.model.findings import CoverageItem
from sekisho.model.sites import Sensor, Site

SITES = {name: Site(name, name, "", "UTC", "", ()) for name in ("jp", "th", "us")}
SENSORS = {
    "jp-edge": Sensor("jp-edge", "jp", sees=frozenset({"edge"})),
    "th-edge": Sensor("th-edge", "th", sees=frozenset({"edge"})),
    "us-in": Sensor("us-in", "us", sees=frozenset({"inside"})),
}
INVENTORY = Inventory(sites=SITES, sensors=SENSORS)


def item(sensor: str, state: Any, first: int, last: int) -> CoverageItem:
    fields: dict[str, Any] = {"from": datetime(2020, 6, first, tzinfo=UTC), "state": state}
    return CoverageItem(sensor=sensor, to=datetime(2020, 6, last, tzinfo=UTC), **fields)


def test_what_was_looked_at_and_what_was_not_recorded() -> None:
    items = [
        item("jp-edge", "seen", 1, 9),
        item("jp-edge", "no_data", 9, 10),
        item("us-in", "quiet", 2, 4),
    ]
    where = looked(INVENTORY, [*items, item("th-edge", "no_data", 1, 10)], {"jp-edge": 7}, 1)
    assert (where.begin, where.end) == (
        datetime(2020, 6, 1, tzinfo=UTC),
        datetime(2020, 6, 9, tzinfo=UTC),
    )
    assert where.sensors == ("jp-edge", "us-in")
    assert where.blind == ("th", "us"), "th recorded nothing, and us-in does not see its edge"
    text = unfound(["host 10.9.9.9"], where, names=True)
    assert text.splitlines() == [
        "nothing was found of host 10.9.9.9",
        "looked in everything recorded from 2020-06-01 00:00Z until 2020-06-09 00:00Z by jp-edge, us-in",
        "not recorded: jp-edge from 2020-06-09 00:00Z until 2020-06-10 00:00Z",
        "not recorded: th-edge from 2020-06-01 00:00Z until 2020-06-10 00:00Z",
        "no sensor recorded what crosses the edge of th, us",
        "names were logged by jp-edge only",
        "1 damaged files of the lake could not be asked",
    ]
    assert "names" not in unfound(["host 10.9.9.9"], where, names=False)


def test_nothing_recorded_is_another_answer() -> None:
    text = unfound(["indicator evil.example"], looked(INVENTORY, [], {}, 0), names=True)
    assert text.endswith("nothing was recorded at all: the lake holds no evidence")
    known = looked(INVENTORY, [item("jp-edge", "seen", 1, 2)], {}, 0)
    assert "no sensor logged names" in unfound(["indicator evil.example"], known, names=True)


def test_a_thousand_silences_are_counted() -> None:
    silent = tuple(item("jp-edge", "no_data", 1, 2) for _ in range(SHOWN + 3))
    where = Looked(silent[0].begin, silent[0].end, ("jp-edge",), silent, naming={})
    text = unfound(["host x"], where, names=False)
    assert text.count("not recorded: jp-edge") == SHOWN
    assert "not recorded: 3 more silences" in text
