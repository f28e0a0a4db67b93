"""A terminal, or what stands for one: width, colour, glyphs, and no input that it obeys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TextIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sekisho.model.sizes import size
from sekisho.reports.base import Cell, Column, Options, Sheet
from sekisho.reports.glyphs import ASCII, UNICODE, Glyphs
from sekisho.reports.text import printable
from sekisho.reports.units import Times, count

WIDTH = 80
SEVERITY = {
    "critical": "bold red",
    "high": "red",
    "medium": "yellow",
    "low": "cyan",
    "info": "dim",
}
VERDICT = {
    "unauthorized": "bold red",
    "lapsed": "magenta",
    "attempted": "yellow",
    "unmapped": "cyan",
    "authorized": "green",
}
STATE = {
    "seen": "green",
    "quiet": "blue",
    "no_data": "bold yellow",
    "error": "bold red",
    "warning": "yellow",
    "ok": "green",
    "passed": "green",
    "failed": "bold red",
    "new": "bold red",
    "gone": "green",
    "changed": "yellow",
}
_STYLES = {"severity": SEVERITY, "verdict": VERDICT, "state": STATE}
_RIGHT = ("count", "bytes")
_UNBROKEN = (*_RIGHT, "severity", "time")
_BETWEEN = "   "
UPRIGHT_COLUMNS = 6
"""A single row of more columns than this is set upright."""
FOLDED_COLUMNS = 5
"""Of tables with more columns than this, rows that do not fit become paragraphs."""


class Screen:
    """Writes tables and sentences to a Rich console; every text passes through `safe`."""

    def __init__(self, out: Console | TextIO, options: Options) -> None:
        self.console = out if isinstance(out, Console) else _console(out, options)
        self.options = options
        encoding = (self.console.encoding or "ascii").lower()
        plain = options.plain_ascii
        self.ascii = not encoding.startswith("utf") if plain is None else plain
        self.glyphs: Glyphs = ASCII if self.ascii else UNICODE

    @property
    def times(self) -> Times:
        """How times are shown."""
        return self.options.times

    @property
    def width(self) -> int:
        """Columns to write in."""
        return self.console.width

    def safe(self, value: object) -> str:
        """One line of text that no terminal obeys."""
        return printable(str(value), ascii_only=self.ascii)

    def text(self, value: object, style: str = "") -> Text:
        """The same as a Rich text, whose brackets are no markup."""
        return Text(self.safe(value), style=style)

    def headline(self, sentence: str) -> None:
        """The answer, above everything else."""
        self.console.print(self.text(sentence, "bold"))

    def line(self, text: Text | str = "") -> None:
        """A line, wrapped at words."""
        self.console.print(text if isinstance(text, Text) else self.text(text))

    def notes(self, notes: Iterable[str]) -> None:
        """Sentences below the tables, each behind a dash."""
        for note in notes:
            grid = Table.grid(padding=(0, 1))
            grid.add_row(self.text("-", "dim"), self.text(note))
            self.console.print(grid)

    def passages(self, passages: Iterable[tuple[str, str]]) -> None:
        """Questions with their answers beside them."""
        grid = Table.grid(padding=(0, 2, 0, 0))
        for question, answer in passages:
            grid.add_row(self.text(question, "bold"), self.text(answer))
        self.console.print()
        self.console.print(grid)

    def sheet(self, sheet: Sheet) -> None:
        """A table with its title, or the sentence that says why there is none."""
        if not sheet.rows and not sheet.title and not sheet.empty:
            return
        self.console.print()
        if not sheet.rows:
            if sheet.title:
                self.line(self.text(sheet.title, "bold"))
            self.line(sheet.empty)
            return
        if len(sheet.rows) == 1 and len(sheet.columns) > UPRIGHT_COLUMNS:
            self._upright(sheet)
            return
        rows, more = self.cut(sheet.rows)
        if len(sheet.columns) > FOLDED_COLUMNS and self._breaks_words(sheet.columns, rows):
            self._paragraphs(sheet, rows)
            self.more(more)
            return
        table = self.table(sheet.title)
        widths = self._widths(sheet.columns, rows)
        for column, width in zip(sheet.columns, widths, strict=True):
            table.add_column(
                self.text(column.title),
                width=width,
                justify="right" if column.kind in _RIGHT else "left",
                overflow="fold",
                no_wrap=column.kind in _UNBROKEN,
            )
        for row in rows:
            table.add_row(*(self.cell(c, v) for c, v in zip(sheet.columns, row, strict=True)))
        self.console.print(table)
        self.more(more)

    def _upright(self, sheet: Sheet) -> None:
        """A single wide row as one line for each column: folded headers cannot be read."""
        if sheet.title:
            self.line(self.text(sheet.title, "bold"))
        grid = Table.grid(padding=(0, 3, 0, 0))
        for column, value in zip(sheet.columns, sheet.rows[0], strict=True):
            grid.add_row(self.text(column.title, "dim"), self.cell(column, value))
        self.console.print(grid)

    def _breaks_words(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> bool:
        """Whether a table of these is narrower than the words in it: names cut in pieces cannot be read."""
        return sum(least for least, _ in self._needs(columns, rows)) > self._room(columns)

    def _room(self, columns: Sequence[Column]) -> int:
        """What the columns have together, without what stands between them."""
        return self.width - (len(columns) - 1) * (3 if self.ascii else 2)

    def _needs(
        self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]
    ) -> Iterator[tuple[int, int]]:
        """Of each column the width of its longest word, and that in which nothing is wrapped."""
        for place, column in enumerate(columns):
            cells = [self.cell(column, row[place]).plain for row in rows]
            words = cells if column.kind in _UNBROKEN else [w for cell in cells for w in cell.split()]
            least = max(map(cell_len, [*column.title.split(), *words]), default=0)
            yield least, max(map(cell_len, [column.title, *cells]), default=0)

    def _widths(
        self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]
    ) -> Sequence[int | None]:
        """Widths in which no word is cut, where the widest would otherwise be narrowed that far."""
        room = self._room(columns)
        needs = list(self._needs(columns, rows))
        if sum(least for least, _ in needs) > room or sum(most for _, most in needs) <= room:
            return [None] * len(needs)
        fixed = [column.kind in _UNBROKEN for column in columns]

        def narrowed(to: int, *, floor: bool) -> list[int]:
            return [
                most if whole else max(min(most, to), least if floor else 0)
                for (least, most), whole in zip(needs, fixed, strict=True)
            ]

        plain = next(
            (w for to in range(room, -1, -1) if sum(w := narrowed(to, floor=False)) <= room), None
        )
        if plain is None or all(width >= least for width, (least, _) in zip(plain, needs, strict=True)):
            return [None] * len(needs)
        return next(
            (w for to in range(room, -1, -1) if sum(w := narrowed(to, floor=True)) <= room),
            [None] * len(needs),
        )

    def _paragraphs(self, sheet: Sheet, rows: Sequence[Sequence[Cell]]) -> None:
        """Rows that are too wide: each by its first column, below it the others with their titles."""
        if sheet.title:
            self.line(self.text(sheet.title, "bold"))
        first, *others = sheet.columns
        for row in rows:
            self.line(self.cell(first, row[0]))
            pairs = [
                Text(" ").join((self.text(column.title, "dim"), self.cell(column, value)))
                for column, value in zip(others, row[1:], strict=True)
            ]
            for line in _packed(pairs, self.width - 2):
                self.indented(line)

    def table(self, title: str = "") -> Table:
        """An empty table in the house's look."""
        return Table(
            title=self.text(title, "bold") if title else None,
            title_justify="left",
            title_style="",
            box=box.ASCII2 if self.ascii else box.SIMPLE_HEAD,
            safe_box=False,
            pad_edge=False,
            padding=(0, 1) if self.ascii else (0, 1, 0, 0),
            header_style="bold",
            show_edge=False,
        )

    def indented(self, text: Text, left: int = 2) -> None:
        """A paragraph set in from the left, wrapped there."""
        self.console.print(Padding(text, (0, 0, 0, left)))

    def cut(self, rows: Sequence[Sequence[Cell]]) -> tuple[Sequence[Sequence[Cell]], int]:
        """The rows to show and how many are left out."""
        limit = self.options.limit
        if limit is None or len(rows) <= limit:
            return rows, 0
        return rows[:limit], len(rows) - limit

    def more(self, left_out: int) -> None:
        """What a limit left out is said, never dropped in silence."""
        if left_out:
            rest = f"{self.glyphs.more} and {count(left_out)} more; the other formats give all"
            self.line(self.text(rest, "dim"))

    def cell(self, column: Column, value: Cell) -> Text:
        """One value as its column's kind shows it."""
        if value is None or value == "":
            return self.text("-", "dim")
        if isinstance(value, bool):
            return self.text("yes" if value else "no")
        if isinstance(value, datetime):
            return self.text(self.times.minute(value))
        if isinstance(value, (int, float)):
            return self.text(size(int(value)) if column.kind == "bytes" else _number(value))
        style = _STYLES.get(column.kind, {}).get(value, "")
        return self.text(value.replace("_", " ") if style else value, style)


def _packed(pairs: Sequence[Text], width: int) -> list[Text]:
    """As many on a line as fit."""
    lines: list[Text] = []
    for pair in pairs:
        if lines and lines[-1].cell_len + len(_BETWEEN) + pair.cell_len <= width:
            lines[-1] = Text(_BETWEEN).join((lines[-1], pair))
        else:
            lines.append(pair)
    return lines


def _number(value: float) -> str:
    return count(value) if isinstance(value, int) else f"{value:,.1f}"


def _console(stream: TextIO, options: Options) -> Console:
    terminal = bool(getattr(stream, "isatty", lambda: False)())
    color = terminal if options.color is None else options.color
    return Console(
        file=stream,
        force_terminal=color,
        no_color=not color,
        color_system="auto" if color and terminal else ("standard" if color else None),
        width=options.width or (None if terminal else WIDTH),
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
