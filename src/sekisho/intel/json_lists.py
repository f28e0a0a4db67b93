"""Lists of what was last looked for and found, kept beside the feeds. They can be made again, and are in no
backup."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from sekisho.store.layout import sync_file

Item = TypeVar("Item")


def items(path: Path, kind: TypeAdapter[tuple[Item, ...]]) -> tuple[Item, ...]:
    """What is kept; what cannot be read is none: it is no evidence of anything."""
    try:
        return kind.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return ()


def keep(path: Path, kind: TypeAdapter[tuple[Item, ...]], made: Sequence[Item]) -> None:
    """Keep these instead, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_bytes(kind.dump_json(tuple(made)))
    sync_file(part)
    part.replace(path)
