"""Rows of a spreadsheet's text export, with the place of every character.

Comma, semicolon or tab; a byte order mark, UTF-8, UTF-16 or a Windows code page; quoted cells with line
breaks; Excel's `sep=;` line. Every cell is text: nothing in it is ever worked out.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sekisho.inventory.located import Problems
from sekisho.inventory.texts import decode

MAX_BYTES = 8 << 20
MAX_ROWS = 50_000
MAX_CELLS = 200
MAX_CELL = 16_384
SEPARATORS = ",;\t|"
_COMMENT = re.compile(r"#\s*\w")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text without blanks around it, and the offset in the file at which it begins."""

    text: str
    start: int
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's text, its header, the rows below it, and the offset of each line."""

    file: str
    source: str
    header: tuple[Cell, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    lines: tuple[int, ...] = (0,)

    def place(self, cell: Cell, offset: int = 0) -> tuple[int, int]:
        """Line and column (from 1) of the character at `offset` of a cell's text."""
        where = cell.start
        for _ in range(min(offset, len(cell.text))):
            where += 2 if cell.quoted and self.source.startswith('""', where) else 1
        line = bisect_right(self.lines, where)
        return line, where - self.lines[line - 1] + 1


def read_sheet(file: str, content: bytes, problems: Problems) -> Sheet:
    """The first row that is not empty as the header, and the rows that follow; empty ones are passed
    over. What is wrong with the file is noted in `problems`, and what could be read is given."""
    source = _text(file, content, problems)
    if source is None:
        return Sheet(file, "")
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    begin, separator = _separator(source)
    lines = (0, *(found.end() for found in re.finditer("\n", source)))
    sheet = Sheet(file, source, lines=lines)
    rows: list[tuple[Cell, ...]] = []
    for row in _rows(sheet, begin, separator, problems):
        if not any(cell.text for cell in row) or (not rows and _COMMENT.match(row[0].text)):
            continue
        if len(rows) > MAX_ROWS:
            place = sheet.place(row[0])
            problems.add(
                file, place, "csv/rows", f"more than {MAX_ROWS:,} rows", "import the file in parts"
            )
            break
        rows.append(row)
    if not rows:
        problems.add(
            file, (0, 0), "csv/empty", "there is no header in the file", "name the columns first"
        )
        return sheet
    return Sheet(file, source, rows[0], tuple(rows[1:]), lines)


def _text(file: str, content: bytes, problems: Problems) -> str | None:
    if b"\0" in content and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        at = content.index(b"\0")
        line = content.count(b"\n", 0, at) + 1
        before = content[content.rfind(b"\n", 0, at) + 1 : at]
        column = len(before.decode("utf-8", "replace")) + 1
        problems.add(
            file, (line, column), "file/encoding", "this is no text", "export the sheet as CSV"
        )
        return None
    text, found = decode(file, content, MAX_BYTES)
    if text is None and [problem.code for problem in found] == ["file/encoding"]:
        # Spreadsheets on Windows write the code page of the country. Where bytes are not UTF-8, Latin-1
        # reads all of them, and Windows' own letters in its gap come from code page 1252.
        try:
            return content.decode("cp1252")
        except UnicodeDecodeError:
            return content.decode("latin-1")
    problems.extend(found)
    return text


def _separator(source: str) -> tuple[int, str]:
    """Where the header begins, and what separates cells: what stands most often in the header, outside
    quotes; commas among equals."""
    begin = 0
    declared = re.match(r'"?sep=([,;\t|])"?[ \t]*\n', source, re.IGNORECASE)
    if declared:
        return declared.end(), declared[1]
    for line in source.split("\n"):
        if line.strip(" ,;\t|") and not _COMMENT.match(line):
            plain = re.sub(r'"[^"]*"', "", line)
            return begin, max(SEPARATORS, key=lambda s: (plain.count(s), -SEPARATORS.index(s)))
        begin += len(line) + 1
    return 0, ","


def _rows(sheet: Sheet, begin: int, separator: str, problems: Problems) -> Iterator[tuple[Cell, ...]]:
    source, where = sheet.source, begin
    plain = re.compile(rf"[^\n{re.escape(separator)}]*")
    row: list[Cell] = []
    while where <= len(source):
        cell, after = _cell(sheet, where, plain, problems)
        if cell is None:
            return
        row.append(cell)
        ended = after >= len(source) or source[after] == "\n"
        if ended or len(row) > MAX_CELLS:
            if len(row) > MAX_CELLS:
                message = f"more than {MAX_CELLS} cells in a row"
                problems.add(sheet.file, sheet.place(cell), "csv/cells", message, "check the separator")
                return
            yield tuple(row)
            row = []
            if after >= len(source) - 1:
                return
        where = after + 1


def _cell(
    sheet: Sheet, where: int, plain: re.Pattern[str], problems: Problems
) -> tuple[Cell | None, int]:
    """The cell at an offset, and the offset of what ends it."""
    source = sheet.source
    found = plain.match(source, where)
    after = found.end() if found else where
    text = source[where:after]
    lead = len(text) - len(text.lstrip())
    start = where + lead
    quoted = text.lstrip().startswith('"')
    if quoted:
        start += 1
        position = start
        while True:
            end = source.find('"', position)
            if end < 0 or end - start > 2 * MAX_CELL:
                problems.add(
                    sheet.file,
                    sheet.place(Cell("", start - 1)),
                    "csv/quotes",
                    "this quotation mark is not closed",
                    "close it, or double it inside a cell",
                )
                return None, after
            if source.startswith('""', end):
                position = end + 2
                continue
            break
        text = source[start:end].replace('""', '"')
        rest = plain.match(source, end + 1)
        after = rest.end() if rest else end + 1
        if source[end + 1 : after].strip():
            problems.add(
                sheet.file,
                sheet.place(Cell("", end + 1)),
                "csv/quotes",
                "text follows the closing quotation mark",
                "double quotation marks inside a cell",
            )
    lead = len(text) - len(text.lstrip())
    cell = Cell(text.strip(), start + (lead if quoted else 0), quoted)
    if len(cell.text) > MAX_CELL:
        message = f"a cell of {len(cell.text):,} characters"
        problems.add(
            sheet.file, sheet.place(cell), "csv/cell", message, "check for an unclosed quotation mark"
        )
        return None, after
    return cell, after


def by_name(names: Mapping[int, str], row: tuple[Cell, ...]) -> dict[str, Cell]:
    """The cells of a row by column name; columns without a name are left out, missing cells too."""
    return {names[n]: cell for n, cell in enumerate(row) if n in names}
