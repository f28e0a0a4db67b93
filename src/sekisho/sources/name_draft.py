"""From columns of any log to names: the checks that every format shares, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.addresses import keys_from_text
from sekisho.model.flows import TIME
from sekisho.model.names import SOURCE_NAMES, NameKind, normal
from sekisho.sources.times import FIRST, LAST

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MOST_VALUES = 64
"""Values of one kind that are kept of a record: a name server may answer with as many as it likes."""
MOST_UIDS = 16
"""Connections of one record that are kept."""
UID_LIMIT = 128
"""Bytes of a connection's name; sensors' own ones are much shorter."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """Names in SOURCE_NAMES, the failed rows as (index, reason), how many rows gave no name, and of each
    name the index of its row."""

    names: pa.Table
    failed: list[tuple[int, str]]
    ignored: int
    places: Ints
    notes: tuple[str, ...] = ()


class NameDraft:
    """Names in the making. The first reason found for a row is the one it is rejected with.

    Columns are parallel to `rows` (the numbers of the lines); values are null where a row has none.
    """

    def __init__(self, rows: Ints) -> None:
        self.rows = rows
        count = len(rows)
        self._time = np.zeros(count, dtype=np.int64)
        self._ends: dict[str, Any] = {
            f"{end}_{half}": pa.nulls(count, pa.int64())
            for end in ("src", "dst")
            for half in ("hi", "lo")
        }
        self._port = pa.nulls(count, pa.int32())
        self._uids: Any = None
        self._parts: list[tuple[NameKind, Ints, Any]] = []
        self._more = 0
        self._reason = np.zeros(count, dtype=np.uint8)
        self._reasons = [""]

    def __len__(self) -> int:
        return len(self.rows)

    def reject(self, where: Bools, reason: str) -> None:
        """Rows not to be used, and why."""
        if where.any():
            self._reasons.append(reason)
            self._reason[where & (self._reason == 0)] = len(self._reasons) - 1

    def times(self, micros: Ints, missing: Bools) -> None:
        """When each was seen, microseconds."""
        self.reject(missing, "the time is missing or no time")
        self.reject((micros < FIRST) | (micros > LAST), "the time is outside the years 1 to 9999")
        self._time = np.clip(micros, FIRST, LAST)

    def address(self, end: str, column: Any, what: str, *, needed: bool = True) -> None:
        """`end` is src or dst, text; `what` is what the source calls it."""
        column = _one(column)
        hi, lo, bad = keys_from_text(column)
        unset = column.is_null().to_numpy(zero_copy_only=False)
        self.reject(bad if needed else bad & ~unset, f"{what} is no address")
        self._ends[f"{end}_hi"] = pa.array(hi, mask=bad)
        self._ends[f"{end}_lo"] = pa.array(lo, mask=bad)

    def port(self, column: Any, what: str) -> None:
        """The responder's port, whole numbers; null where the source does not tell."""
        numbers = _one(column).fill_null(-1).to_numpy(zero_copy_only=False)
        self.reject(numbers > 65535, f"{what} is over 65535")
        known = (numbers >= 0) & (numbers <= 65535)
        self._port = pa.array(np.where(known, numbers, 0).astype(np.int32), mask=~known)

    def uids(self, column: Any) -> None:
        """What the sensor calls the connection, text, or lists of it where a record is of several."""
        column = _one(column)
        if not pa.types.is_list(column.type):
            column = pa.ListArray.from_arrays(
                pa.array(np.arange(len(column) + 1, dtype=np.int32)), column
            )
        long = pc.greater(pc.binary_length(column.flatten()), UID_LIMIT)
        owners = pc.list_parent_indices(column).filter(pc.fill_null(long, fill_value=False))
        where = np.zeros(len(self), dtype=np.bool_)
        where[owners.to_numpy()] = True
        self.reject(where, f"a uid is longer than {UID_LIMIT} bytes")
        self._uids = column

    def value(self, kind: NameKind, column: Any) -> None:
        """One value a row, text."""
        column = _one(column)
        self._take(kind, np.arange(len(column), dtype=np.int64), column)

    def values(self, kind: NameKind, column: Any) -> None:
        """Lists of values, text."""
        column = _one(column)
        owners = pc.list_parent_indices(column).to_numpy().astype(np.int64)
        items = column.flatten()
        if len(owners):
            begins = np.flatnonzero(np.diff(owners, prepend=-1))
            lengths = np.diff(np.append(begins, len(owners)))
            kept = np.arange(len(owners)) - np.repeat(begins, lengths) < MOST_VALUES
            if not kept.all():
                self._more += int((~kept).sum())
                owners, items = owners[kept], items.filter(pa.array(kept))
        self._take(kind, owners, items)

    def _take(self, kind: NameKind, places: Ints, values: Any) -> None:
        encoded = values.dictionary_encode()
        words = [normal(kind, word) for word in encoded.dictionary.to_pylist()]
        values = pa.array([word or None for word in words], pa.string()).take(encoded.indices)
        there = values.is_valid()
        if values.null_count:
            places, values = places[there.to_numpy(zero_copy_only=False)], values.filter(there)
        self._parts.append((kind, places, values))

    def finish(self) -> Drafted:
        """The names of all rows that did not fail."""
        parts = self._parts
        places = np.concatenate([[], *(part[1] for part in parts)]).astype(np.int64)
        kinds = pa.array(
            np.repeat(np.arange(len(parts), dtype=np.int32), [len(part[1]) for part in parts])
        )
        values = pa.concat_arrays([pa.array([], pa.string()), *(part[2] for part in parts)])
        order = np.argsort(places, kind="stable")
        order = order[self._reason[places[order]] == 0]
        places, uids = self._by_connection(places[order], order)
        order, uid = uids
        at = pa.array(places)
        columns = {
            "time": pa.array(self._time[places], pa.int64()).cast(TIME),
            "uid": uid,
            **{name: column.take(at) for name, column in self._ends.items()},
            "dst_port": self._port.take(at),
            "kind": pa.array([str(part[0]) for part in parts], pa.string()).take(kinds.take(order)),
            "value": values.take(order),
            "row": pa.array(self.rows[places], pa.int64()),
        }
        gave = np.zeros(len(self), dtype=np.bool_)
        gave[places] = True
        failed = np.flatnonzero(self._reason)
        return Drafted(
            pa.Table.from_arrays([columns[name] for name in SOURCE_NAMES.names], schema=SOURCE_NAMES),
            [(int(index), self._reasons[self._reason[index]]) for index in failed],
            int((~gave & (self._reason == 0)).sum()),
            places,
            (
                f"a record with {MOST_VALUES} values of a kind or {MOST_UIDS} connections has more: left out",
            )
            if self._more
            else (),
        )

    def _by_connection(self, places: Ints, order: Ints) -> tuple[Ints, tuple[Any, Any]]:
        """Each name once for every connection of its record, with that connection's uid."""
        if self._uids is None:
            return places, (pa.array(order), pa.nulls(len(places), pa.string()))
        lengths = self._uids.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
        begins = np.asarray(self._uids.offsets)[:-1].astype(np.int64)
        self._more += int((lengths > MOST_UIDS).sum())
        counts = np.clip(lengths[places], 1, MOST_UIDS)
        nth = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        places, order = np.repeat(places, counts), np.repeat(order, counts)
        none = lengths[places] == 0
        index = pa.array(begins[places] + nth, mask=none)
        return places, (pa.array(order), self._uids.values.take(index))


def _one(column: Any) -> Any:
    """A column in one piece."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
