from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.inventory.located import Problems
from sekisho.policy.sheets import MAX_CELL, MAX_ROWS, Sheet, by_name, read_sheet


def read(content: str | bytes) -> tuple[list[list[str]], list[tuple[int, int, str]], Sheet]:
    problems = Problems()
    data = content.encode() if isinstance(content, str) else content
    sheet = read_sheet("s.csv", data, problems)
    rows = [[cell.text for cell in row] for row in (sheet.header, *sheet.rows)]
    return rows, [(p.line, p.column, p.code) for p in problems], sheet


def test_cells_know_their_places_through_quotes_and_line_breaks() -> None:
    rows, problems, sheet = read('a;b\n x ;"one ""two""\nthree; four"\n\n;last')
    assert rows == [["a", "b"], ["x", 'one "two"\nthree; four'], ["", "last"]]
    assert problems == []
    cell = sheet.rows[0][1]
    assert [sheet.place(cell, cell.text.index(word)) for word in ("one", "two", "three", "four")] == [
        (2, 6),
        (2, 12),
        (3, 1),
        (3, 8),
    ]
    assert sheet.place(sheet.rows[1][1]) == (5, 2)


@pytest.mark.parametrize("first", ["sep=;\n", '"sep=;"\n', "# made by hand\n", "\n\n"])
def test_what_stands_above_the_header(first: str) -> None:
    rows, problems, _ = read(f"{first}a;b\n1;2\n")
    assert (rows, problems) == ([["a", "b"], ["1", "2"]], [])


def test_a_header_of_a_sharp_and_a_separator_in_quotes() -> None:
    assert read('#;"x, y, z"\n1;2\n')[0] == [["#", "x, y, z"], ["1", "2"]]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('a,b\n1,"open\n2,3\n', (2, 3, "csv/quotes")),
        ('a,b\n1,"x"y\n', (2, 6, "csv/quotes")),
        (f"a,b\n1,{'x' * (MAX_CELL + 1)}\n", (2, 3, "csv/cell")),
        (f'a,b\n1,"{"x" * (3 * MAX_CELL)}"\n', (2, 3, "csv/quotes")),
        ("a,b\n" + "," * 500, (2, 201, "csv/cells")),
        ("a\n" + "1\n" * (MAX_ROWS + 1), (MAX_ROWS + 2, 1, "csv/rows")),
        ("a,b\n\0", (2, 1, "file/encoding")),
        (" \n,,\n", (0, 0, "csv/empty")),
    ],
)
def test_what_is_wrong_is_located(text: str, problem: tuple[int, int, str]) -> None:
    assert read(text)[1] == [problem]


def test_code_pages_and_too_many_bytes() -> None:
    assert read("a,b\nMünchen €,x\n".encode("cp1252"))[0][1] == ["München €", "x"]
    assert read(b"a,b\nx\x81y,z\n")[0][1] == ["x\x81y", "z"]
    assert read(b"a,b\n" + b"x" * (9 << 20))[1] == [(0, 0, "file/size")]


def test_rows_by_name_leave_out_what_has_none() -> None:
    _, _, sheet = read("a,b,c\n1,2,3,4\n5\n")
    names = {0: "id", 2: "why"}
    assert [{k: c.text for k, c in by_name(names, row).items()} for row in sheet.rows] == [
        {"id": "1", "why": "3"},
        {"id": "5"},
    ]


cells = st.text(st.sampled_from('ab,;"\n \té'), max_size=8)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=5), st.sampled_from(",;\t|"))
def test_what_a_spreadsheet_writes_reads_back(rows: list[list[str]], separator: str) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator)
    writer.writerows([["h1", "h2", "h3"], *rows])
    expected = [[cell.strip() for cell in row] for row in rows]
    found, problems, _ = read(stream.getvalue())
    assert found[1:] == [row for row in expected if any(row)]
    assert problems == []
