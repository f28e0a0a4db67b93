from __future__ import annotations

from sekisho.restore.schema import restore_schema


def test_the_keys_that_editors_offer() -> None:
    schema = restore_schema()
    assert set(schema["properties"]) == {"gates", "links"}
    assert "quiet" in str(schema)
