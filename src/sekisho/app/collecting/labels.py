"""Sensor and realms of flows that came from many senders, all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sekisho.app.collecting.senders import plain
from sekisho.app.sharing import matches
from sekisho.model.sites import Sensor
from sekisho.sources.base import Batch

Ints = npt.NDArray[np.int64]
Owners = Mapping[str, tuple[Sensor, ...]]
"""The sensors of each address."""
NOBODY = -1


class Numbered:
    """Names as numbers, in the order in which they were met."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}

    def __getitem__(self, name: str) -> int:
        number = self._numbers.setdefault(name, len(self.names))
        if number == len(self.names):
            self.names.append(name)
        return number

    def column(self, numbers: Ints) -> Any:
        """The names of numbers as a dictionary column."""
        return pa.DictionaryArray.from_arrays(
            pa.array(numbers.astype(np.int32)), pa.array(self.names, pa.string())
        )


@dataclass(frozen=True, slots=True)
class Labelled:
    """Flows with `sensor`, `src_realm` and `dst_realm`; `places` are theirs among those given, `nobodys`
    the places of those that no sensor of their address selects."""

    flows: pa.Table
    places: Ints
    nobodys: Ints


def label(
    flows: pa.Table,
    fields: pa.Table | None,
    came: Ints,
    names: Sequence[str],
    owners: Owners,
    among: frozenset[str] | None = None,
) -> Labelled:
    """Say whose each flow is; only those of the sensors `among` are given.

    `came[i]` is the place in `names` of the address that flow i came from. Of an address that is one
    sensor's alone nothing is looked into; else the `match` of each decides, and what fits none of them
    is nobody's. `fields` are the raw columns asked for.
    """
    sensors, realms = Numbered(), Numbered()
    of_place = np.full((len(names), 2), NOBODY, dtype=np.int64)
    shared = np.zeros(len(names), dtype=np.bool_)
    for place, name in enumerate(names):
        own = owners.get(name, ())
        if plain(own):
            of_place[place] = sensors[own[0].name], realms[own[0].realm]
        elif own:
            shared[place] = True
    sensor, realm = of_place[came, 0], of_place[came, 1]
    if shared.any():
        _select(Batch(flows, fields=fields), came, names, owners, (sensor, realm), (sensors, realms))
    nobodys = np.flatnonzero(sensor < 0)
    if among is not None:
        out = [number for number, name in enumerate(sensors.names) if name not in among]
        sensor[np.isin(sensor, out)] = NOBODY
    kept = np.flatnonzero(sensor >= 0)
    if len(kept) < len(sensor):
        flows, sensor, realm = flows.take(pa.array(kept)), sensor[kept], realm[kept]
    realm_column = realms.column(realm)
    flows = flows.append_column("sensor", sensors.column(sensor))
    flows = flows.append_column("src_realm", realm_column).append_column("dst_realm", realm_column)
    return Labelled(flows, kept, nobodys)


def _select(
    batch: Batch,
    came: Ints,
    names: Sequence[str],
    owners: Owners,
    columns: tuple[Ints, Ints],
    numbered: tuple[Numbered, Numbered],
) -> None:
    sensor, realm = columns
    sensors, realms = numbered
    for place in np.unique(came).tolist():
        own = owners.get(names[place], ())
        if not own or plain(own):
            continue
        free = came == place
        for one in own:
            mine = free & matches(batch, one.match) if one.match else free.copy()
            sensor[mine] = sensors[one.name]
            realm[mine] = realms[one.realm]
            # The first entry that matches wins: it is written last.
            for entry in reversed(one.realms):
                realm[mine & matches(batch, entry.match)] = realms[entry.realm]
            free &= ~mine
