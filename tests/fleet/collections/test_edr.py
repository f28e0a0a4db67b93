from __future__ import annotations

import json
from typing import Any

from sekisho.fleet.collections.base import Collection
from sekisho.fleet.collections.edr import read


def export(*records: Any, columns: dict[str, str] | None = None) -> Collection:
    lines = ((n, json.dumps(r).encode()) for n, r in enumerate(records, 1))
    return read(lines, ["services"], columns or {})


def test_rows_and_nothing_found() -> None:
    found = export(
        {"ComputerName": "pc1", "table": "services", "columns": {"name": "a"}},
        {
            "host": {"name": "pc2"},
            "query": "services",
            "rows": [],
            "@timestamp": "2026-03-01T00:00:00Z",
        },
    )
    one, two = found.machines.values()
    assert one[1]["services"].rows == [{"name": "a"}]
    assert (two[0].hostname, two[1]["services"].rows) == ("pc2", [])
    assert two[1]["services"].collected is not None


def test_keys_of_ones_own_and_failures() -> None:
    found = export(
        {"Asset": "pc1", "Kind": "services", "error": "access denied"},
        columns={"hostname": "Asset", "table": "Kind"},
    )
    ((_, tables),) = found.machines.values()
    assert tables["services"].failure == "access denied"


def test_what_names_no_machine_is_set_aside() -> None:
    found = export({"table": "services"}, {"hostname": "../x", "table": "services"}, {"hostname": "a"})
    assert [a.row for a in found.aside] == [1, 2]
    assert found.machines == {}
