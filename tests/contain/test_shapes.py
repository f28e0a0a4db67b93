from __future__ import annotations

from sekisho.contain.platforms import PLATFORMS
from sekisho.contain.shapes import GatewaysFile


def test_the_schema_names_the_platforms() -> None:
    schema = GatewaysFile.model_json_schema()
    gateway = schema["$defs"]["GatewayShape"]
    assert gateway["properties"]["platform"]["enum"] == list(PLATFORMS)
    assert {"platform", "address", "links"} == set(gateway["required"])
