"""Addresses that stand for others in records, as the engine takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import pyarrow as pa

from sekisho.store.base import SensorTraits

TRANSLATIONS = pa.schema(
    [
        ("sensor", pa.string()),
        ("realm", pa.string()),
        ("hi", pa.int64()),
        ("lo", pa.int64()),
        ("original_hi", pa.int64()),
        ("original_lo", pa.int64()),
        ("low_port", pa.int32()),
        ("high_port", pa.int32()),
        ("begin", pa.int64()),
        ("end", pa.int64()),
    ]
)


def translations(traits: Mapping[str, SensorTraits]) -> pa.Table:
    """What all sensors see in the place of other addresses."""
    rows = [
        {"sensor": name} | asdict(one) for name, of in sorted(traits.items()) for one in of.translated
    ]
    return pa.Table.from_pylist(rows, TRANSLATIONS)
