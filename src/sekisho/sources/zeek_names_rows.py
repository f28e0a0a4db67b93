"""Records of names gathered one by one, where a block could not be converted whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

import numpy as np
import pyarrow as pa

from sekisho.sources import zeek
from sekisho.sources.base import Reject
from sekisho.sources.blocks import Piece
from sekisho.sources.times import micros_of_iso_text
from sekisho.sources.zeek_names import LIST, PORT, NameLog, take
from sekisho.sources.zeek_rows import encodable


class NameRows:
    """Values that were checked one by one, becoming columns at the end."""

    def __init__(self, log: NameLog, asked: Sequence[str], local: tzinfo) -> None:
        self._log = log
        self._values: dict[str, list[Any]] = {
            name: [] for name in (*log.every_text, *log.lists, *log.flags, PORT)
        }
        self._times: list[int | None] = []
        self._raw: dict[str, list[str | None]] = {name: [] for name in asked}
        self._local = local
        self._rows: list[int] = []
        self._texts: list[bytes] = []

    def add(
        self, row: int, text: bytes, values: Mapping[str, Any], raw: Mapping[str, str | None]
    ) -> Reject | None:
        """Take one record: texts, lists of texts, booleans, the others as text; None is unset.

        The reject where a value is not what it should be.
        """
        try:
            time = self._time(values.get("ts"))
            port = values.get(PORT)
            number = None if port is None else zeek.count_value(PORT, str(port))
        except ValueError as error:
            return Reject.of(row, str(error), text)
        for name in self._log.every_text:
            self._values[name].append(encodable(values.get(name)))
        for name in self._log.lists:
            items = values.get(name)
            self._values[name].append(None if items is None else [encodable(item) for item in items])
        for name in self._log.flags:
            self._values[name].append(values.get(name))
        self._values[PORT].append(number)
        self._times.append(time)
        for name, kept in self._raw.items():
            kept.append(encodable(raw.get(name)))
        self._rows.append(row)
        self._texts.append(text)
        return None

    def finish(self, piece: Piece) -> None:
        """Turn them into names of the piece."""
        if not self._rows:
            return
        log = self._log
        kinds = dict.fromkeys(log.every_text, pa.string()) | dict.fromkeys(log.lists, LIST)
        kinds |= dict.fromkeys(log.flags, pa.bool_()) | {PORT: pa.int64()}
        columns = {name: pa.array(values, kinds[name]) for name, values in self._values.items()}
        missing = np.array([time is None for time in self._times], dtype=np.bool_)
        times = np.array([time or 0 for time in self._times], dtype=np.int64)
        fields = None
        if self._raw:
            fields = pa.table({name: pa.array(v, pa.string()) for name, v in self._raw.items()})
        rows = np.array(self._rows, dtype=np.int64)
        take(log, piece, columns, (times, missing), rows, lambda: self._texts, fields)

    def _time(self, text: str | None) -> int | None:
        if text is None:
            return None
        try:
            return zeek.time_value("ts", text)
        except ValueError:
            pass
        try:
            return micros_of_iso_text(text, self._local)
        except (ValueError, OverflowError) as error:
            raise ValueError("ts is no time") from error
