"""Who stands at home, held against the standard library's networks."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import numpy as np
import pyarrow as pa
import pytest

from sekisho.model.addresses import bounds, halves, key
from sekisho.store.base import AddressRange, SensorTraits
from sekisho.store.sides import at_home

HOMES = {
    "": ["10.1.0.0/16", "2001:db8:ffff:ffff:8000::/65", "2001:dba::/31"],
    "acquired": ["10.2.0.0/24"],
}
EDGES = [
    "10.0.255.255",
    "10.1.0.0",
    "10.1.255.255",
    "10.2.0.0",
    "2001:db8:ffff:ffff:7fff:ffff:ffff:ffff",
    "2001:db8:ffff:ffff:8000::",
    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db9:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:dba::",
    "2001:dbb:8000::1",
    "2001:dbc::",
]


NEVER = np.zeros(4, dtype=np.int64)


def home(
    realm: str, prefix: str, begin: int | None = None, end: int | None = None, own: bool = True
) -> AddressRange:
    first, last = bounds(ip_network(prefix))
    return AddressRange(realm, *halves(first), *halves(last), begin, end, own)


@pytest.mark.parametrize("realm", ["", "acquired", "elsewhere"])
def test_both_ends_of_each_prefix_are_in_and_their_neighbours_are_not(realm: str) -> None:
    traits = {"edge": SensorTraits("jp-hq", tuple(home(r, p) for r, ps in HOMES.items() for p in ps))}
    keys = [key(ip_address(text)) for text in EDGES]
    columns = (
        pa.array(["edge"] * len(EDGES)),
        pa.array([realm] * len(EDGES)),
        pa.array([hi for hi, _ in keys]),
        pa.array([lo for _, lo in keys]),
    )
    wanted = [
        any(ip_address(text) in ip_network(prefix) for prefix in HOMES.get(realm, [])) for text in EDGES
    ]
    assert any(wanted) == (realm in HOMES)
    assert at_home(traits, *columns, np.zeros(len(EDGES), dtype=np.int64)).tolist() == wanted


def test_a_sensor_without_a_home_is_nowhere_and_rows_keep_their_order() -> None:
    traits = {"edge": SensorTraits("jp-hq", (home("", "10.1.0.0/16"),)), "tap": SensorTraits()}
    hi, lo = key(ip_address("10.1.2.3"))
    sensors = pa.chunked_array([["tap", "edge"], ["unknown", "edge"]])
    found = at_home(traits, sensors, pa.array([""] * 4), pa.array([hi] * 4), pa.array([lo] * 4), NEVER)
    assert found.tolist() == [False, True, False, True]


def test_a_part_that_is_another_sites_for_a_time_is_not_home_then() -> None:
    lab = home("", "10.1.64.0/20", 10, 20, own=False)
    traits = {"edge": SensorTraits("jp-hq", (home("", "10.1.0.0/16", None, 30), lab))}
    hi, lo = key(ip_address("10.1.64.9"))
    times = np.array([9, 10, 19, 20, 29, 30])
    columns = (pa.array(part) for part in (["edge"] * 6, [""] * 6, [hi] * 6, [lo] * 6))
    found = at_home(traits, *columns, times)
    assert found.tolist() == [True, False, False, True, True, False]
