from __future__ import annotations

import json

from sekisho.fleet.service.asking import FINE, json_reply, refusal


def test_osquery_understands_every_reply() -> None:
    # It looks at `node_invalid`, which must be a boolean, and at `error`, never at the status; an empty body
    # it takes for success. Source: osquery/remote/utility.h, osquery/remote/serializers/json.cpp.
    again = refusal("old_key", "enrol again", invalid=True)
    later = refusal("too_often", "later", 429)
    assert (again.status, again.invalid) == (200, True)
    assert json.loads(again.body) == {"node_invalid": True, "error": "old_key: enrol again"}
    assert (later.status, later.invalid) == (429, False)
    assert json.loads(later.body) == {"node_invalid": False, "error": "too_often: later"}
    assert json.loads(FINE.body) == {"node_invalid": False}
    assert json_reply({"a": 1}, 201).body == b'{"a":1}'
