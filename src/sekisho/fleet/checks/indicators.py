"""What others have seen intruders use, in a terminal's connections, names and files (ATT&CK T1071, T1204)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sekisho.fleet.checks.base import Failed
from sekisho.fleet.collections.base import Row
from sekisho.intel.artefacts import Artefacts

NAME = "indicators"
CONNECTIONS = "process_open_sockets"
NAMES = "dns_cache"
PROGRAMS = "process_files"
FILES = "file_hashes"
COLLECTED = "collected_files"
_HASHES = ("sha256", "sha1", "md5")
KINDS: Mapping[str, str] = MappingProxyType(
    {
        CONNECTIONS: "sockets",
        NAMES: "DNS names",
        PROGRAMS: "processes",
        FILES: "files",
        COLLECTED: "files",
    }
)
"""What each table has."""
_EACH = 5
"""Indicators that are told of one thing."""


@dataclass(frozen=True, slots=True)
class Indicators:
    """`indicators`. Without any that are kept it cannot say anything."""

    known: Artefacts | None = None
    name: str = NAME
    tables: tuple[str, ...] = ()
    also: tuple[str, ...] = (CONNECTIONS, NAMES, PROGRAMS, FILES, COLLECTED)
    never_empty: bool = True

    @property
    def kinds(self) -> Mapping[str, str]:
        """See `Parted.kinds`."""
        return KINDS

    @property
    def queries(self) -> Mapping[str, str]:
        """See `Question.queries`."""
        return {
            CONNECTIONS: (
                "SELECT p.name, p.path, s.remote_address, s.remote_port, s.protocol FROM"
                " process_open_sockets s LEFT JOIN processes p USING (pid) WHERE s.remote_port > 0"
            ),
            NAMES: "SELECT name, type FROM dns_cache",
            PROGRAMS: (
                "SELECT DISTINCT p.name, p.path, h.md5, h.sha1, h.sha256 FROM processes p JOIN hash h"
                " ON h.path = p.path WHERE p.path != ''"
            ),
        }

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """See `Timeless.judge`."""
        known = self.known
        if known is None or not known.rows.num_rows:
            yield Failed("there are no indicators: `sekisho intel refresh`")
            return
        for row in tables.get(CONNECTIONS, ()):
            where = row.get("remote_address", "")
            what = row.get("path", "") or row.get("name", "") or "a process"
            port = row.get("remote_port", "")
            yield from _named(known, known.address(where), f"{what} talks with {where} port {port}")
        for row in tables.get(NAMES, ()):
            name = row.get("name", "")
            yield from _named(known, known.name(name), f"the name {name[:120]} was asked for")
        for table, verb in ((PROGRAMS, "runs"), (FILES, "is on record"), (COLLECTED, "was collected")):
            for row in tables.get(table, ()):
                path = row.get("path", "") or row.get("name", "") or "a file"
                yield from _hashed(known, row, f"{path[-200:]} {verb}")


def _hashed(known: Artefacts, row: Row, what: str) -> Iterator[str]:
    for column in _HASHES:
        if places := known.hash(row.get(column, "")):
            yield from _named(known, places, what)
            return


def _named(known: Artefacts, places: Sequence[int], what: str) -> Iterator[str]:
    for place in places[:_EACH]:
        yield f"{what}: {known.told(place)}"
