"""What was published last, by witness: what `publish` need not repeat, and `doctor` looks at.

It is a note for the keeper and proves nothing: that is what the witnesses are for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sekisho.errors import IntegrityError
from sekisho.ledger.head import write_whole

FILE = "published.json"
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Published:
    """The newest head that a witness has: its size, its root in hexadecimal, since when (aware UTC)."""

    size: int
    root: str
    at: datetime


def read_record(folder: Path) -> Mapping[str, Published]:
    """By witness; empty before the first. Raises IntegrityError for a damaged file."""
    path = folder / FILE
    try:
        with path.open("rb") as stream:
            value = json.loads(stream.read(_LARGEST))
        found = {
            str(name): Published(int(one["size"]), str(one["root"]), datetime.fromisoformat(one["at"]))
            for name, one in value.items()
        }
        if any(one.at.tzinfo is None for one in found.values()):
            raise ValueError("a time without a zone")
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IntegrityError(
            f"{path} is damaged", "Delete it: heads are then published once more."
        ) from error
    return found


def write_record(folder: Path, record: Mapping[str, Published]) -> None:
    """Replace it, whole or not at all. Raises OSError."""
    value = {
        name: {"at": one.at.isoformat(), "root": one.root, "size": one.size}
        for name, one in sorted(record.items())
    }
    write_whole(folder / FILE, json.dumps(value, indent=1, sort_keys=True).encode() + b"\n")
