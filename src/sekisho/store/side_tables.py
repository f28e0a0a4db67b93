"""What stands beside the flows: tables of their own, written, kept, verified and given up alike.

Each is in a folder of its name, a file a commit and UTC day; the manifest lists the files of all.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from sekisho.model.logons import LOGON_SCHEMA
from sekisho.model.names import NAME_SCHEMA


@dataclass(frozen=True, slots=True)
class SideTable:
    """One of them. `order` is that of a file's rows; `mark` a letter in its files' names."""

    name: str
    schema: pa.Schema
    order: tuple[str, ...]
    mark: str


NAMES = SideTable("names", NAME_SCHEMA, ("kind", "value", "time"), "n")
LOGONS = SideTable("logons", LOGON_SCHEMA, ("host", "time", "file", "row"), "l")
SIDE_TABLES = (NAMES, LOGONS)
