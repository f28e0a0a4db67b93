from __future__ import annotations

from sekisho.fleet.collections.base import Gathered
from sekisho.fleet.software import LONGEST, software_of
from sekisho.model.terminals import Program

ROWS = [
    {"name": "b", "version": "1", "publisher": "B"},
    {"name": "a\x1b[31m", "displayversion": "2", "vendor": "A"},
    {"name": "b", "version": "1", "publisher": "B"},
    {"name": "", "version": "3"},
    {"name": "c" * 1000},
]


def test_programs_and_the_system_each_once() -> None:
    tables = {
        "programs": Gathered(rows=list(ROWS)),
        "os_version": Gathered(rows=[{"name": "Microsoft Windows 10", "build": "19045"}]),
        "services": Gathered(rows=[{"name": "x"}]),
    }
    found = software_of(tables)
    assert found["programs"] == (
        Program("a [31m", "2", "A"),
        Program("b", "1", "B"),
        Program("c" * LONGEST),
    )
    assert found["os_version"] == (Program("Microsoft Windows 10", "19045", "Microsoft"),)
    assert set(found) == {"programs", "os_version"}


def test_a_table_that_lacks_rows_does_not_stand_for_the_whole() -> None:
    assert software_of({"programs": Gathered(rows=list(ROWS), whole=False)}) == {}
    assert software_of({"programs": Gathered(rows=list(ROWS), failure="x")}) == {}
    assert software_of({"programs": Gathered()}) == {}
