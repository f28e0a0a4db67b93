"""The store's sightings in the words of the inventory: flows of site pairs, and unmapped prefixes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from ipaddress import ip_network
from typing import Any

import numpy as np
import pyarrow as pa

from sekisho.audit.evidence import rows_of
from sekisho.inventory.register import Inventory
from sekisho.model.addresses import address_of
from sekisho.model.coverage import Unmapped, UnmappedPrefix
from sekisho.policy.classes import Classes
from sekisho.store.lake import Lake
from sekisho.store.sightings import NOBODY, UNKNOWN

MOST_PREFIXES = 1000
_LENGTH = {4: 24, 6: 64}
Flows = dict[tuple[int, str, str], dict[str, int]]
"""By (hour that the week begins with, the two sites in order): flows by sensor."""


def sighted(
    lake: Lake, inventory: Inventory, begin: datetime | None, end: datetime | None
) -> tuple[Flows, Unmapped]:
    """Of the whole days that touch a window (aware UTC; None: all evidence)."""
    sites = sorted(inventory.sites)
    found = lake.sightings(
        begin, end, inventory.change_points, placing(inventory, sites), MOST_PREFIXES
    )
    flows: Flows = defaultdict(dict)
    for row in found.between.to_pylist():
        flows[row["week"] * 24, sites[row["a"]], sites[row["b"]]][row["sensor"]] = row["flows"]
    prefixes = tuple(_prefix(row, sites) for row in rows_of(found.strangers))
    return dict(flows), Unmapped(total=found.networks, prefixes=prefixes)


def of_sites(unmapped: Unmapped, sites: frozenset[str]) -> Unmapped:
    """What talks to some of the sites."""
    kept = tuple(one for one in unmapped.prefixes if sites & set(one.sites))
    return Unmapped(total=len(kept), prefixes=kept)


def placing(inventory: Inventory, sites: Sequence[str]) -> Callable[[Any], Any]:
    """What names the place of an end: the number of its site, UNKNOWN for an address that only the
    company itself could have, NOBODY for the internet, zones, multicast and the like."""
    classes = Classes(inventory, ())
    number = {name: code for code, name in enumerate(sites)}

    def places(ends: Any) -> Any:
        labelled = classes.label(ends)
        codes = np.array(
            [
                number[one.site]
                if one.site is not None
                else UNKNOWN
                if one.scope == "private"
                else NOBODY
                for one in classes.list
            ],
            dtype=np.int32,
        )
        found = codes[labelled["class"].to_numpy()] if labelled.num_rows else codes[:0]
        return labelled.append_column("place", pa.array(found, pa.int32()))

    return places


def _prefix(row: dict[str, Any], sites: Sequence[str]) -> UnmappedPrefix:
    address = address_of(row["hi"], row["lo"])
    length = address.max_prefixlen if row["hosts"] == 1 else _LENGTH[address.version]
    return UnmappedPrefix(
        prefix=str(ip_network((address, length), strict=False)),
        realm=row["realm"] or None,
        hosts=row["hosts"],
        connections=row["connections"],
        flows=row["flows"],
        first_seen=row["first"],
        last_seen=row["last"],
        sensors=tuple(row["sensors"]),
        sites=tuple(sites[place] for place in row["places"]),
    )
