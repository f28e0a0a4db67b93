"""Where each key of a TOML file stands, so that an error can name its line and column.

The standard library's parser gives values without places. This scanner trusts that the text has
already been parsed: it only looks for keys, and skips strings, arrays and inline tables.
"""

from __future__ import annotations

import re

KeyPath = tuple[str, ...]
Place = tuple[int, int]

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_KEY = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_HEADER = re.compile(rf"[ \t]*\[\[?[ \t]*({_KEY})[ \t]*\]")
_PAIR = re.compile(rf"[ \t]*({_KEY})[ \t]*=")
_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|'
    r"'''.*?'{3,5}|"
    r'"(?:[^"\\\n]|\\.)*"|'
    r"'[^'\n]*'|#[^\n]*|[\[{\]}\n]",
    re.DOTALL,
)


def places(text: str) -> dict[KeyPath, Place]:
    """Line and column, both from 1, of every key and table header outside arrays and inline tables."""
    found: dict[KeyPath, Place] = {}
    table: KeyPath = ()
    position, line = 0, 1
    while position < len(text):
        header, pair = _HEADER.match(text, position), _PAIR.match(text, position)
        if header:
            table = _split(header[1])
            found.setdefault(table, (line, header.start(1) - position + 1))
            position = header.end()
        elif pair:
            path = table + _split(pair[1])
            column = pair.start(1) - position + 1
            for length in range(len(table) + 1, len(path) + 1):
                found.setdefault(path[:length], (line, column))
            position = pair.end()
        end = _end_of_value(text, position)
        line += text.count("\n", position, end)
        position = end
    return found


def _end_of_value(text: str, position: int) -> int:
    depth = 0
    while match := _TOKEN.search(text, position):
        position = match.end()
        piece = match[0]
        if piece in "[{":
            depth += 1
        elif piece in "]}":
            depth -= 1
        elif piece == "\n" and depth <= 0:
            return position
    return len(text)


def _split(key: str) -> KeyPath:
    return tuple(part.strip("\"'") for part in re.findall(_PART, key))
