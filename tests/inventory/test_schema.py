from __future__ import annotations

import json
from pathlib import Path

from sekisho.inventory.schema import sites_schema


def test_the_schema_names_every_key_and_has_a_word_for_it() -> None:
    schema = sites_schema()
    assert set(schema["properties"]) == {
        "sites",
        "groups",
        "zones",
        "sensors",
        "nat",
        "relays",
        "realms",
        "external",
    }
    assert schema["additionalProperties"] is False
    for shape in schema["$defs"].values():
        for name, key in shape.get("properties", {}).items():
            assert key.get("description") or "anyOf" in key or "$ref" in key or "examples" in key, name


def test_the_published_schema_is_this_one() -> None:
    published = Path(__file__).parents[2] / "docs" / "reference" / "editor" / "sites.json"
    assert json.loads(published.read_text()) == json.loads(json.dumps(sites_schema()))
