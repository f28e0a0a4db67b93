"""Times as whole microseconds since 1970-01-01T00:00:00Z, read from decimal text without a float."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.errors import RequestError

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST = -62_135_596_800_000_000
"""0001-01-01T00:00:00Z, the earliest time a date has a name for."""
LAST = 253_402_300_799_999_999
"""9999-12-31T23:59:59.999999Z."""
DECIMAL = pa.decimal128(38, 6)


def zone(name: str) -> tzinfo:
    """The IANA time zone of that name. Raises RequestError."""
    try:
        return UTC if name.upper() in ("UTC", "Z") else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise RequestError(
            f"{name!r} is not a time zone", "use an IANA name such as Asia/Tokyo"
        ) from error


def micros_of(at: datetime) -> int:
    """An aware datetime as microseconds."""
    return (at - EPOCH) // timedelta(microseconds=1)


def datetime_of(micros: int) -> datetime:
    """Microseconds as an aware UTC datetime."""
    return EPOCH + timedelta(microseconds=int(micros))


def micros_of_text(text: str, power: int = 6) -> int:
    """Decimal text times 10 to the `power`, rounded half to even; 6 for seconds, 3 for milliseconds.

    Raises ValueError where it is no finite number or one too large for a time.
    """
    if len(text) > 64:
        raise ValueError("too long for a number")
    try:
        value = Decimal(text)
        if not value.is_finite() or value.adjusted() > 30:
            raise ValueError(f"{text!r} is out of range")
        return int(value.scaleb(power).to_integral_value(ROUND_HALF_EVEN))
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is not a number") from error


def micros_of_decimals(column: Any) -> tuple[Ints, Bools]:
    """A decimal128 column (scale 6 or more) as microseconds, and where it was null or out of range."""
    if column.type.scale != 6:
        column = pc.round(column, ndigits=6, round_mode="half_to_even").cast(DECIMAL)
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    values = np.zeros(len(column), dtype=np.int64)
    missing = np.zeros(len(column), dtype=np.bool_)
    at = 0
    for chunk in chunks:
        if not len(chunk):
            continue
        words = np.frombuffer(chunk.buffers()[1], dtype=np.int64).reshape(-1, 2)
        words = words[chunk.offset : chunk.offset + len(chunk)]
        values[at : at + len(chunk)] = words[:, 0]
        # The upper word only repeats the sign where the number fits into the lower one.
        missing[at : at + len(chunk)] = words[:, 1] != words[:, 0] >> 63
        if chunk.null_count:
            missing[at : at + len(chunk)] |= chunk.is_null().to_numpy(zero_copy_only=False)
        at += len(chunk)
    values[missing] = 0
    return values, missing


def micros_of_iso_text(text: str, local: tzinfo) -> int:
    """ISO 8601 or `YYYY-MM-DD HH:MM:SS[.f…]` as microseconds; without a zone it is local time.

    Digits beyond microseconds are cut. Raises ValueError.
    """
    if len(text) > 64:
        raise ValueError("too long for a time")
    at = datetime.fromisoformat(text.strip())
    if at.tzinfo is None:
        at = at.replace(tzinfo=local)
    try:
        return micros_of(at)
    except OverflowError as error:
        raise ValueError(f"{text!r} is out of range") from error


def micros_of_iso(column: Any, local: tzinfo) -> tuple[Ints, Bools]:
    """A string column of ISO times as microseconds, and where one is null or no time.

    Each different text is read once; text without a zone is local time in `local`.
    """
    for read in (_with_zone, _without_zone):
        try:
            # A column that cannot be read so is slow to fail; its first text tells at once.
            read(column.slice(0, 1), local)
            fast = read(column, local)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            continue
        numbers = pc.fill_null(fast.cast(pa.int64()), 0)
        return _numpy(numbers), _numpy(fast.is_null())
    encoded = column.dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.unify_dictionaries().combine_chunks()
    texts = encoded.dictionary.to_pylist()
    values = np.zeros(len(texts) + 1, dtype=np.int64)
    missing = np.ones(len(texts) + 1, dtype=np.bool_)
    for position, text in enumerate(texts):
        try:
            values[position] = micros_of_iso_text(text, local)
            missing[position] = False
        except (ValueError, OverflowError):
            continue
    codes = pc.fill_null(encoded.indices, len(texts)).to_numpy(zero_copy_only=False)
    return values[codes], missing[codes]


def _with_zone(column: Any, _local: tzinfo) -> Any:
    return column.cast(pa.timestamp("us", tz="UTC"))


def _without_zone(column: Any, local: tzinfo) -> Any:
    """Where clocks went back, the earlier of both times; Python's fold 0. A time that clocks skipped is
    left to Python, which reads it with the offset of before."""
    return pc.assume_timezone(
        column.cast(pa.timestamp("us")), str(local), ambiguous="earliest", nonexistent="raise"
    )


def _numpy(column: Any) -> Any:
    """An Arrow column without nulls as an array of its own."""
    if isinstance(column, pa.ChunkedArray):
        return column.to_numpy()
    return column.to_numpy(zero_copy_only=False)
