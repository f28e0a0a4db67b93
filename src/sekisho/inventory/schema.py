"""The JSON Schema of sites.yaml, for editors."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from sekisho.inventory.shapes import SitesFile


def sites_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of sites.yaml."""
    return file_schema(
        SitesFile, "sites.yaml", "Sites, groups, zones and sensors of a Sekisho workspace"
    )


def file_schema(shape: type[BaseModel], title: str, description: str) -> dict[str, Any]:
    """The JSON Schema of a file's shape as people write it. Text may be written as a number."""
    schema = shape.model_json_schema(by_alias=True, mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": title,
        "description": description,
    }
