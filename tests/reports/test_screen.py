from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import pytest
from rich.console import Console

from sekisho.reports.base import Column, Options, Sheet
from sekisho.reports.screen import Screen

COLUMNS = (Column("name", "Name"), Column("size", "Size", "bytes"), Column("state", "State", "state"))


def shown(sheet: Sheet, options: Options | None = None) -> str:
    stream = io.StringIO()
    Screen(stream, options or Options()).sheet(sheet)
    return stream.getvalue()


def test_a_pipe_gets_80_columns_and_no_colour() -> None:
    rows = [("a long name " * 12, 5_000_000, "no_data")]
    text = shown(Sheet("row", "Rows", COLUMNS, rows))
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "\x1b" not in text
    assert "no data" in text
    assert "5.0 MB" in text


def test_colour_changes_no_word() -> None:
    sheet = Sheet("row", "Rows", COLUMNS, [("a", 1, "no_data")])
    coloured = shown(sheet, Options(color=True))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == shown(sheet)


def test_input_cannot_command_the_terminal_nor_the_markup() -> None:
    rows = [("\x1b]0;owned\x07[bold red]x[/] :skull: \u202e", 0, "\x9b2J")]
    text = shown(Sheet("row", "\x1b[2J", COLUMNS, rows), Options(width=200))
    assert not [c for c in text if (c < " " and c != "\n") or "\x7f" <= c <= "\x9f" or c == "\u202e"]
    assert r"\x1b]0;owned\x07[bold red]x[/] :skull: \u202e" in text


@pytest.mark.parametrize("options", [Options(plain_ascii=True), None])
def test_without_utf8_everything_is_ascii(options: Options | None) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="utf-8" if options else "latin-1")
    Screen(stream, options or Options()).sheet(Sheet("row", "工場", COLUMNS, [("→", 1, "ok")]))
    stream.flush()
    assert raw.getvalue().isascii()
    assert rb"\u5de5\u5834" in raw.getvalue()


def test_a_limit_is_said() -> None:
    text = shown(Sheet("row", "", COLUMNS, [("x", n, "ok") for n in range(9)]), Options(limit=4))
    assert text.count("ok") == 4
    assert "and 5 more" in text


def test_an_empty_table_is_a_sentence() -> None:
    assert "None at all." in shown(Sheet("row", "Rows", COLUMNS, (), "None at all."))


def test_cells_of_every_type() -> None:
    stream = io.StringIO()
    screen = Screen(Console(file=stream, width=80), Options())
    values = (None, "", True, False, datetime(2020, 6, 1, 4, 5, tzinfo=UTC), 1200, 2.25)
    column = Column("x", "X")
    assert [screen.cell(column, v).plain for v in values] == [
        "-", "-", "yes", "no", "2020-06-01 04:05", "1,200", "2.2",
    ]  # fmt: skip


def test_wide_rows_that_would_break_a_name_become_paragraphs() -> None:
    columns = (
        Column("a", "address", "code"),
        *(Column(str(n), f"what {n}", "count") for n in range(6)),
    )
    long = "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff"
    short = ("10.1.0.1", *[7] * 6)
    fits = shown(Sheet("row", "Rows", columns, [short, short]))
    assert fits.count("what 0") <= 1, "one head for all"
    text = shown(Sheet("row", "Rows", columns, [(long, *[123_456_789] * 6), short]))
    lines = [line.rstrip() for line in text.splitlines()]
    assert max(map(len, lines)) <= 80
    assert long in lines
    assert "10.1.0.1" in lines
    assert text.count("123,456,789") == 6
    assert text.count("what 5 ") == 2
    cut = shown(Sheet("row", "Rows", columns, [(long, *[10**9] * 6), short]), Options(limit=1))
    assert "10.1.0.1" not in cut
    assert "1 more" in cut


def test_answers_stand_beside_their_questions_and_command_nothing() -> None:
    stream = io.StringIO()
    Screen(stream, Options()).passages([("Since when", "[bold]x[/bold] \x1b " + "word " * 30)])
    lines = stream.getvalue().splitlines()
    assert lines[1].startswith("Since when  [bold]x[/bold] \\x1b word")
    assert all(line.startswith(" " * 12) for line in lines[2:])
    assert max(map(len, lines)) <= 80


def test_no_word_is_cut_in_two_while_there_is_room_for_all() -> None:
    columns = tuple(Column(name, name) for name in ("Clock", "State", "Due", "Why"))
    row = (
        "eu-nis2 early-warning",
        "needs decision",
        "2020-06-11 09:00+08:00",
        "decided by cn_severity, critical_infrastructure; that time has passed",
    )
    text = shown(Sheet("row", "", columns, [row, row]))
    assert "critical_infrastructure;" in text
    assert max(len(line) for line in text.splitlines()) <= 80
    # Where nothing would be cut the table is as wide as it was.
    short = [(*row[:3], "decided by people"), row]
    assert "eu-nis2 early-warning" in shown(Sheet("row", "", columns, [short[0], short[0]]))
