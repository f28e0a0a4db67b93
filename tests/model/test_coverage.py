import json
from datetime import UTC, datetime

from sekisho.model.coverage import UnmappedPrefix, link_name


def test_links_are_written_alike_everywhere() -> None:
    assert link_name("jp-hq", "th-plant") == "jp-hq <-> th-plant"


def test_the_default_realm_is_left_out() -> None:
    values = {
        "prefix": "10.9.9.0/24",
        "hosts": 2,
        "connections": 3,
        "flows": 4,
        "first_seen": datetime(2020, 6, 1, tzinfo=UTC),
        "last_seen": datetime(2020, 6, 1, tzinfo=UTC),
        "sensors": ("a",),
        "sites": ("jp-hq",),
    }
    assert "realm" not in json.loads(UnmappedPrefix.model_validate(values).model_dump_json())
    named = UnmappedPrefix.model_validate(values | {"realm": "acquired"})
    assert json.loads(named.model_dump_json())["realm"] == "acquired"
