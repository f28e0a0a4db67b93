"""Indicators against all history, from the roll-ups and what stands beside them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from sekisho.model.addresses import key, parse_address
from sekisho.store.base import microseconds
from sekisho.store.engines.base import Engine
from sekisho.store.history import History
from sekisho.store.layout import Layout
from sekisho.store.manifest import reading
from sekisho.store.queries import hunting as queries
from sekisho.store.queries.columns import DAY
from sekisho.store.shapes import conformed
from sekisho.store.side_reading import counted, files_of
from sekisho.store.side_tables import NAMES
from sekisho.store.snapshot import Damage

ASKED_ADDRESSES = pa.schema([("number", pa.int64()), ("hi", pa.int64()), ("lo", pa.int64())])
ASKED_PREFIXES = pa.schema([*ASKED_ADDRESSES, ("length", pa.int16())])
ASKED_NAMES = pa.schema([("number", pa.int64()), ("family", pa.string()), ("value", pa.string())])
_MATCHED = ASKED_ADDRESSES
ANSWERED = pa.schema(
    [
        ("src_realm", pa.string()),
        *((name, pa.int64()) for name in ("src_hi", "src_lo", "hi", "lo")),
    ]
)
MOST_ANSWERS = 100_000


@dataclass(frozen=True, slots=True)
class Asked:
    """Indicators by the asker's numbers: ASKED_ADDRESSES, ASKED_PREFIXES, ASKED_NAMES."""

    addresses: pa.Table
    prefixes: pa.Table
    names: pa.Table


@dataclass(frozen=True, slots=True)
class Hunted:
    """What was found: rows of `queries.hunting.contacts`, `carriers` and `SIGHTINGS`, each with the `total`
    that there are, or None where nothing was. `recorded` and `named` are whether there are any flows and
    names of the window at all; `damage` names files that could not answer. `passed` are ends in prefixes
    that may raise no alarm. `answers` are those to names that were looked up (`queries.hunting.answers`), not
    all of them where `answers_left_out`; `followed` when who asked last went to one that is an address
    (`queries.hunting.FOLLOWED`)."""

    contacts: pa.Table | None = None
    carriers: pa.Table | None = None
    sightings: pa.Table | None = None
    recorded: bool = False
    named: bool = False
    damage: tuple[Damage, ...] = ()
    passed: int = 0
    answers: pa.Table | None = None
    followed: pa.Table | None = None
    answers_left_out: bool = False


class Hunting:
    """Reads roll-ups of all days, or of those that touch a window, by the embedded engine."""

    def __init__(
        self,
        layout: Layout,
        connection: sqlite3.Connection,
        engine: Callable[[], Engine],
        history: History,
        refresh: Callable[[], None],
    ) -> None:
        self._layout, self._connection, self._engine = layout, connection, engine
        self._history, self._refresh = history, refresh

    def find(
        self,
        asked: Asked,
        keeps: Callable[[int, int], bool],
        begin: datetime | None = None,
        end: datetime | None = None,
        limit: int = 10_000,
    ) -> Hunted:
        """At most `limit` of each kind of what is found. `keeps` says of an end (hi, lo) in a prefix whether
        it may raise an alarm. Flows are of whole UTC days that touch [begin, end), names of the window.
        """
        self._refresh()
        start = None if begin is None else microseconds(begin)
        stop = None if end is None else microseconds(end)
        first = None if start is None else start // DAY
        last = None if stop is None else (stop - 1) // DAY
        months, days, broken = self._history.files(first, last)
        with reading(self._connection):
            paths, damage = files_of(self._layout, self._connection, NAMES, first, last)
            files, superseded = counted(self._connection, NAMES)
        with self._engine() as engine:
            contacts = carriers = sightings = answers = followed = None
            passed, left_out = 0, False
            if months or days:
                engine.run(queries.rows(months, days))
                passed = _match(engine, asked, keeps)
                contacts = engine.fetch(queries.contacts(), [limit])
            if paths and asked.names.num_rows:
                engine.register("asked_names", conformed(asked.names, ASKED_NAMES))
                engine.register("files", files)
                engine.register("superseded", superseded)
                engine.run(queries.named(paths), [start, stop])
                sightings = engine.fetch(queries.SIGHTINGS, [limit])
                answers = engine.fetch(queries.answers(paths), [MOST_ANSWERS + 1])
                left_out = answers.num_rows > MOST_ANSWERS
                answers = answers.slice(0, MOST_ANSWERS)
                if months or days:
                    carriers = engine.fetch(queries.carriers(), [limit])
                    engine.register("answered", _addresses(answers))
                    followed = engine.fetch(queries.FOLLOWED)
        found = bool(months or days)
        damage = (*broken, *damage)
        return Hunted(
            contacts,
            carriers,
            sightings,
            found,
            bool(paths),
            damage,
            passed,
            answers,
            followed,
            left_out,
        )


def _addresses(answers: pa.Table) -> pa.Table:
    """ANSWERED: which of the answers are addresses, and who was given them."""
    rows = []
    for row in answers.to_pylist():
        try:
            hi, lo = key(parse_address(row["answer"]))
        except ValueError:
            continue
        rows.append(
            {**{name: row[name] for name in ("src_realm", "src_hi", "src_lo")}, "hi": hi, "lo": lo}
        )
    return pa.Table.from_pylist(rows, ANSWERED)


def _match(engine: Engine, asked: Asked, keeps: Callable[[int, int], bool]) -> int:
    """Table `matched`: ends that indicators name; how many ends of prefixes were passed over."""
    engine.run(queries.ENDS)
    engine.register("asked_addresses", conformed(asked.addresses, ASKED_ADDRESSES))
    found = engine.fetch(queries.ADDRESSES).cast(_MATCHED)
    passed = 0
    if asked.prefixes.num_rows:
        engine.register("asked_prefixes", conformed(asked.prefixes, ASKED_PREFIXES))
        lengths = asked.prefixes["length"].unique().to_pylist()
        within = engine.fetch(queries.prefixes(lengths)).cast(_MATCHED)
        ends = zip(within["hi"].to_pylist(), within["lo"].to_pylist(), strict=True)
        kept = pa.array([keeps(hi, lo) for hi, lo in ends], pa.bool_())
        passed = kept.to_pylist().count(False)
        found = pa.concat_tables([found, within.filter(kept)])
    engine.register("found_ends", found)
    engine.run("CREATE OR REPLACE TEMP TABLE matched AS SELECT DISTINCT number, hi, lo FROM found_ends")
    return passed
