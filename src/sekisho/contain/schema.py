"""The JSON Schema of gateways.yaml, for editors."""

from __future__ import annotations

from typing import Any

from sekisho.contain.shapes import GatewaysFile
from sekisho.inventory.schema import file_schema


def gateways_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of gateways.yaml."""
    return file_schema(
        GatewaysFile, "gateways.yaml", "Which gateway stands on which link of a Sekisho workspace"
    )
