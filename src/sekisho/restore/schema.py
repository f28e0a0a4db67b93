"""The JSON Schema of restore.yaml, for editors."""

from __future__ import annotations

from typing import Any

from sekisho.inventory.schema import file_schema
from sekisho.restore.shapes import RestoreFile


def restore_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of restore.yaml."""
    return file_schema(
        RestoreFile,
        "restore.yaml",
        "What must hold before a restriction is lifted in a Sekisho workspace",
    )
