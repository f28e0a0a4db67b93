"""How much moved: a range that holds the true count, and why where the range is wide."""

from __future__ import annotations

from sekisho.model.findings import Bytes
from sekisho.model.flows import Flag

TIGHT = 1.6
"""A range whose high end stays under this many times its low end needs no explanation."""

_REASONS = (
    (Flag.SAMPLED, "counted from samples"),
    (Flag.LOSS, "a sensor missed part of it"),
    (Flag.BYTES_UNKNOWN, "a source gave no volume for part of it"),
    (Flag.SUMMED, "a source counts both directions in one"),
    (Flag.ONE_WAY, "one direction was not recorded for part of it"),
)


def byte_range(low: int, spread: int, flags: int) -> Bytes:
    """The range of `low` to `low + spread` IP-layer bytes; `flags` are those of all its flows."""
    high = low + max(spread, 0)
    if high == low or high < TIGHT * low:
        return Bytes(low=low, high=high)
    reasons = [text for flag, text in _REASONS if flags & flag]
    return Bytes(low=low, high=high, why=", ".join(reasons) or "headers are estimated from payload")
