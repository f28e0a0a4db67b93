"""From columns of any log to logons: the checks that every format shares, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.flows import TIME
from sekisho.model.logons import NAME_LIMIT, SOURCE_LOGONS, TEXT_LIMIT, LogonKind, cut
from sekisho.sources.name_draft import NameDraft

Ints = npt.NDArray[np.int64]

LIMITS = dict.fromkeys(("host", "account", "actor", "src_name"), NAME_LIMIT) | dict.fromkeys(
    ("target", "detail"), TEXT_LIMIT
)
"""Columns of text, and bytes that are kept of each; what is longer is cut."""
_NUMBERS = {"logon_type": pa.int32(), "event": pa.int32(), "record": pa.int64()}


@dataclass(frozen=True, slots=True)
class DraftedLogons:
    """Logons in SOURCE_LOGONS, the failed rows as (index, reason), how many rows gave none, and of each
    logon the index of its row."""

    logons: pa.Table
    failed: list[tuple[int, str]]
    ignored: int
    places: Ints


class LogonDraft(NameDraft):
    """Logons in the making, at most one a row. Times, ends, ports and uids are as for names."""

    def __init__(self, rows: Ints) -> None:
        super().__init__(rows)
        count = len(rows)
        self._columns: dict[str, Any] = {name: pa.nulls(count, pa.string()) for name in LIMITS}
        self._columns |= {name: pa.nulls(count, kind) for name, kind in _NUMBERS.items()}
        self._columns["success"] = pa.nulls(count, pa.bool_())
        self._kind: Any = pa.nulls(count, pa.string())

    def kind(self, kinds: LogonKind | Any) -> None:
        """One kind for all rows, or a column of them; a row without one gives nothing."""
        if isinstance(kinds, LogonKind):
            kinds = pa.repeat(pa.scalar(str(kinds)), len(self))
        self._kind = _flat(kinds)

    def text(self, name: str, column: Any) -> None:
        """A column of LIMITS; an empty text is none."""
        encoded = _flat(column).dictionary_encode()
        words = [word and (cut(word, LIMITS[name]) or None) for word in encoded.dictionary.to_pylist()]
        self._columns[name] = pa.array([word or None for word in words], pa.string()).take(
            encoded.indices
        )

    def number(self, name: str, column: Any) -> None:
        """`logon_type`, `event` or `record`."""
        self._columns[name] = _flat(column).cast(_NUMBERS[name])

    def success(self, column: Any) -> None:
        """Whether it was granted, null where the record does not tell."""
        self._columns["success"] = _flat(column)

    def finished(self) -> DraftedLogons:
        """The logons of all rows that did not fail."""
        self.reject(
            self._columns["host"].is_null().to_numpy(zero_copy_only=False), "the host is missing"
        )
        there = self._kind.is_valid().to_numpy(zero_copy_only=False)
        places = np.flatnonzero(there & (self._reason == 0)).astype(np.int64)
        at = pa.array(places)
        uid = (
            pa.nulls(len(self), pa.string())
            if self._uids is None
            else pc.list_element(self._padded(), 0)
        )
        columns = {
            "time": pa.array(self._time, pa.int64()).cast(TIME),
            "uid": uid,
            "kind": self._kind,
            **self._ends,
            "dst_port": self._port,
            **self._columns,
            "row": pa.array(self.rows, pa.int64()),
        }
        made = [columns[name].take(at) for name in SOURCE_LOGONS.names]
        failed = np.flatnonzero(self._reason)
        return DraftedLogons(
            pa.Table.from_arrays(made, schema=SOURCE_LOGONS),
            [(int(index), self._reasons[self._reason[index]]) for index in failed],
            int((~there & (self._reason == 0)).sum()),
            places,
        )

    def _padded(self) -> Any:
        """The lists of uids, none of them empty."""
        empty = pa.array([[None]], self._uids.type)
        lengths = pc.fill_null(pc.list_value_length(self._uids), 0)
        return pc.if_else(pc.equal(lengths, 0), empty[0], self._uids)


def joined(domain: Any, name: Any) -> Any:
    """DOMAIN\\name, or the name alone; null where there is no name."""
    domain, name = _flat(domain), _flat(name)
    both = pc.binary_join_element_wise(domain, name, "\\")
    return pc.coalesce(both, name)


def _flat(column: Any) -> Any:
    """A column in one piece."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
