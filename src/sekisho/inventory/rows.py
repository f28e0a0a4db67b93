"""CSV that people write: rows with the place of every cell."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sekisho.inventory.located import Problems, did_you_mean
from sekisho.inventory.texts import decode

MAX_BYTES = 64 << 20
MAX_LINE = 64 << 10


@dataclass(frozen=True, slots=True)
class Row:
    """A data row: its cells by column, and where each begins."""

    line: int
    cells: Mapping[str, str]
    places: Mapping[str, int]

    def place(self, column: str) -> tuple[int, int]:
        """Line and column of a cell."""
        return self.line, self.places.get(column, 1)


def read_rows(
    file: str, content: bytes, known: tuple[str, ...], required: tuple[str, ...], problems: Problems
) -> Iterator[Row]:
    """The rows of a CSV file with a header line; column names in any case, empty lines skipped."""
    text, found = decode(file, content, MAX_BYTES)
    problems.extend(found)
    lines = [] if text is None else text.splitlines(keepends=True)
    for position, line in enumerate(lines, 1):
        if len(line) > MAX_LINE:
            problems.add(
                file,
                (position, MAX_LINE),
                "csv/line",
                f"a line of {len(line):,} characters",
                "check for an unclosed quotation mark",
            )
            return
    reader = csv.reader(lines, strict=True)
    header: list[str] | None = None
    while True:
        begin = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.add(
                file,
                (begin, 1),
                "csv/quotes",
                f"the row cannot be read: {error}",
                "close the quotation mark, or double it inside a cell",
            )
            return
        if not any(cell.strip() for cell in cells) or (header is None and cells[0].startswith("#")):
            continue
        starts = _starts(lines[begin - 1], len(cells))
        if header is None:
            header = _header(file, begin, cells, starts, known, required, problems)
            if header is None:
                return
            continue
        if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            problems.add(
                file,
                (begin, starts[len(header)]),
                "csv/cells",
                f"{len(cells)} cells, but the header has {len(header)}",
                "separate groups with `;`, and quote cells that contain commas",
            )
            continue
        cells += [""] * (len(header) - len(cells))
        yield Row(
            begin,
            {name: cell.strip() for name, cell in zip(header, cells, strict=False)},
            dict(zip(header, starts, strict=False)),
        )


def _starts(line: str, count: int) -> list[int]:
    """Column (from 1) at which each cell of a row begins, as far as its first line shows."""
    starts, quoted = [1], False
    for position, character in enumerate(line):
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            starts.append(position + 2)
    return starts + [starts[-1]] * max(0, count - len(starts))


def _header(
    file: str,
    line: int,
    cells: list[str],
    starts: list[int],
    known: tuple[str, ...],
    required: tuple[str, ...],
    problems: Problems,
) -> list[str] | None:
    header = [cell.strip().lower() for cell in cells]
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        problems.add(
            file,
            (line, 1),
            "csv/separator",
            "the columns are not separated by commas",
            "save the file as comma-separated CSV",
        )
        return None
    for position, name in enumerate(header):
        if name and header.index(name) != position:
            problems.add(
                file,
                (line, starts[position]),
                "csv/column-twice",
                f"the column {name!r} stands twice",
                "remove one of them",
            )
            return None
        if name and name not in known:
            problems.add(
                file,
                (line, starts[position]),
                "csv/unknown-column",
                f"the column {name!r} is not used",
                did_you_mean(name, known),
                "warning",
            )
    missing = [name for name in required if name not in header]
    if missing:
        problems.add(
            file,
            (line, 1),
            "csv/missing-column",
            f"no column {', '.join(missing)}",
            f"begin the file with the line {','.join(known)}",
        )
        return None
    return header
