"""OCSF Network Activity as JSON, one event a line or in arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, cast

from sekisho.sources import json_records
from sekisho.sources.base import Batch, RawMapping, ReadContext
from sekisho.sources.json_records import field_of, sniff
from sekisho.sources.ocsf import NetworkActivity


class OcsfJson:
    """OCSF Network Activity, JSON."""

    name = "ocsf-json"
    family = "ocsf"
    one_way = False

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By events with a class and a schema version."""
        records = [r for r in sniff(head) if field_of(r, "class_uid")]
        if any(field_of(r, "class_uid") == "4001" for r in records):
            return 90
        return 50 if any(field_of(r, "metadata.version") for r in records) else 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read. In an array a record's row is its place."""
        return json_records.read(stream, context, cast("json_records.Form", NetworkActivity()))
