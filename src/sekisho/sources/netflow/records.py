"""From the joined bytes of one template's records to columns, one `frombuffer` for all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sekisho.model.addresses import V4_HI, V4_LO_FIRST
from sekisho.sources.netflow.elements import VARIABLE, Kind
from sekisho.sources.netflow.templates import Template

Ints = npt.NDArray[np.int64]
Columns = dict[str, Any]
"""Role to int64 column; an address is two, `role_hi` and `role_lo`; a float column is float64."""

_TOP = np.uint64(1 << 63)
_MOST = np.uint64((1 << 63) - 1)
_NTP_TO_UNIX = 2_208_988_800
"""Seconds from 1900 to 1970 (RFC 5905, A.4)."""


def columns_of(template: Template, data: bytes) -> Columns:
    """Columns of whole records without their variable fields; `data` is a multiple of their size."""
    records = np.frombuffer(data, dtype=template.kind)
    columns: Columns = {}
    for role, kind in template.roles.items():
        values = records[role]
        if kind is Kind.ADDRESS6:
            halves = values.astype(np.uint64) ^ _TOP
            columns[f"{role}_hi"] = halves[:, 0].view(np.int64)
            columns[f"{role}_lo"] = halves[:, 1].view(np.int64)
        elif kind is Kind.ADDRESS4:
            columns[f"{role}_hi"] = np.full(len(records), V4_HI, dtype=np.int64)
            columns[f"{role}_lo"] = values.astype(np.int64) + V4_LO_FIRST
        elif kind is Kind.NTP:
            columns[role] = _ntp(values.astype(np.uint64))
        elif kind is Kind.FLOAT:
            columns[role] = values.astype(np.float64)
        else:
            columns[role] = _number(values)
    return columns


def _number(values: Any) -> Ints:
    if values.ndim == 2:
        total = np.zeros(len(values), dtype=np.uint64)
        for place in range(values.shape[1]):
            total = (total << np.uint64(8)) | values[:, place].astype(np.uint64)
        return _signed(total)
    if values.dtype.itemsize == 8:
        return _signed(values.astype(np.uint64))
    numbers: Ints = values.astype(np.int64)
    return numbers


def _signed(values: npt.NDArray[np.uint64]) -> Ints:
    numbers: Ints = np.minimum(values, _MOST).astype(np.int64)
    return numbers


def _ntp(stamps: npt.NDArray[np.uint64]) -> Ints:
    """Microseconds since 1970; 0 where the field was empty."""
    seconds = (stamps >> np.uint64(32)).astype(np.int64) - _NTP_TO_UNIX
    fraction = (stamps & np.uint64(0xFFFFFFFF)).astype(np.int64)
    return np.where(stamps == 0, 0, seconds * 1_000_000 + ((fraction * 1_000_000) >> 32))


def without_variable_fields(template: Template, body: bytes) -> tuple[bytes, int, int]:
    """The records of one set with their variable fields taken out: (bytes, records, bytes left over).

    A length of 255 says that two more bytes hold it (RFC 7011, 7). A record that is cut off is left
    over, as padding is.
    """
    runs = _runs(template)
    parts: list[bytes] = []
    at, count, end = 0, 0, len(body)
    while end - at >= template.least:
        record: list[bytes] = []
        place = at
        for fixed in runs:
            if fixed:
                record.append(body[place : place + fixed])
                place += fixed
                continue
            if place >= end:
                place = end + 1
                break
            size = body[place]
            place += 1
            if size == 255:
                if end - place < 2:
                    place = end + 1
                    break
                size = int.from_bytes(body[place : place + 2], "big")
                place += 2
            place += size
        if place > end:
            break
        parts.extend(record)
        at, count = place, count + 1
    return b"".join(parts), count, end - at


def _runs(template: Template) -> list[int]:
    """Bytes of the fields of fixed size that stand together; 0 for a variable field."""
    runs: list[int] = []
    for field in template.fields:
        if field.size == VARIABLE:
            runs.append(0)
        elif field.size:
            if runs and runs[-1]:
                runs[-1] += field.size
            else:
                runs.append(field.size)
    return runs
