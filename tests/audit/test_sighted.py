from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from sekisho.audit.pairs import week_of
from sekisho.audit.sighted import of_sites, placing, sighted
from sekisho.audit.stretches import hour_of
from sekisho.inventory.register import Inventory
from sekisho.model.addresses import key, parse_address
from sekisho.model.coverage import Unmapped
from sekisho.store.lake import Lake
from sekisho.store.sightings import NOBODY, UNKNOWN

MONDAY = datetime(2020, 6, 1, tzinfo=UTC)


def test_flows_of_pairs_and_unmapped_prefixes(lake: Lake, inventory: Inventory) -> None:
    flows, unmapped = sighted(lake, inventory, None, None)
    week = week_of(hour_of(MONDAY))
    assert set(flows[week, "jp-hq", "th-plant"]) == {"jp-edge", "th-edge"}
    assert flows[week, "jp-hq", "th-plant"]["th-edge"] > 100
    (prefix,) = unmapped.prefixes
    assert unmapped.total == 1
    assert (prefix.hosts, prefix.realm, prefix.connections) == (1, None, 1)
    assert prefix.prefix.endswith("/32")
    assert MONDAY <= prefix.first_seen <= prefix.last_seen < MONDAY + timedelta(days=7)


def test_each_kind_of_end_has_its_place(inventory: Inventory) -> None:
    sites = sorted(inventory.sites)
    texts = ["10.1.20.1", "10.40.2.10", "172.31.255.1", "8.8.8.8", "224.0.0.1", "fe80::1"]
    keys = [key(parse_address(text)) for text in texts]
    ends = pa.table(
        {
            "epoch": pa.array([len(inventory.change_points)] * len(keys), pa.int32()),
            "realm": [""] * len(keys),
            "hi": pa.array([hi for hi, _ in keys], pa.int64()),
            "lo": pa.array([lo for _, lo in keys], pa.int64()),
        }
    )
    found = placing(inventory, sites)(ends)["place"].to_pylist()
    assert found == [sites.index("jp-hq"), sites.index("th-plant"), UNKNOWN, NOBODY, NOBODY, NOBODY]
    assert placing(inventory, sites)(ends.slice(0, 0)).num_rows == 0


def test_what_talks_to_some_sites(lake: Lake, inventory: Inventory) -> None:
    _, unmapped = sighted(lake, inventory, None, None)
    (site,) = unmapped.prefixes[0].sites
    assert of_sites(unmapped, frozenset({site})) == unmapped
    assert of_sites(unmapped, frozenset({"nowhere"})) == Unmapped()
