"""The JSON Schema of policy.yaml, for editors."""

from __future__ import annotations

from typing import Any

from sekisho.inventory.schema import file_schema
from sekisho.policy.shapes import PolicyFile


def policy_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of policy.yaml and of policy/*.yaml."""
    return file_schema(
        PolicyFile, "policy.yaml", "The register of authorised connections of a Sekisho workspace"
    )
