"""The connection-days of one UTC day from its raw flows: conversations, merged views, roll-up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.flows import FLOW_SCHEMA, Flag
from sekisho.store import clocks as clock_offsets
from sekisho.store import logged_translations, matching, sides
from sekisho.store.base import ClockOffset, ClockPair, SensorTraits
from sekisho.store.engines.base import Engine
from sekisho.store.layout import Layout
from sekisho.store.queries import (
    conversations,
    hourly,
    merging,
    paired_starts,
    repeated_uids,
    rollup,
    sources,
    summing,
    translating,
)
from sekisho.store.queries.columns import DAY, PAIR, PORT
from sekisho.store.shapes import record_table
from sekisho.store.snapshot import Segment
from sekisho.store.translations import translations

BUCKET = 600_000
"""Conversations that are matched at once; about 300 bytes each."""
SAMPLED = 2_000_000
"""Rows from which clocks are measured at most."""
SORTED = 16_000_000
"""Rows up to which repeated uids are looked for by sorting numbers in memory, 16 bytes each: a third of
the time that the engine takes to count them."""
RESULT = "connection_days"
"""The table that is made."""


@dataclass(frozen=True, slots=True)
class DaySources:
    """What a day is built from. `own` are its segments; `near` those of `reach_days` around it that may
    hold parts of its flows. `superseded` are (file, row) that do not count. `pairs` are what
    was measured of clocks on days near it, `clocks` the offsets of the day where it was built before.
    `names` are files of names of the day and those beside it, which hold what gateways translated.
    """

    day: int
    own: Sequence[Segment]
    near: Sequence[Segment]
    superseded: Sequence[tuple[int, int]]
    traits: Mapping[str, SensorTraits] = field(default_factory=dict)
    pairs: Mapping[int, Sequence[ClockPair]] = field(default_factory=dict)
    clocks: Sequence[ClockOffset] = ()
    names: Sequence[Path] = ()

    @property
    def sensors(self) -> tuple[str, ...]:
        """Sensors that saw anything on the day or near it."""
        return tuple(sorted({name for s in (*self.own, *self.near) for name in s.sensors}))

    @property
    def one_way(self) -> bool:
        """Whether there are one-way records."""
        return any(segment.flags & Flag.ONE_WAY for segment in (*self.own, *self.near))


@dataclass(frozen=True, slots=True)
class Built:
    """What was learnt in building."""

    clocks: tuple[ClockOffset, ...] = ()
    pairs: tuple[ClockPair, ...] = ()


def build(
    engine: Engine,
    layout: Layout,
    day: DaySources,
    cuts: Sequence[int] = (),
    only: str | None = None,
) -> Built:
    """Fill the temporary table `connection_days`; `cuts` (microseconds) split the day into pieces.

    `only` names a table of ends, either way round, to which the day is confined; the clocks are then
    those that were measured over all of it.
    """
    begin, end = day.day * DAY, (day.day + 1) * DAY
    cuts = [cut for cut in cuts if begin < cut < end]
    piece = rollup.piece_begin("{at}", day.day, cuts)
    engine.register("no_flows", FLOW_SCHEMA.empty_table())
    own = [layout.absolute(segment.path) for segment in day.own]
    near = [layout.absolute(segment.path) for segment in day.near]
    several_sensors = len(day.sensors) > 1
    clocks: Sequence[ClockOffset] = ()
    pairs: Sequence[ClockPair] = ()
    if several_sensors:
        clocks = day.clocks
        if only is None:
            pairs = _measure(engine, day, layout)
            clocks = clock_offsets.offsets(day.sensors, clock_offsets.layers(pairs, day.pairs, day.day))
    reach = clock_offsets.reach(clocks) if several_sensors else 0
    wide = several_sensors or day.one_way
    late = end + reach + (conversations.TAIL + conversations.GAP if day.one_way else 0)
    early = max(reach, conversations.GAP)
    raw = "all_rows" if only is None else "read_rows"
    seen = translations(day.traits)
    engine.register("superseded", record_table(day.superseded))
    told = logged_translations.logged(engine, day.names)
    translated = seen.num_rows > 0 or told is not None
    logged = "logged_rows" if translated else raw
    engine.run(sources.raw(logged, own, near if wide else [], begin, late, early))
    if translated:
        engine.register("translations", seen)
        logged_translations.resolve(engine, logged, told)
        engine.run(translating.untranslated(raw, logged))
    if only is not None:
        engine.run(sources.between("all_rows", raw, only))
    _exclude(engine, day)
    excluded = engine.fetch("SELECT count(*) AS n FROM excluded")["n"][0].as_py() > 0
    engine.run(sources.current("observed", "all_rows", excluded=excluded))
    if day.one_way:
        engine.run(conversations.one_way("observed"))
    relations = [conversations.two_way("observed")]
    if day.one_way:
        relations.append("SELECT * FROM stitched")
    several = 0
    if several_sensors:
        engine.run(conversations.several("observed"))
        several = engine.fetch("SELECT count(*) AS n FROM several")["n"][0].as_py()
    _singles(engine, day.day, relations, piece, apart=several > 0)
    if several:
        engine.run(merging.candidates(relations))
        _merge(engine, day, clocks, piece)
    for table in (
        "stitched",
        "several",
        "candidates",
        "seen",
        "merged",
        "repeated",
        "excluded",
        "resolved",
    ):
        engine.run(f"DROP TABLE IF EXISTS {table}")
    return Built(tuple(clocks), tuple(pairs))


def add_to(engine: Engine, base: Path, day: int) -> None:
    """Add to `connection_days` what flows of the same day that are gone came to.

    What two sensors saw of one flow, one before and one after, cannot be told to be one any more.
    """
    engine.run(f"CREATE OR REPLACE TEMP TABLE late AS SELECT * FROM {RESULT}")
    inputs = f"(SELECT * FROM late UNION ALL BY NAME SELECT * FROM {sources.parquet([base])})"
    lead = f"DATE '1970-01-01' + {int(day)} AS day, {int(day) * DAY}::BIGINT AS piece_begin"
    for statement in summing.summed(RESULT, inputs, lead, rollup.AGAIN):
        engine.run(statement)
    engine.run("DROP TABLE late")


def _singles(engine: Engine, day: int, relations: Sequence[str], piece: str, *, apart: bool) -> None:
    """What one sensor alone saw."""
    within = f"epoch_us(start) >= {day * DAY} AND epoch_us(start) < {(day + 1) * DAY}"
    parts = [f"SELECT * FROM ({relation}) WHERE {within}" for relation in relations]
    source = "(" + " UNION ALL ".join(parts) + ")"
    if apart:
        source = f"(SELECT f.* FROM {source} f WHERE {PAIR} NOT IN (SELECT pair FROM several))"
    statement = rollup.rollup(source, day, str(rollup.ONLY), piece.format(at="epoch_us(start)"), PORT)
    engine.run(f"CREATE OR REPLACE TEMP TABLE {RESULT} AS {statement}")


def hours(engine: Engine, layout: Layout, day: DaySources) -> list[dict[str, Any]]:
    """Records per sensor and hour of the day's own segments; half lines that were logged whole later are
    none."""
    engine.register("superseded", record_table(day.superseded))
    found = engine.fetch(
        hourly.hours(
            f"(SELECT r.* FROM {sources.parquet([layout.absolute(one.path) for one in day.own])} r"
            " ANTI JOIN superseded s ON r.file = s.file AND r.row = s.row)"
        )
    )
    engine.forget("superseded")
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows


def _exclude(engine: Engine, day: DaySources) -> None:
    engine.register("superseded", record_table(day.superseded))
    engine.run("CREATE OR REPLACE TEMP TABLE excluded AS SELECT file, row FROM superseded")
    engine.forget("superseded")
    if sum(segment.rows for segment in (*day.own, *day.near)) <= SORTED and _all_differ(
        engine.fetch(repeated_uids.hashes("all_rows"))["h"]
    ):
        return
    engine.run(repeated_uids.repeated("all_rows"))
    if engine.fetch("SELECT count(*) AS n FROM repeated")["n"][0].as_py():
        engine.run(repeated_uids.exclude("all_rows"))


def _all_differ(numbers: pa.ChunkedArray) -> bool:
    values = np.sort(numbers.to_numpy())
    return not bool(np.any(values[1:] == values[:-1]))


def _measure(engine: Engine, day: DaySources, layout: Layout) -> list[ClockPair]:
    files = [s for s in (*day.own, *day.near) if abs(s.day - day.day) <= 1]
    engine.run(sources.raw("around", [layout.absolute(s.path) for s in files], [], 0, 0, 0))
    one_in = max(1, sum(segment.rows for segment in files) // SAMPLED)
    return clock_offsets.pairs_of(engine.fetch(paired_starts.paired_starts("around", one_in)))


def _merge(engine: Engine, day: DaySources, clocks: Sequence[ClockOffset], piece: str) -> None:
    numbers = pa.table(
        {
            "sensor": pa.array([clock.sensor for clock in clocks], pa.string()),
            "number": pa.array(range(len(clocks)), pa.int64()),
            "offset": pa.array([clock.offset for clock in clocks], pa.int64()),
        }
    )
    engine.register("clocks", numbers)
    rows = engine.fetch("SELECT count(*) AS n FROM candidates")["n"][0].as_py()
    buckets = max(1, -(-rows // BUCKET))
    tolerance = clock_offsets.tolerances(clocks)
    for number in range(buckets):
        found = engine.fetch(merging.bucket(number, buckets))
        if not found.num_rows:
            continue
        engine.register("matched", matched(found, day.traits, *tolerance))
        engine.run(merging.views("matched"))
        engine.run(merging.MERGE)
        engine.forget("matched")
        engine.run(f"INSERT INTO {RESULT} BY NAME {merging.connection_days(day.day, piece)}")
    engine.forget("clocks")


def matched(found: pa.Table, traits: Mapping[str, SensorTraits], tight: int, wide: int) -> pa.Table:
    """The candidates with `cluster` (their flow), `flip` (turn it round) and `side`."""
    sensor = found["sensor_number"].to_numpy()
    forward = found["forward"].to_numpy(zero_copy_only=False)
    cluster = matching.clusters(
        _tuples(found, forward),
        sensor,
        found["began"].to_numpy(),
        found["until"].to_numpy(),
        tight,
        wide,
    )
    # The most certain view decides who opened the flow; in doubt the earliest.
    certain = found["orientation"].to_numpy().astype(np.int64)
    order = np.lexsort((np.arange(len(cluster)), -certain, cluster))
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = cluster[order][1:] != cluster[order][:-1]
    decided = np.zeros(int(cluster.max()) + 1, dtype=np.bool_)
    decided[cluster[order][first]] = forward[order][first]
    flip = decided[cluster] != forward
    realm, hi, lo = (
        pc.if_else(pa.array(flip), found[f"dst_{part}"], found[f"src_{part}"]) for part in _END
    )
    at_home = sides.at_home(traits, found["sensor"], realm, hi, lo, found["began"].to_numpy())
    return (
        found.drop_columns(["sensor_number", "forward", "tuple", "began", "until"])
        .append_column("cluster", pa.array(cluster))
        .append_column("flip", pa.array(flip))
        .append_column("side", pa.array(at_home))
    )


_END = ("realm", "hi", "lo")


def _tuples(found: pa.Table, forward: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> matching.Ints:
    """Numbers of the five-tuples: neighbours are the same only where every column is.

    The order is by hash; two that share a hash are torn into runs, which merges less, never wrongly.
    """
    fresh = np.zeros(found.num_rows, dtype=np.bool_)
    fresh[0] = True
    columns = [found["tuple"].to_numpy(), found["protocol"].to_numpy()]
    for part in (*_END, "port"):
        src, dst = found[f"src_{part}"], found[f"dst_{part}"]
        if part == "realm":
            names = pc.unique(pa.chunked_array([*src.chunks, *dst.chunks], pa.string()))
            src, dst = pc.index_in(src, names), pc.index_in(dst, names)
        here, there = src.to_numpy(), dst.to_numpy()
        columns += [np.where(forward, here, there), np.where(forward, there, here)]
    for column in columns:
        fresh[1:] |= column[1:] != column[:-1]
    return np.cumsum(fresh).astype(np.int64) - 1
