"""The JSON Schema of files of obligations, for editors."""

from __future__ import annotations

from typing import Any

from sekisho.inventory.schema import file_schema
from sekisho.notify.shapes import ObligationFile


def obligation_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of obligations/NAME.yaml."""
    return file_schema(
        ObligationFile, "obligations/NAME.yaml", "A duty to notify somebody, with its clocks"
    )
