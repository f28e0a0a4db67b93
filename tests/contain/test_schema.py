from __future__ import annotations

from sekisho.contain.schema import gateways_schema


def test_editors_know_the_file() -> None:
    schema = gateways_schema()
    assert schema["title"] == "gateways.yaml"
    assert set(schema["properties"]) == {"gateways", "never_cut", "lifelines"}
