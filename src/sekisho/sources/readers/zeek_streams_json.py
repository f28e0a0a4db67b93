"""Several of Zeek's logs in one stream of JSON, one object a line, that `_path` or `@stream` tells apart.

Each log is read as in a file of its own. Other logs are ignored; what names no log must be a connection.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Protocol

from sekisho.sources import linewise, zeek
from sekisho.sources.base import Batch, RawMapping, ReadContext, Reject
from sekisho.sources.blocks import Piece
from sekisho.sources.json_records import object_of
from sekisho.sources.lines import Lines, blocks_from
from sekisho.sources.zeek_names_json import JsonNames

# Inside a string quotes have a backslash before them, so this is a key.
_PATH = re.compile(rb'"(?:_path|@stream)"\s*:\s*"([A-Za-z0-9_]{1,64})"')
_SNIFF_LINES = 64


class OfConnections(Protocol):
    """A reader of connections that takes lines."""

    def converted(self, lines: Lines, context: ReadContext) -> Piece:
        """What these became."""
        ...


class ZeekStreamsJson:
    """Zeek's logs in one stream, JSON lines."""

    name = "zeek-streams-json"
    family = "zeek"
    one_way = False

    def __init__(self, connections: OfConnections, others: Sequence[JsonNames]) -> None:
        self._connections = connections
        self._others = {one.log.path: one for one in others}

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By two logs in what is JSON, one of them read here."""
        start = head.split(b"\n")[:_SNIFF_LINES]
        if not any(object_of(line, str) for line in start):
            return 0
        met = {path.decode() for path in _PATH.findall(head)}
        logs = {"conn" if path in zeek.PATHS else path for path in met}
        return 96 if len(logs) > 1 and logs & {"conn", *self._others} else 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """One batch a block of lines, then one with the spans. See `Reader.read`."""
        items = blocks_from(stream, context.first_row)
        return linewise.read(items, context, lambda lines: self._converted(lines, context))

    def _converted(self, lines: Lines, context: ReadContext) -> Piece:
        found = Piece()
        for log, own in _by_log(lines).items():
            if log in self._others:
                found.add(self._others[log].converted(own, context))
            elif not log or log in zeek.PATHS:
                found.add(self._connections.converted(own, context))
            else:
                self._pass_over(own, found)
        found.rejects.sort(key=lambda reject: reject.row)
        return found

    @staticmethod
    def _pass_over(lines: Lines, found: Piece) -> None:
        for row, text in lines.numbered():
            if object_of(text, str) is None:
                found.rejects.append(Reject.of(row, "is no JSON object", text))
            else:
                found.ignored += 1


def _by_log(lines: Lines) -> dict[str, Lines]:
    """The lines of each log, with their numbers; '' for those that name none."""
    rows: dict[str, list[int]] = defaultdict(list)
    data: dict[str, list[bytes]] = defaultdict(list)
    for row, text in lines.numbered():
        named = _PATH.search(text)
        log = named[1].decode() if named else ""
        rows[log].append(row)
        data[log].append(text)
    return {
        log: Lines(own[0], len(own), b"\n".join(data[log]) + b"\n", tuple(own))
        for log, own in rows.items()
    }
