from __future__ import annotations

import json

from sekisho.fleet.checks.registry import SELDOM, pack
from sekisho.fleet.service.configuration import configuration


def test_every_table_that_checks_read_is_asked_for_whole() -> None:
    found = json.loads(configuration(interval=7200, check_in=30))
    assert found["schedule"].keys() == pack()["queries"].keys()
    assert {q["interval"] for q in found["schedule"].values()} == {7200, 7200 * SELDOM}
    assert found["schedule"]["services"]["interval"] == 7200
    assert all(q["snapshot"] and q["query"].startswith("SELECT") for q in found["schedule"].values())
    assert found["options"]["distributed_interval"] == 30
    assert found["options"]["disable_distributed"] is False
    assert found["node_invalid"] is False
