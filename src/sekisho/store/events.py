"""Questions about the events of terminals' logs: what is recorded, and which events meet predicates."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from sekisho.model.flows import TIME
from sekisho.model.predicates import Expression, conditions, fields, only_numbers
from sekisho.store.engines.base import Engine
from sekisho.store.event_intake import EventIntake
from sekisho.store.event_staging import FILES
from sekisho.store.layout import Layout
from sekisho.store.manifest import reading
from sekisho.store.network_records import NetworkRecords, name_ends
from sekisho.store.queries import correlating, events, holding
from sekisho.store.queries.correlating import Correlated
from sekisho.store.queries.events import AskedOfEvents, Batch, EventSource
from sekisho.store.queries.network import RELATIONS
from sekisho.store.queries.predicates import PREPARED, tried
from sekisho.store.side_reading import files_of
from sekisho.store.side_tables import EVENTS
from sekisho.store.snapshot import Damage

AT_ONCE = 1_500_000
"""Rows of the lake that are looked at together; what is asked of them is held in memory, or spilled."""
RULES_AT_ONCE = 16
"""Predicates of one statement."""
FEW, MOST_FEW = 1000, 50_000
"""Different values of a field that are few whatever the number of events, and of however many events."""
RECORDED = pa.schema(
    [
        ("host", pa.string()),
        ("file", pa.int32()),
        ("channel", pa.string()),
        ("event_id", pa.int32()),
        ("events", pa.int64()),
        ("first", TIME),
        ("last", TIME),
    ]
)
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Met:
    """What met predicates. `summed`: rule, owner, terminal, network, host, events, first, last, channel,
    sensors, total; `evident`: the first records of each, with their file. Where `network`, they are records of
    sensors: the host is a connection's key, and the channel their relation; of the `total` that a rule met the
    first connections are there. `damage` names files that could not answer."""

    summed: pa.Table
    evident: pa.Table
    damage: tuple[Damage, ...] = ()


class EventLog:
    """The events of terminals' logs. `intake` takes them in."""

    def __init__(
        self,
        layout: Layout,
        connection: sqlite3.Connection,
        engine: Callable[[], Engine],
        intake: EventIntake,
    ) -> None:
        self._layout, self._connection, self._engine = layout, connection, engine
        self.intake = intake
        self.network = NetworkRecords(layout, connection, engine)
        """What sensors recorded, of which the same rules may be asked."""

    def files(self) -> pa.Table:
        """Logs that were taken in, in that order: rows in FILES."""
        names = FILES.names
        columns = ", ".join(f'"{name}"' for name in ("id", *names[1:]))
        rows = self._connection.execute(f"SELECT {columns} FROM event_file ORDER BY id").fetchall()
        return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], FILES)

    def recorded(self) -> tuple[pa.Table, tuple[Damage, ...]]:
        """Which events there are, by host, file, channel and number: rows in RECORDED."""
        paths, damage = self._paths()
        if not paths:
            return RECORDED.empty_table(), damage
        with self._engine() as engine:
            found = engine.fetch(events.recorded([path for path, _ in paths]))
        return found.cast(RECORDED), damage

    def refusals(self, asked: Sequence[AskedOfEvents]) -> dict[int, str]:
        """Of predicates that the engine does not take, by their numbers, why."""
        found = {}
        with self._engine() as engine:
            for one in asked:
                for each in conditions(one.predicate):
                    # All others are put together by us from quoted text.
                    if (
                        isinstance(each, Expression)
                        and (why := engine.refusal(tried(each))) is not None
                    ):
                        found[one.number] = why
        return found

    def met(
        self,
        asked: Sequence[AskedOfEvents],
        correlated: Sequence[Correlated] = (),
        silent: Sequence[int] = (),
        progress: Progress = lambda _what, _done, _all: None,
    ) -> Met:
        """Which events meet the predicates, each event once whatever logs it stands in; `silent` predicates are
        asked for correlations alone."""
        paths, damage = self._paths()
        batches = _batches(asked)
        beside = self.network.read({one.relation for one in batches if one.relation})
        with self._engine() as engine:
            _prepare(engine)
            engine.run(events.HITS)
            logs = self.files()
            logs = logs.append_column("sensor", pa.array([""] * logs.num_rows, pa.string()))
            engine.register("files", pa.concat_tables([logs, beside.files]))
            engine.register("superseded", beside.superseded)
            parts = list(_parts(paths))
            work = [(part, one) for part in parts for one in batches if not one.relation]
            on_wire = [(part, one) for one in batches if one.relation
                       for part in beside.parts[RELATIONS[one.relation].side]]  # fmt: skip
            done = 0
            for chunk, batch in work:
                _ask(engine, events.picked([path for path, _ in chunk], batch), batch)
                done += 1
                progress("rules", done, len(work) + len(on_wire))
            for files, batch in on_wire:
                name_ends(engine, files, batch)
                _ask(engine, events.picked_records(files, batch), batch)
                done += 1
                progress("rules", done, len(work) + len(on_wire))
            for table in ("picked", "placed", "lines"):
                engine.run(f"DROP TABLE IF EXISTS {table}")
            engine.run(events.ONCE)
            if correlated:
                engine.run(correlating.RESULT)
                engine.run(correlating.MATCHES)
                for one in correlated:
                    for statement in correlating.statements(one):
                        engine.run(statement)
            engine.run(events.told(silent, correlated=bool(correlated)))
            engine.run(events.FOUND)
            engine.run(events.SUM)
            damage = (*damage, *beside.damage)
            return Met(engine.fetch(events.SUMMED), engine.fetch(events.EVIDENT), damage)

    def _paths(self) -> tuple[list[tuple[Path, int]], tuple[Damage, ...]]:
        with reading(self._connection):
            paths, damage = files_of(self._layout, self._connection, EVENTS, None, None)
            rows = dict(
                self._connection.execute(
                    "SELECT path, rows FROM side_file WHERE side = ?", (EVENTS.name,)
                ).fetchall()
            )
        root = self._layout.root
        return [(path, rows[path.relative_to(root).as_posix()]) for path in paths], damage


def _prepare(engine: Engine) -> None:
    for macro in PREPARED:
        engine.run(macro)


def _batches(asked: Sequence[AskedOfEvents]) -> list[Batch]:
    """Predicates that look at the same events, so that those are read once for all of them."""
    found: dict[tuple[tuple[EventSource, ...], bool], Batch] = {}
    for one in asked:
        _, whole = fields(one.predicate)
        sources = _narrowed(one)
        batch = found.setdefault((sources, whole), Batch(sources, whole))
        batch.add(one)
    return list(found.values())


def _narrowed(one: AskedOfEvents) -> tuple[EventSource, ...]:
    """The sources without the numbers that the predicate cannot hold for."""
    numbers = only_numbers(one.predicate, "EventID")
    if numbers is None:
        return one.sources
    kept = [
        replace(source, ids=(source.ids & numbers) if source.ids else numbers) for source in one.sources
    ]
    return tuple(source for source in kept if source.ids) or one.sources


def _parts(paths: Sequence[tuple[Path, int]]) -> Iterator[list[tuple[Path, int]]]:
    part: list[tuple[Path, int]] = []
    for path, rows in paths:
        if part and sum(one for _, one in part) + rows > AT_ONCE:
            yield part
            part = []
        part.append((path, rows))
    if part:
        yield part


def _ask(engine: Engine, picking: str, batch: Batch) -> None:
    engine.run(picking)
    counts = engine.fetch(holding.counted(batch)).to_pylist()[0]
    if not counts["events"]:
        return
    plan = holding.Plan.of(batch, _few(counts, batch))
    for statement in holding.dictionaries(plan):
        engine.run(statement)
    engine.run(holding.placed(plan))
    engine.run("DROP TABLE picked")
    made, asked = holding.lines(plan)
    engine.run(made)
    engine.run("CREATE OR REPLACE TEMP TABLE met (rule INTEGER, id BIGINT)")
    for at in range(0, len(asked), RULES_AT_ONCE):
        engine.run("INSERT INTO met " + " UNION ALL ".join(asked[at : at + RULES_AT_ONCE]))
    engine.run(holding.met(plan))


def _few(counts: Mapping[str, int], batch: Batch) -> frozenset[str]:
    """The fields with so few different values that conditions are rather looked up than tried on each event."""
    most = max(FEW, min(MOST_FEW, counts["events"] // 20))
    return frozenset(name for name, at in batch.fields.items() if counts[f"c{at}"] <= most)
