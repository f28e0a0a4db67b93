"""Records of sensors on the network as rules are asked of them: their files, in parts of whole days."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import pyarrow as pa

from sekisho.model.addresses import text_of
from sekisho.store import event_staging, snapshot
from sekisho.store.engines.base import Engine
from sekisho.store.layout import Layout
from sekisho.store.manifest import reading
from sekisho.store.queries import network
from sekisho.store.queries.events import Batch
from sekisho.store.queries.network import RELATIONS
from sekisho.store.shapes import record_table
from sekisho.store.side_tables import LOGONS, NAMES
from sekisho.store.snapshot import Damage, wrong_size

AT_ONCE = 3_000_000
"""Rows that are looked at together, beyond which a day more is looked at by itself."""
FILES = pa.schema([*event_staging.FILES, ("sensor", pa.string())])
"""Files as logs are listed, each with its sensor."""
_ENDS = pa.schema([("hi", pa.int64()), ("lo", pa.int64()), ("text", pa.string())])
_SIDES = {"names": NAMES, "logons": LOGONS}


@dataclass(slots=True)
class Beside:
    """What is to be read. `parts` are files by what they hold, those of a day together; `files` say where
    records come from, with numbers below 0; `superseded` (file, row) do not count."""

    files: pa.Table
    superseded: pa.Table
    parts: Mapping[str, list[list[Path]]] = field(default_factory=lambda: defaultdict(list))
    damage: tuple[Damage, ...] = ()


class NetworkRecords:
    """Reads the manifest for them."""

    def __init__(
        self, layout: Layout, connection: sqlite3.Connection, engine: Callable[[], Engine]
    ) -> None:
        self._layout, self._connection, self._engine = layout, connection, engine

    def read(self, relations: Collection[str]) -> Beside:
        """What holds records of these relations."""
        sides = {RELATIONS[name].side for name in relations}
        if not sides:
            return Beside(FILES.empty_table(), record_table([]))
        with reading(self._connection):
            listed = {side: self._listed(side) for side in sorted(sides)}
            out = self._connection.execute("SELECT DISTINCT file, row FROM exclusion").fetchall()
            named = self._connection.execute(
                "SELECT -id, content_sha256, path, '', '', rows, 0, 0, '', sensor FROM file"
                " WHERE status = 'taken'"
            ).fetchall()
        columns = list(zip(*named, strict=True)) or [()] * len(FILES)
        found = Beside(
            pa.table([pa.array(values, one.type) for values, one in zip(columns, FILES, strict=True)],
                     schema=FILES),
            record_table(out),
        )  # fmt: skip
        parts: dict[str, list[list[Path]]] = defaultdict(list)
        damage: list[Damage] = []
        for side, rows in listed.items():
            good, bad = self._whole(rows)
            parts[side] = _days(good)
            damage += bad
        found.parts, found.damage = parts, tuple(damage)
        return found

    def recorded(self, relations: Collection[str]) -> frozenset[str]:
        """Of which relations there is any record."""
        beside = self.read(relations)
        found = set()
        with self._engine() as engine:
            engine.register("superseded", beside.superseded)
            for name in relations:
                for files in beside.parts[RELATIONS[name].side]:
                    if engine.fetch(network.present(name, files))["present"][0].as_py():
                        found.add(name)
                        break
        return frozenset(found)

    def _listed(self, side: str) -> list[tuple[int, str, int, int, str | None]]:
        if side in _SIDES:
            return self._connection.execute(
                "SELECT day, path, size, rows, lost FROM side_file WHERE side = ? ORDER BY day, id",
                (side,),
            ).fetchall()
        return [
            (one.day, one.path, one.size, one.rows, None)
            for one in snapshot.segments(self._connection, *snapshot.ALWAYS)
        ]

    def _whole(
        self, rows: Sequence[tuple[int, str, int, int, str | None]]
    ) -> tuple[list[tuple[int, int, Path]], list[Damage]]:
        good: list[tuple[int, int, Path]] = []
        bad: list[Damage] = []
        for day, path, size, count, lost in rows:
            reason = lost or wrong_size(self._layout, path, size)
            if reason is None:
                good.append((day, count, self._layout.absolute(path)))
            else:
                bad.append(Damage(path, None, count, reason))
        return good, bad


def _days(files: Sequence[tuple[int, int, Path]]) -> list[list[Path]]:
    """A line's names lie in one day, and may lie in two of its files."""
    parts: list[list[Path]] = []
    held = 0
    for _, each in groupby(files, key=lambda one: one[0]):
        day = list(each)
        rows = sum(count for _, count, _ in day)
        if not parts or held + rows > AT_ONCE:
            parts.append([])
            held = 0
        parts[-1] += [path for _, _, path in day]
        held += rows
    return parts


def name_ends(engine: Engine, paths: Sequence[Path], batch: Batch) -> None:
    """Table `network_ends`: the addresses of records as text, where a batch asks for any."""
    relation = RELATIONS[batch.relation]
    if not network.asks_ends(relation, batch.values):
        return
    found = engine.fetch(network.ends(relation, paths))
    hi, lo = found["hi"].to_pylist(), found["lo"].to_pylist()
    texts = [text_of(a, b) for a, b in zip(hi, lo, strict=True)]
    engine.register("network_ends", pa.table({"hi": hi, "lo": lo, "text": texts}, schema=_ENDS))
