"""What machines said is installed: a row a machine and table, the newest that came."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from sekisho.errors import IntegrityError
from sekisho.model.terminals import CheckAnswer, Installed, Program, Sighting
from sekisho.state import fleet_tables as tables

_AT_ONCE = 400
"""Bound values of one question: SQLite takes some thousands."""
LARGEST = 64 << 20
"""Bytes of one row's programs, unpacked."""


def put(connection: Connection, answers: Iterable[CheckAnswer]) -> None:
    """Keep what answers say of software, where nothing newer of that machine and table is kept."""
    newest: dict[tuple[str, str], tuple[CheckAnswer, tuple[Program, ...]]] = {}
    for answer in answers:
        for table, programs in answer.software.items():
            key = answer.who.id, table
            if key not in newest or newest[key][0].at <= answer.at:
                newest[key] = answer, programs
    if not newest:
        return
    t = tables.software
    for part in _parts(sorted({who for who, _ in newest})):
        kept = {
            (row.who, row.table): row.at
            for row in connection.execute(select(t.c.who, t.c.table, t.c.at).where(t.c.who.in_(part)))
        }
        some = set(part)
        rows: list[dict[str, Any]] = []
        for key, (answer, programs) in newest.items():
            if key[0] not in some or (key in kept and kept[key] > answer.at):
                continue
            if key in kept:
                connection.execute(delete(t).where(t.c.who == key[0], t.c.table == key[1]))
            rows.append(
                {
                    "who": key[0],
                    "table": key[1],
                    "at": answer.at,
                    "sighting": json.dumps(asdict(answer.who)),
                    "programs": _packed(programs),
                }
            )
        if rows:
            connection.execute(insert(t), rows)


def installed(connection: Connection) -> Iterator[Installed]:
    """All that is kept. Raises IntegrityError for what was not written so."""
    t = tables.software
    seen: dict[bytes, tuple[Program, ...]] = {}
    for row in connection.execute(select(t).order_by(t.c.who, t.c.table)):
        # Machines that are set up alike say the same.
        programs = seen.get(row.programs)
        if programs is None:
            programs = seen.setdefault(row.programs, _unpacked(row.programs))
        yield Installed(Sighting(**json.loads(row.sighting)), row.table, row.at, programs)


def _packed(programs: Sequence[Program]) -> bytes:
    rows = [[one.name, one.version, one.publisher] for one in programs]
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode())


def _unpacked(content: bytes) -> tuple[Program, ...]:
    try:
        reader = zlib.decompressobj()
        text = reader.decompress(content, LARGEST)
        if not reader.eof:
            raise ValueError("it is too large")
        return tuple(Program(*row) for row in json.loads(text))
    except (zlib.error, ValueError, TypeError) as error:
        raise IntegrityError(
            f"what is kept of a machine's software cannot be read: {error}",
            "import its collection again",
        ) from error


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
