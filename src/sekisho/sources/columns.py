"""Columns of text, as CSV and generic sources give them, turned into numbers all at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model import protocols
from sekisho.sources.times import micros_of_decimals, micros_of_iso, micros_of_text

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
TimeKind = Literal["iso", "epoch_s", "epoch_ms", "epoch_us", "epoch_ns"]

POWERS: dict[str, int] = {"epoch_s": 6, "epoch_ms": 3, "epoch_us": 0, "epoch_ns": -3}
"""Powers of ten from the unit to microseconds."""
_SCALE = 12
_MOST_DIGITS = 18
_NUMBER = r"^\s*[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?\s*$"
_LARGEST_IN_UNIT = 253_402_300_799
"""9999-12-31T23:59:59Z in seconds: a larger number counts a smaller unit."""


def flat(column: Any) -> Any:
    """A chunked column as one array."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
        return column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    return column


def text(column: Any) -> Any:
    """A column of any plain type as one array of strings."""
    column = flat(column)
    return column if pa.types.is_string(column.type) else column.cast(pa.string())


def whole(column: Any) -> tuple[Ints, Bools]:
    """Whole numbers of up to 18 digits, -1 where null, and where the text is none (also -1)."""
    column = flat(column)
    if pa.types.is_integer(column.type):
        wide = column.cast(pa.int64(), safe=False)
        values = pc.fill_null(wide, -1).to_numpy(zero_copy_only=False)
        bad = (values < 0) & column.is_valid().to_numpy(zero_copy_only=False)
        return np.where(bad, -1, values), bad
    column = text(column)
    if _digits_only(column):
        return pc.fill_null(column.cast(pa.int64()), -1).to_numpy(zero_copy_only=False), np.zeros(
            len(column), dtype=np.bool_
        )
    trimmed = pc.utf8_trim_whitespace(column)
    good = pc.fill_null(pc.match_substring_regex(trimmed, "^[0-9]{1,18}$"), fill_value=False)
    filled = pc.and_not(trimmed.is_valid(), pc.equal(pc.utf8_length(pc.fill_null(trimmed, "")), 0))
    numbers = pc.if_else(good, trimmed, pa.scalar(None, pa.string())).cast(pa.int64())
    values = pc.fill_null(numbers, -1).to_numpy(zero_copy_only=False)
    return values, pc.and_not(filled, good).to_numpy(zero_copy_only=False)


def _digits_only(column: Any) -> bool:
    """Whether every string that is not null has 1 to 18 digits and nothing else."""
    if not len(column):
        return False
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)
    offsets = offsets[column.offset : column.offset + len(column) + 1]
    lengths = np.diff(offsets)
    empty = lengths == 0
    if column.null_count:
        empty &= column.is_valid().to_numpy(zero_copy_only=False)
    if int(lengths.max()) > _MOST_DIGITS or empty.any():
        return False
    if offsets[-1] == offsets[0]:
        return True
    letters = np.frombuffer(column.buffers()[2], dtype=np.uint8)[offsets[0] : offsets[-1]]
    return not bool(np.any(letters - np.uint8(ord("0")) > 9))


def decimal_micros(column: Any, power: int) -> tuple[Ints, Bools]:
    """Decimal text times 10 to the `power`, exact and rounded half to even; 0 and True where it is none."""
    column = flat(column)
    if pa.types.is_integer(column.type):
        column = column.cast(pa.string())
    column = text(column)
    try:
        exact = column.cast(pa.decimal128(38, _SCALE))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return each(column, lambda word: micros_of_text(word, power))
    # The same digits with the point moved: seconds, whatever unit it was.
    moved = pa.Array.from_buffers(
        pa.decimal128(38, _SCALE + 6 - power), len(exact), exact.buffers(), offset=exact.offset
    )
    return micros_of_decimals(moved)


def each(column: Any, meaning: Callable[[str], int]) -> tuple[Ints, Bools]:
    """A number for each row, worked out once for each different text; True where there is none.

    `meaning` raises ValueError for text that has no number.
    """
    encoded = flat(text(column).dictionary_encode())
    words = encoded.dictionary.to_pylist()
    values = np.zeros(len(words) + 1, dtype=np.int64)
    bad = np.ones(len(words) + 1, dtype=np.bool_)
    for position, word in enumerate(words):
        try:
            values[position] = meaning(word)
        except (ValueError, OverflowError):
            continue
        bad[position] = False
    codes = pc.fill_null(encoded.indices, len(words)).to_numpy(zero_copy_only=False)
    return values[codes], bad[codes]


def protocol_numbers(column: Any) -> Ints:
    """Names or numbers of protocols as numbers, -1 where unknown or null."""
    values, bad = each(column, protocols.number)
    return np.where(bad, -1, values)


def times(column: Any, kind: TimeKind | None, local: tzinfo) -> tuple[Ints, Bools]:
    """Times as microseconds; True where null or none.

    `local` is the zone of times that carry none. Without a `kind` text is ISO, or a number of seconds
    since 1970; numbers too large for seconds are milli-, micro- or nanoseconds.
    """
    column = flat(column)
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return _stamps(column, local)
    if kind == "iso":
        return micros_of_iso(text(column), local)
    if kind is not None:
        return decimal_micros(column, POWERS[kind])
    words = text(column)
    numeric = pc.fill_null(pc.match_substring_regex(words, _NUMBER), fill_value=False)
    if not pc.any(numeric).as_py():
        return micros_of_iso(words, local)
    if pc.all(numeric).as_py():
        return _epoch(words)
    which = numeric.to_numpy(zero_copy_only=False)
    nothing = pa.scalar(None, pa.string())
    epochs, no_epoch = _epoch(pc.if_else(numeric, words, nothing))
    dates, no_date = micros_of_iso(pc.if_else(numeric, nothing, words), local)
    return np.where(which, epochs, dates), np.where(which, no_epoch, no_date)


def _epoch(words: Any) -> tuple[Ints, Bools]:
    """Numbers whose unit shows in their size."""
    values, bad = decimal_micros(words, 0)
    result = np.zeros(len(values), dtype=np.int64)
    missing = np.ones(len(values), dtype=np.bool_)
    size = np.abs(values)
    undecided = ~bad
    for power, limit in ((6, 1), (3, 1000), (0, 1_000_000), (-3, None)):
        here = undecided if limit is None else undecided & (size <= _LARGEST_IN_UNIT * limit)
        if here.any():
            exact, wrong = decimal_micros(words, power) if here.all() else _some(words, power, here)
            result[here], missing[here] = exact[here], wrong[here]
            undecided = undecided & ~here
    return result, missing


def _some(words: Any, power: int, where: Bools) -> tuple[Ints, Bools]:
    return decimal_micros(pc.if_else(pa.array(where), words, pa.scalar(None, pa.string())), power)


def _stamps(column: Any, local: tzinfo) -> tuple[Ints, Bools]:
    stamps = column.cast(pa.timestamp("us", tz=getattr(column.type, "tz", None)), safe=False)
    if stamps.type.tz is None:
        return micros_of_iso(stamps.cast(pa.string()), local)
    numbers = pc.fill_null(stamps.cast(pa.int64()), 0)
    return numbers.to_numpy(zero_copy_only=False), column.is_null().to_numpy(zero_copy_only=False)
