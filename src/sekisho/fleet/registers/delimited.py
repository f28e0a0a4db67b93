"""Terminals in CSV: one's own list, an export of Active Directory or of a CMDB.

Columns are found by their usual names, or by a mapping. `uuid` of a machine whose board has none is left empty.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence

from sekisho.errors import FileProblems, Problem, RequestError
from sekisho.fleet.registers.base import ALIASES, FIELDS, Register, plain

_DELIMITERS = ",;\t|"
_LONGEST = 1 << 20


def read(file: str, content: bytes, columns: Mapping[str, str] | None = None) -> Register:
    """Terminals of a CSV file. `columns` names the column of each field where it is not its usual name.

    Raises FileProblems where no column can be the hostname, or where a mapped one is not there.
    """
    lines = _lines(_text(content))
    found = Register()
    header: list[str] | None = None
    places: dict[str, list[int]] = {}
    rows = csv.reader(lines, delimiter=_delimiter(content))
    while True:
        try:
            cells = next(rows, None)
        except csv.Error as error:
            found.leave(rows.line_num, f"cannot be read: {error}")
            continue
        if cells is None:
            break
        # PowerShell's Export-Csv begins with `#TYPE …`.
        if not any(cells) or (header is None and cells[0].startswith("#TYPE")):
            continue
        if header is None:
            header = cells
            places = _places(file, rows.line_num, header, columns or {}, found)
            continue
        if len(cells) != len(header):
            found.leave(rows.line_num, f"has {len(cells)} columns where the header has {len(header)}")
            continue
        found.add(
            rows.line_num,
            {
                name: next((cells[at] for at in where if cells[at].strip()), "")
                for name, where in places.items()
            },
        )
    if header is None:
        raise RequestError(f"{file} has no header", "the first line names the columns: hostname,uuid,…")
    return found


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    # What is no UTF-8 becomes U+FFFD, and the rows that hold it are set aside.
    return content.decode("utf-8-sig", "replace")


def _lines(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        line = text[start:end].replace("\0", "\ufffd")
        yield line if len(line) <= _LONGEST else "\ufffd\n"
        start = end


def _delimiter(content: bytes) -> str:
    lines = _text(content[: 1 << 16]).splitlines()
    head = next((x for x in lines if x.strip() and not x.startswith("#TYPE")), "")
    return max(_DELIMITERS, key=head.count) if any(d in head for d in _DELIMITERS) else ","


def _places(
    file: str, line: int, header: Sequence[str], columns: Mapping[str, str], found: Register
) -> dict[str, list[int]]:
    exact = {name: n for n, name in reversed(list(enumerate(header)))}
    known = {plain(name): n for n, name in reversed(list(enumerate(header)))}
    problems = [
        Problem(
            file, line, 0, "fleet/column", f"there is no column `{name}`", f"there are {_some(header)}"
        )
        for name in columns.values()
        if name not in exact
    ]
    places = {
        field: [exact[columns[field]]]
        if columns.get(field) in exact
        else [known[alias] for alias in ALIASES[field] if alias in known]
        for field in FIELDS
    }
    if not places["hostname"] and not problems:
        problems.append(
            Problem(
                file,
                line,
                0,
                "fleet/hostname",
                f"no column holds the names of terminals; there are {_some(header)}",
                "name it `hostname`, or say which it is: --columns hostname='Device name'",
            )
        )
    if problems:
        raise FileProblems(problems)
    used = {at for where in places.values() for at in where}
    left = [name for n, name in enumerate(header) if n not in used and name.strip()]
    if left:
        found.notes.append(f"columns not used: {_some(left)}")
    return {field: where for field, where in places.items() if where}


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name[:60]}`" for name in names[:8])
    return shown + (f" and {len(names) - 8} more" if len(names) > 8 else "")
