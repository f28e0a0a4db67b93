from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from sekisho.app.collecting.labels import Labelled, label
from sekisho.model.sites import RealmMatch, Sensor

NAMES = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]
OWNERS = {
    "10.0.0.1": (Sensor("lone", "jp", realm="lab"),),
    "10.0.0.2": (
        Sensor("left", "jp", match={"host": "l"}),
        Sensor("right", "jp", match={"host": "r"}, realm="x"),
    ),
    "10.0.0.3": (
        Sensor(
            "vlans",
            "jp",
            realms=(RealmMatch({"vlan": "7"}, "seven"), RealmMatch({"host": "l"}, "l")),
        ),
    ),
    "10.0.0.4": (Sensor("some", "jp", match={"host": "l"}), Sensor("rest", "jp")),
}


def labelled(came: list[int], hosts: list[Any], vlans: list[Any], **more: Any) -> Labelled:
    flows = pa.table({"row": list(range(len(came)))})
    fields = pa.table({"host": pa.array(hosts, pa.string()), "vlan": pa.array(vlans, pa.string())})
    return label(flows, fields, np.array(came), NAMES, OWNERS, **more)


def told(found: Labelled) -> list[tuple[Any, ...]]:
    assert found.flows["src_realm"] == found.flows["dst_realm"]
    columns = ("row", "sensor", "src_realm")
    return list(zip(*(found.flows[name].to_pylist() for name in columns), strict=True))


def test_each_flow_is_its_senders_sensors() -> None:
    found = labelled(
        [0, 1, 1, 1, 2, 2, 2, 3, 3, 0],
        ["l", "l", "r", "q", "l", None, "l", "l", "z", None],
        [None, None, "7", None, "7", "7", None, None, None, "7"],
    )
    assert told(found) == [
        (0, "lone", "lab"),
        (1, "left", ""),
        (2, "right", "x"),
        (4, "vlans", "seven"),
        (5, "vlans", "seven"),
        (6, "vlans", "l"),
        (7, "some", ""),
        (8, "rest", ""),
        (9, "lone", "lab"),
    ]
    assert found.places.tolist() == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert found.nobodys.tolist() == [3]


def test_of_one_reading_only_its_own_sensors_flows_and_of_the_others_none_is_nobodys() -> None:
    found = labelled(
        [1, 1, 1, 3, 3], ["l", "r", "q", "l", "z"], [None] * 5, among=frozenset({"left", "rest"})
    )
    assert told(found) == [(0, "left", ""), (4, "rest", "")]
    assert found.nobodys.tolist() == [2]


def test_an_unknown_address_is_nobodys() -> None:
    flows = pa.table({"row": [1]})
    found = label(flows, None, np.array([0]), ["10.9.9.9"], {})
    assert (found.flows.num_rows, found.nobodys.tolist()) == (0, [0])
    assert found.flows.column_names == ["row", "sensor", "src_realm", "dst_realm"]
