from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.contain.conftest import NOW

from sekisho.audit.coverage import Coverage, Hours
from sekisho.audit.sight import Sight
from sekisho.audit.stretches import hour_of
from sekisho.contain.contained import Looked, Lookers, contained
from sekisho.contain.force import Enforced, Force
from sekisho.contain.proposal import Ground
from sekisho.model.containment import Crossed, ReadBack, Unwatched, Watching
from sekisho.model.findings import End
from sekisho.model.probes import Probed
from sekisho.model.restrictions import Restriction
from sekisho.model.sites import Sensor

EDGES: dict[str, Any] = {"sees": frozenset({"edge"})}
SENSORS = {
    "th-edge": Sensor("th-edge", "th", **EDGES),
    "jp-edge": Sensor("jp-edge", "jp", **EDGES),
}


def gateway(**fields: Any) -> ReadBack:
    values = {"name": "th-gw", "deliver": "ssh", "state": "applied", "reached": True, "holds": True}
    return ReadBack.model_validate(values | fields)


def seen(came: str) -> Crossed:
    return Crossed.model_validate(
        {
            "finding": "F",
            "came": came,
            "src": End(address="10.40.1.1"),
            "dst": End(address="10.1.1.1"),
            "protocol": "tcp",
            "port": 445,
            "service": "smb",
            "flows": 3,
            "established": 0,
            "first": NOW,
            "last": NOW,
        }
    )


WATCHED = Looked((Watching(sensor="th-edge", site="th", state="watched"),))


def test_contained_is_held_watched_and_not_escaped() -> None:
    word, why = contained([gateway()], [seen("dropped"), seen("draining")], WATCHED)
    assert (word, why) == (
        "yes",
        (
            "th-gw holds it as told",
            "nothing escaped, and th-edge watched since",
            "3 attempts were seen and none was answered",
        ),
    )


@pytest.mark.parametrize(
    ("fields", "came", "why"),
    [
        ({}, "escaped", "escaped: established after"),
        ({}, "passing", "passes where no gateway"),
        ({"state": "rolled_back"}, "dropped", "th-gw does not hold it: rolled back"),
        ({"holds": False, "why": "no table"}, "dropped", "told and does not hold it: no table"),
    ],
)
def test_what_speaks_against_it(fields: dict[str, Any], came: str, why: str) -> None:
    word, reasons = contained([gateway(**fields)], [seen(came)], WATCHED)
    assert word == "no"
    assert why in reasons[0]


@pytest.mark.parametrize(
    ("fields", "came", "why"),
    [
        ({"holds": None, "reached": False, "why": "no route"}, "dropped", "not read back: no route"),
        ({"drift": True}, "dropped", "somebody else changed"),
        ({}, "one_way", "nobody could see whether it arrived"),
    ],
)
def test_what_leaves_it_open(fields: dict[str, Any], came: str, why: str) -> None:
    word, reasons = contained([gateway(**fields)], [seen(came)], WATCHED)
    assert word == "not_known"
    assert why in reasons[0]


def test_a_pair_that_nobody_watched_leaves_it_open() -> None:
    pair = Unwatched.model_validate({"from": "jp", "to": "th", "why": "nobody"})
    assert contained([gateway()], [], Looked((), (pair,))) == ("not_known", ("jp <-> th: nobody",))


def test_no_gateway_holds_nothing() -> None:
    assert contained([], [], WATCHED)[0] == "no"


def looked(ground: Ground, last: dict[str, datetime], **hours: tuple[int, int]) -> Looked:
    """Who looked in the three hours before noon; `hours` are covered ones, from nine."""
    start = NOW - timedelta(hours=3)
    first = hour_of(start)
    coverage = Coverage(
        {
            name.replace("_", "-"): (Hours(first + begin, first + end, "seen", 1, "records"),)
            for name, (begin, end) in hours.items()
        },
        first,
        first + 4,
    )
    force = Force([Enforced("P-1", Restriction(("link:th <-> jp",)), {"th-gw": start})], ground)
    lookers = Lookers(coverage, Sight(SENSORS), last, start, NOW)
    return lookers.at(force.holds[0], force.atlas)


def test_one_sensor_that_watched_is_enough(ground: Ground) -> None:
    found = looked(ground, {"th-edge": NOW}, th_edge=(0, 3))
    assert found.unwatched == ()
    assert [(s.sensor, s.state, s.missing) for s in found.sensors] == [
        ("jp-edge", "nothing", 3),
        ("th-edge", "watched", 0),
    ]


def test_two_that_take_turns_are_enough(ground: Ground) -> None:
    last = {"th-edge": NOW - timedelta(hours=1), "jp-edge": NOW}
    found = looked(ground, last, th_edge=(0, 2), jp_edge=(2, 3))
    assert found.unwatched == ()
    assert {s.state for s in found.sensors} == {"interrupted"}


def test_an_hour_that_nobody_recorded_is_named(ground: Ground) -> None:
    found = looked(ground, {"th-edge": NOW}, th_edge=(1, 3))
    (pair,) = found.unwatched
    assert {pair.begin, pair.end} == {"th", "jp"}
    assert pair.why == "nobody recorded 1 of 3 hours since"


def test_what_was_recorded_before_it_was_cut_does_not_count(ground: Ground) -> None:
    found = looked(ground, {"th-edge": NOW - timedelta(hours=3)}, th_edge=(0, 3))
    assert found.unwatched[0].why == "jp-edge, th-edge recorded nothing since"


def tried(outcome: str) -> Probed:
    return Probed.model_validate(
        {"from": "th", "to": "jp", "outcome": outcome, "why": "th-pc had an answer"}
    )


def test_a_probe_that_came_across_is_an_escape_and_no_other_changes_the_answer() -> None:
    word, why = contained([gateway()], [], WATCHED, [tried("reached"), tried("not_reached")])
    assert (word, why) == ("no", ("a probe came across th -> jp: th-pc had an answer",))
    word, why = contained([gateway()], [], WATCHED, [tried("not_reached"), tried("not_known")])
    assert word == "yes"
    assert why[-1] == "terminals tried 1 of 2 directions, and reached nothing that is cut"
    assert contained([gateway()], [], WATCHED, [tried("not_known")]) == contained(
        [gateway()], [], WATCHED
    )
    blind = Looked(unwatched=(Unwatched.model_validate({"from": "th", "to": "jp", "why": "w"}),))
    assert contained([gateway()], [], blind, [tried("not_reached")])[0] == "not_known"
