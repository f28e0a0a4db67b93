"""How permitted connections are used today: in arrays, bounded, and only of those that have habits.

A connection is held until it was asked whether it has any. What has none is forgotten, but for a number that
says so.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.audit.evidence import KEYS
from sekisho.store.shapes import CONNECTIONS, conformed
from sekisho.watch.hashing import Hashing, Names, among

MOST = 300_000
"""Connections that are held; at about 120 bytes each."""
KNOWN = 2_000_000
"""Connections of which it is known that they have no habits; when there are more, all are asked again."""
HOUR = 3_600_000_000
_LARGE = 1 << 24
"""In `looked`, beside the hours: the volume."""
_CEILING = 1 << 61
"""Bytes; hostile counts do not add up to anything else."""
_SENSORS = 1 << 16
Ints = npt.NDArray[np.int64]
_HELD = ("usual", "strange", "looked", "hours")


class Usage:
    """One day. Places are those of `keys`; they hold until `settle`."""

    def __init__(self, most: int = MOST, known: int = KNOWN) -> None:
        self._most = most
        self._known = known
        self._hashing = Hashing()
        self.missed = 0
        """Connections that there was no room for, counted each time they came."""
        self._none: Names = np.zeros(0, dtype=np.uint64)
        self._clear()

    def _clear(self) -> None:
        self.keys: pa.Table = CONNECTIONS.empty_table()
        self._ordered: Names = np.zeros(0, dtype=np.uint64)
        self._order: Ints = np.zeros(0, dtype=np.int64)
        # By place: bytes that are unlike it, hours that are, what was looked at, hours used today.
        self._usual: Ints = np.zeros(0, dtype=np.int64)
        self._strange: Ints = np.zeros(0, dtype=np.int64)
        self._looked: Ints = np.zeros(0, dtype=np.int64)
        self._hours: Ints = np.zeros(0, dtype=np.int64)
        # By what one sensor saw of a connection, in order: place and sensor as one number; bytes.
        self._views: Ints = np.zeros(0, dtype=np.int64)
        self._bytes: Ints = np.zeros(0, dtype=np.int64)
        self._sensors: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._usual)

    def add(self, rows: pa.Table) -> None:
        """Count rows of `sekisho.store.arrivals.COARSE`, all of the day."""
        if not rows.num_rows:
            return
        names = self._hashing.names(rows, KEYS)
        each, first, inverse = np.unique(names, return_index=True, return_inverse=True)
        volume = _volumes(rows)
        known, places = among(each, self._ordered)
        place = np.full(len(each), -1, dtype=np.int64)
        place[known] = self._order[places[known]]
        new = np.flatnonzero(~known & ~among(each, self._none)[0])
        room = self._most - len(self)
        if len(new) > room:
            self.missed += len(new) - room
            sums = np.bincount(inverse, volume, minlength=len(each))[new]
            new = np.sort(new[np.argsort(-sums, kind="stable")[:room]])
        if len(new):
            place[new] = np.arange(len(self), len(self) + len(new))
            self._hold(rows.take(pa.array(first[new])), each[new])
        held = place[inverse]
        mine = held >= 0
        if not mine.any():
            return
        np.bitwise_or.at(self._hours, held[mine], rows["hours"].to_numpy().astype(np.int64)[mine])
        sensors = self._coded(rows["sensor"])
        self._count(held[mine] * _SENSORS + sensors[mine], volume[mine])

    def _hold(self, rows: pa.Table, names: Names) -> None:
        self.keys = pa.concat_tables([self.keys, conformed(rows.select(KEYS), CONNECTIONS)])
        if self.keys["port"].num_chunks > 64:
            self.keys = self.keys.combine_chunks()
        places = np.arange(len(self), len(self) + len(names))
        merged = np.concatenate([self._ordered, names])
        order = np.argsort(merged, kind="stable")
        self._ordered, self._order = merged[order], np.concatenate([self._order, places])[order]
        self._usual = np.concatenate([self._usual, np.full(len(names), -1)])
        zero = np.zeros(len(names), dtype=np.int64)
        self._strange, self._looked, self._hours = (
            np.concatenate([one, zero]) for one in (self._strange, self._looked, self._hours)
        )

    def _coded(self, sensors: pa.ChunkedArray) -> Ints:
        values = pc.unique(sensors)
        codes = [self._sensors.setdefault(one, len(self._sensors)) for one in values.to_pylist()]
        found: Ints = np.array(codes, dtype=np.int64)[pc.index_in(sensors, values).to_numpy()]
        return found

    def _count(self, views: Ints, volume: Ints) -> None:
        if not len(views):
            return
        both, amounts = np.concatenate([self._views, views]), np.concatenate([self._bytes, volume])
        order = np.argsort(both, kind="stable")
        both, amounts = both[order], amounts[order]
        starts = np.flatnonzero(np.append(True, both[1:] != both[:-1]))
        # In floating point a sum of hostile counts cannot turn negative; what matters is far below its limit.
        about = np.add.reduceat(amounts.astype(np.float64), starts)
        exact = np.add.reduceat(amounts, starts)
        self._views = both[starts]
        self._bytes = np.where(about < _CEILING, exact, _CEILING)

    def pending(self) -> Ints:
        """Places of connections of which it is not known whether they have habits."""
        return np.flatnonzero(self._usual < 0)

    def settle(self, asked: Ints, having: Ints, usual: Ints, strange: Ints) -> None:
        """Those `having` habits, of places that were asked, with the bytes and hours (bits) that are unlike
        them; the others are forgotten."""
        self._usual[having], self._strange[having] = usual, strange
        none = np.zeros(len(self), dtype=np.bool_)
        none[asked] = True
        none[having] = False
        if not none.any():
            return
        gone = none[self._order]
        self._forget_for_good(self._ordered[gone])
        kept = np.flatnonzero(~none)
        moved = np.cumsum(~none) - 1
        self._ordered, self._order = self._ordered[~gone], moved[self._order[~gone]]
        self.keys = self.keys.take(pa.array(kept)).combine_chunks()
        for name in _HELD:
            setattr(self, f"_{name}", getattr(self, f"_{name}")[kept])
        place = self._views // _SENSORS
        stays = ~none[place]
        self._views = moved[place[stays]] * _SENSORS + self._views[stays] % _SENSORS
        self._bytes = self._bytes[stays]

    def _forget_for_good(self, names: Names) -> None:
        if len(self._none) + len(names) > self._known:
            self._none = self._none[:0]
        names = names[: self._known]
        self._none = np.insert(self._none, np.searchsorted(self._none, names), names)

    def volumes(self) -> Ints:
        """By place the bytes of today, as the sensor that saw most saw them: several see the same flows."""
        found = np.zeros(len(self), dtype=np.int64)
        np.maximum.at(found, self._views // _SENSORS, self._bytes)
        return found

    def due(self) -> Ints:
        """Places of connections whose day may be unlike those before in a way that was not looked at."""
        return np.flatnonzero((self._usual >= 0) & (self._unlike() & ~self._looked != 0))

    def _unlike(self) -> Ints:
        large = (self.volumes() >= self._usual).astype(np.int64) * _LARGE
        return self._hours & self._strange | large

    def looked(self, places: Ints) -> None:
        """They were looked at as they stand."""
        self._looked[places] |= self._unlike()[places]

    def day(self, places: Ints) -> list[tuple[int, int]]:
        """(bytes, hours in bits) of today."""
        volume = self.volumes()[places].tolist()
        return list(zip(volume, self._hours[places].tolist(), strict=True))

    def tables(self) -> tuple[pa.Table, pa.Table]:
        """What is held, to be `restored`: connections, and what sensors saw of them by place."""
        held = self.keys
        for name in _HELD:
            held = held.append_column(name, pa.array(getattr(self, f"_{name}"), pa.int64()))
        sensors = pa.array(list(self._sensors), pa.string())
        views = {
            "place": self._views // _SENSORS,
            "sensor": sensors.take(pa.array(self._views % _SENSORS)),
            "bytes": self._bytes,
        }
        return held, pa.table(views)

    def restore(self, held: pa.Table, views: pa.Table) -> None:
        """Hold what `tables` gave, and nothing else. Raises ValueError or KeyError where it is something
        else."""
        self._clear()
        number = held.num_rows
        places = views["place"].to_numpy()
        if number > self._most or (len(places) and not 0 <= places.min() <= places.max() < number):
            raise ValueError("not the usage of connections")
        self._hold(held, self._hashing.names(held, KEYS))
        for name in _HELD:
            setattr(self, f"_{name}", held[name].to_numpy().astype(np.int64))
        self._count(
            places * _SENSORS + self._coded(views["sensor"]), views["bytes"].to_numpy().astype(np.int64)
        )


def _volumes(rows: pa.Table) -> Ints:
    there, back = (
        np.clip(rows[name].to_numpy().astype(np.int64), 0, _CEILING)
        for name in ("bytes_out", "bytes_in")
    )
    total: Ints = np.minimum(there + back, _CEILING)
    return total
