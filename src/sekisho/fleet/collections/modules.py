"""Tables that tools for examination write as CSV beside or in a collection, known by their columns.

Sources: the columns of AmcacheParser (Eric Zimmerman), Autoruns (Sysinternals) and auditpol (Windows).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from sekisho.fleet.collections.base import LONGEST, MOST_COLUMNS, Row

MAX_CSV = 64 << 20
_KINDS: tuple[tuple[frozenset[str], str, Mapping[str, str]], ...] = (
    (
        frozenset({"sha1", "fullpath"}),
        "file_hashes",
        {"fullpath": "path", "name": "name", "sha1": "sha1"},
    ),
    (
        frozenset({"entry location", "launch string"}),
        "startup_items",
        {"entry": "name", "launch string": "path", "entry location": "source"},
    ),
    (
        frozenset({"sha-256", "image path"}),
        "file_hashes",
        {"image path": "path", "md5": "md5", "sha-1": "sha1", "sha-256": "sha256"},
    ),
    (
        frozenset({"subcategory guid"}),
        "audit_policy",
        {
            "subcategory guid": "subcategory guid",
            "inclusion setting": "inclusion setting",
            "setting value": "setting value",
        },
    ),
)


def tables(content: bytes) -> Iterator[tuple[str, Iterator[Row]]]:
    """Tables that a CSV holds, with their rows; none where its columns are not known.

    Raises ValueError for what is no text, or no CSV.
    """
    text = _text(content)
    first = text.partition("\n")[0]
    if not first.strip():
        return
    header = _header(first)
    for columns, table, names in _KINDS:
        if columns <= set(header):
            yield table, _rows(text, header, names)


def _header(line: str) -> list[str]:
    sign = "\t" if "\t" in line else ","
    try:
        (columns,) = csv.reader([line.rstrip("\r")], delimiter=sign)
    except (csv.Error, ValueError):
        return []
    return [one.strip().casefold() for one in columns[:MOST_COLUMNS]]


def _rows(text: str, header: list[str], names: Mapping[str, str]) -> Iterator[Row]:
    sign = "\t" if "\t" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    next(reader, None)
    try:
        for values in reader:
            if len(values) > len(header):
                raise ValueError(f"line {reader.line_num} has more values than there are columns")
            row = {
                names[key]: value[:LONGEST].replace("\0", "\ufffd")
                for key, value in zip(header, values, strict=False)
                if key in names
            }
            # AmcacheParser keeps the four zeros that Windows puts before a hash.
            if len(row.get("sha1", "")) == 44:
                row["sha1"] = row["sha1"][4:]
            if any(row.values()):
                yield row
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num}: {error}") from error


def _text(content: bytes) -> str:
    for mark, coding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig")):
        if content.startswith(mark):
            try:
                return content.decode(coding)
            except UnicodeDecodeError as error:
                raise ValueError("is no text in UTF-8 or UTF-16") from error
    return ""
