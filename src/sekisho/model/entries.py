"""One entry of the ledger, as every package that reads one sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One act or piece of evidence. `prev` is the hash of the entry before; `seq` counts from 1.

    `at` is aware UTC. `start` and `end` are its line's offsets in bytes, the newline included in `end`.
    """

    seq: int
    at: datetime
    by: str
    kind: str
    body: Mapping[str, Any]
    prev: str
    hash: str
    start: int
    end: int
