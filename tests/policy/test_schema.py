from __future__ import annotations

import json
from pathlib import Path

from sekisho.policy.schema import policy_schema

EDITOR = Path(__file__).parents[2] / "docs" / "reference" / "editor" / "policy.json"


def test_the_published_schema_is_this_one() -> None:
    assert json.loads(EDITOR.read_text()) == json.loads(json.dumps(policy_schema()))


def test_an_editor_is_told_every_key_and_what_may_stand_there() -> None:
    schema = policy_schema()
    assert set(schema["properties"]) == {"connections", "tests", "services", "intra_site"}
    assert schema["additionalProperties"] is False
    connection = schema["$defs"]["ConnectionShape"]
    assert connection["required"] == ["id", "allow"]
    assert connection["properties"]["tier"]["enum"] == ["essential", "normal"]
    assert connection["properties"]["state"]["enum"] == ["active", "proposed"]
    for name, key in [*connection["properties"].items(), *schema["properties"].items()]:
        assert key.get("description"), name
