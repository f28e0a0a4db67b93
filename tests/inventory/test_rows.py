from __future__ import annotations

import pytest

from sekisho.inventory.located import Problems
from sekisho.inventory.rows import MAX_LINE, Row, read_rows


def read(text: str | bytes) -> tuple[list[Row], list[tuple[int, int, str]]]:
    problems = Problems()
    raw = text.encode() if isinstance(text, str) else text
    rows = list(read_rows("a.csv", raw, ("name", "size", "note"), ("name",), problems))
    return rows, [(p.line, p.column, p.code) for p in problems]


def test_cells_know_their_place() -> None:
    rows, problems = read('\n# remark\nNAME , Size\n\n"a, b", 7\nc\n')
    assert problems == []
    assert [dict(row.cells) for row in rows] == [
        {"name": "a, b", "size": "7"},
        {"name": "c", "size": ""},
    ]
    assert rows[0].place("size") == (5, 8)
    assert rows[1].line == 6


def test_a_cell_over_several_lines_keeps_the_line_where_its_row_begins() -> None:
    rows, _ = read('name,note\na,"one\ntwo"\nb,x\n')
    assert [row.line for row in rows] == [2, 4]
    assert rows[0].cells["note"] == "one\ntwo"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("size\n1\n", (1, 1, "csv/missing-column")),
        ("name;size\na;1\n", (1, 1, "csv/separator")),
        ("name,name\n", (1, 6, "csv/column-twice")),
        ("name,sise\na,1\n", (1, 6, "csv/unknown-column")),
        ("name,size\na,1,2\n", (2, 5, "csv/cells")),
        ('name\n"a\n', (2, 1, "csv/quotes")),
        ("name\n" + "x" * (MAX_LINE + 1), (2, MAX_LINE, "csv/line")),
        (b"name\n\xff\n", (2, 1, "file/encoding")),
    ],
)
def test_faults(text: str | bytes, expected: tuple[int, int, str]) -> None:
    assert read(text)[1] == [expected]


def test_empty_is_empty() -> None:
    assert read("") == ([], [])
