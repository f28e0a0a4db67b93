"""From columns of any source to flows: the checks that every format shares, each with its reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.addresses import keys_from_text
from sekisho.model.flows import SOURCE_SCHEMA, TIME, Flag
from sekisho.model.protocols import ICMP, ICMP6, WITH_PORTS
from sekisho.sources.base import ReadContext
from sekisho.sources.times import FIRST, LAST, micros_of

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

LONGEST_MICROS = 366 * 86_400 * 1_000_000
"""A flow longer than this is taken as a broken clock or counter."""
NO_ICMP = -1
_NO_FLOW = 1
"""The reason of rows that are no flows."""
_HAS_PORTS = np.isin(np.arange(256), sorted(WITH_PORTS))


class Draft:
    """Flows in the making: columns in, a table and the rows that failed out.

    The first reason found for a row is the one it is rejected with.
    """

    def __init__(self, rows: Ints, context: ReadContext) -> None:
        count = len(rows)
        self.rows = rows
        self.context = context
        self.columns: dict[str, Any] = {
            name: np.zeros(count, dtype=np.int64)
            for name in [
                "src_port",
                "dst_port",
                "bytes_out",
                "bytes_out_spread",
                "bytes_in",
                "bytes_in_spread",
                "packets_out",
                "packets_in",
                "state",
                "orientation",
            ]
        }
        self.columns["icmp"] = np.full(count, NO_ICMP, dtype=np.int64)
        for name in ("payload_out", "payload_in"):
            self.columns[name] = pa.nulls(count, pa.int64())
        for name in ("service", "uid"):
            self.columns[name] = pa.nulls(count, pa.string())
        self.flags = np.zeros(count, dtype=np.int32)
        self._reason = np.zeros(count, dtype=np.uint8)
        self._reasons = ["", ""]

    def __len__(self) -> int:
        return len(self.rows)

    def reject(self, where: Bools, reason: str) -> None:
        """Rows not to be used, and why."""
        if not where.any():
            return
        self._reasons.append(reason)
        self._reason[where & (self._reason == 0)] = len(self._reasons) - 1

    def ignore(self, where: Bools) -> None:
        """Rows that are no flows and no errors, unless a reason was found before."""
        self._reason[where & (self._reason == 0)] = _NO_FLOW

    @property
    def sound(self) -> Bools:
        """Which rows nothing speaks against so far."""
        sound: Bools = self._reason == 0
        return sound

    @property
    def ignored(self) -> int:
        """How many rows are no flows."""
        return int((self._reason == _NO_FLOW).sum())

    def flag(self, where: Bools, flag: Flag) -> None:
        """Set a flag on some rows."""
        if where.any():
            self.flags[where] |= int(flag)

    def times(self, start: Ints, missing: Bools, end: Ints) -> None:
        """Start and end in microseconds; impossible ones are kept and flagged, unnameable ones rejected."""
        self.reject(missing, "the start time is missing or no time")
        self.reject((start < FIRST) | (start > LAST), "the start time is outside the years 1 to 9999")
        outside = (end < FIRST) | (end > LAST)
        end = np.clip(end, FIRST, LAST)
        self.flag(outside | (end < start) | (end - start > LONGEST_MICROS), Flag.IMPOSSIBLE_TIME)
        self.flag(start > micros_of(self.context.now + timedelta(days=1)), Flag.FUTURE)
        self.columns["start"], self.columns["end"] = start, end

    def address(self, side: str, column: Any, what: str) -> None:
        """`side` is src or dst; `what` is what the source calls it."""
        hi, lo, bad = keys_from_text(column)
        self.reject(bad, f"{what} is no address")
        self.columns[f"{side}_hi"], self.columns[f"{side}_lo"] = hi, lo

    def protocol(self, numbers: Ints, what: str) -> None:
        """Protocol numbers; -1 where the source's word for it is not known."""
        self.reject((numbers < 0) | (numbers > 255), f"{what} is no known protocol")
        self.columns["protocol"] = np.clip(numbers, 0, 255)

    def ports(self, src: Ints, dst: Ints, names: tuple[str, str]) -> None:
        """Ports, -1 where missing. Protocols without ports get 0, whatever the source put there."""
        needed = _HAS_PORTS[self.columns["protocol"]]
        for side, numbers, name in (("src", src, names[0]), ("dst", dst, names[1])):
            self.reject(needed & (numbers < 0), f"{name} is missing or no port")
            self.reject(needed & (numbers > 65535), f"{name} is over 65535")
            self.columns[f"{side}_port"] = np.where(needed, np.clip(numbers, 0, 65535), 0)

    def icmp(self, types: Ints, codes: Ints) -> None:
        """ICMP type and code where the protocol is ICMP, for either IP version."""
        protocol = self.columns["protocol"]
        known = (types >= 0) & (types <= 255) & (codes >= 0) & (codes <= 255)
        is_icmp = (protocol == ICMP) | (protocol == ICMP6)
        self.columns["icmp"] = np.where(is_icmp & known, types * 256 + codes, NO_ICMP)

    def exchange(self, where: Bools) -> None:
        """Initiator and responder change places; flagged."""
        for name in ("hi", "lo", "port"):
            self._swap(f"src_{name}", f"dst_{name}", where)
        for name in ("bytes", "packets"):
            self._swap(f"{name}_out", f"{name}_in", where)
        self._swap("bytes_out_spread", "bytes_in_spread", where)
        out, back = self.columns["payload_out"], self.columns["payload_in"]
        mask = pa.array(where)
        self.columns["payload_out"] = pc.if_else(mask, back, out)
        self.columns["payload_in"] = pc.if_else(mask, out, back)
        self.flag(where, Flag.REVERSED)

    def _swap(self, one: str, other: str, where: Bools) -> None:
        first, second = self.columns[one], self.columns[other]
        self.columns[one] = np.where(where, second, first)
        self.columns[other] = np.where(where, first, second)

    def finish(self) -> tuple[pa.Table, list[tuple[int, str]], Bools | None]:
        """The table in SOURCE_SCHEMA, the failed rows as (index, reason), and which rows were kept.

        The last is None where all were.
        """
        self.columns["row"] = self.rows
        self.columns["flags"] = self.flags
        arrays = [_typed(self.columns[field.name], field.type) for field in SOURCE_SCHEMA]
        failed = np.flatnonzero(self._reason)
        if not len(failed):
            return pa.Table.from_arrays(arrays, schema=SOURCE_SCHEMA), [], None
        kept = self._reason == 0
        mask = pa.array(kept)
        arrays = [array.filter(mask) for array in arrays]
        reasons = [
            (int(i), self._reasons[self._reason[i]]) for i in failed if self._reason[i] != _NO_FLOW
        ]
        return pa.Table.from_arrays(arrays, schema=SOURCE_SCHEMA), reasons, kept


def _typed(values: Any, kind: pa.DataType) -> Any:
    if kind == TIME:
        return pa.array(values, pa.int64()).cast(TIME)
    if isinstance(values, np.ndarray):
        return pa.array(values.astype(kind.to_pandas_dtype(), copy=False), kind)
    return values if values.type == kind else values.cast(kind)
