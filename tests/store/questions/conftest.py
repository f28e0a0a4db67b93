"""One small lake with everything that engines are known to disagree about, judged by the embedded engine
and by another one in step; what each said is kept by the question's name."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sekisho.errors import SekishoError
from sekisho.model.flows import FLOW_SCHEMA, Flag, State
from sekisho.model.verdicts import Rank
from sekisho.store import shapes
from sekisho.store.contents import Contents
from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.engines.portable import PortableEngine, portable
from sekisho.store.eras import Span
from sekisho.store.history import ENDS
from sekisho.store.lake import Lake
from sekisho.store.portable_rounds import PortableRounds
from sekisho.store.queries import history, hourly, levels, reconciling, sources, verdicts
from sekisho.store.queries import months as rows_in_months
from sekisho.store.questions import decisions as decide
from sekisho.store.questions import ends, rollup
from sekisho.store.questions import history as looking_back
from sekisho.store.questions import hours as hours_of
from sekisho.store.questions import reconciling as comparing
from sekisho.store.questions import rows as ours
from sekisho.store.questions import verdicts as found_in
from sekisho.store.reconciled import (
    BETWEEN_ENDS,
    CLASS_SITES,
    DARK,
    EDGES,
    LOCATED,
    RATES,
    SIDED,
    Compared,
    Ends,
)
from sekisho.store.rounds import EmbeddedRounds
from sekisho.store.stage import Stage

Row = dict[str, Any]
Answers = dict[str, list[tuple[pa.Table, pa.Table]]]
"""What the embedded engine said and what the other one did, by question."""
DAY = 86_400
HOSTILE = 2**63 - 1
TRY = {"state": State.NO_REPLY, "bytes_in": 0, "packets_in": 0}
APRIL = 31 * DAY
"""From Monday, 4 March 2024: 4 April."""


@dataclass
class Everything:
    """The lake, the register that judges it, and what is asked of its history."""

    lake: Lake
    register: Any
    begin: datetime
    end: datetime
    alone: int
    """A day on which one sensor saw two-way flows."""
    answers: dict[str, Answers | SekishoError] = field(default_factory=dict)


@pytest.fixture(scope="session")
def everything(
    tmp_path_factory: pytest.TempPathFactory,
    take: Callable[..., bool],
    flow: Callable[..., Row],
    plan: Callable[..., Any],
    monday: datetime,
) -> Iterator[Everything]:
    """Two sensors, one-way records, IPv6, realms, three months, changes within days, a day whose raw
    flows are gone, a file that is not whole, and counts at the edge of 64 bits."""
    v6 = {"src": "2001:db8:40::9", "dst": "2001:db8:1::5"}
    large = {
        "bytes_out": HOSTILE,
        "bytes_out_spread": HOSTILE,
        "packets_out": HOSTILE,
        "packets_in": 2**62,
    }
    texts = ["ssl", "ssl,x", "日本語 😀", "a'b\"c", "\\N", "nul\x00in"]
    both = [
        flow(at=10),
        flow(at=11 * 3600, sport=1),
        flow(at=13 * 3600, sport=2, **TRY),
        flow(at=DAY + 100),
        flow(at=DAY + 50_000, sport=3, port=22, **TRY, bytes_out=5000),
        flow(at=DAY + 80_000, sport=4, port=22, **TRY),
        flow(at=28 * DAY - 10, lasts=3600, port=8443),
        flow(at=28 * DAY + 20 * 3600, port=8443),
        flow(**v6, at=APRIL, port=443),
    ]
    only_a = [
        flow("10.9.9.9", "10.8.8.8", at=20),
        flow(
            "10.40.7.7", "10.1.0.9", at=APRIL + 40, port=9, src_realm="acquired", dst_realm="acquired"
        ),
        flow("10.40.7.7", "10.1.0.9", at=APRIL + 41, port=9, protocol=1),
        flow("10.40.7.7", "10.1.0.9", at=APRIL + 43_000, port=9),
        flow("10.40.7.7", "10.1.0.9", at=60 * DAY),
    ]
    alone = [
        flow(at=40 * DAY + n * 1000, sport=n, service=text, payload_out=n or None, uid=f"C{n}", **large)
        for n, text in enumerate([*texts, None])
    ]
    alone += [
        flow(at=40 * DAY + 5, sport=70, uid="C0", src="10.40.9.8", flags=int(Flag.OPEN)),
        flow(at=40 * DAY + 5, sport=70, uid="C0", src="10.40.9.8", bytes_in=9000, lasts=9),
        flow(at=40 * DAY + 80_000, sport=71, lasts=-5, flags=int(Flag.IMPOSSIBLE_TIME)),
        flow(at=40 * DAY + 86_399.999999, sport=72, state=State.UNKNOWN, payload_in=1),
        flow(at=40 * DAY + 3600, sport=73, state=State.UNKNOWN, bytes_in=480),
        flow(at=40 * DAY + 3601, sport=74, protocol=17, **TRY | {"state": State.UNKNOWN}),
        flow(at=40 * DAY + 3602, port=3, sport=8, protocol=1, flags=int(Flag.RESET)),
        *(flow(v6["src"], v6["dst"], at=40 * DAY + n, **TRY | {"bytes_out": 3000}) for n in (1, 2)),
    ]
    half = {"flags": int(Flag.ONE_WAY), "bytes_in": 0, "packets_in": 0}
    one_way = [
        flow("10.40.3.3", "10.1.0.7", at=DAY + 200, state=State.UNKNOWN, **half),
        flow("10.1.0.7", "10.40.3.3", 50_000, sport=445, at=DAY + 200.5, state=State.UNKNOWN, **half),
    ]
    noon, sold = monday + timedelta(days=1, hours=12), monday + timedelta(seconds=APRIL + 40_000)
    register = plan(
        {
            (40, 1): [
                (None, monday + timedelta(hours=12), Rank.AUTHORIZED),
                (monday + timedelta(hours=12), noon, Rank.UNAUTHORIZED),
                (noon, monday + timedelta(days=29), Rank.LAPSED),
                (monday + timedelta(days=29), None, Rank.UNAUTHORIZED),
            ],
            (6, 5): [(None, None, Rank.UNAUTHORIZED)],
            (0, 0): [(None, None, Rank.UNMAPPED)],
            (0, 1): [(None, None, Rank.EXTERNAL)],
        },
        [
            {"10.40.0.0/16": 40, "10.1.0.0/16": 1, "2001:db8:40::/48": 6, "2001:db8:1::/48": 5},
            {"10.40.9.0/24": 40, "10.1.0.0/16": 1, "2001:db8:40::/48": 6, "2001:db8:1::/48": 5},
        ],
        [sold],
    )
    root = tmp_path_factory.mktemp("everything") / "lake"
    with Lake.open(root, create=True, threads=1, memory_limit="300MB") as lake:
        take(lake, "a", [*both, *only_a], "a.log")
        later = [row | {"start": row["start"] + timedelta(milliseconds=12)} for row in both]
        take(lake, "b", later, "b.log")
        take(lake, "a", alone, "alone.log")
        take(lake, "edge", one_way, "edge.log")
        take(lake, "a", [flow(at=70 * DAY), flow(at=71 * DAY)], "may.log")
        lake.prune(monday + timedelta(days=1))
        begin, end = monday + timedelta(seconds=5), monday + timedelta(days=100)
        number = (monday - datetime(1970, 1, 1, tzinfo=monday.tzinfo)).days
        with sqlite3.connect(lake.layout.manifest) as manifest:
            (path,) = manifest.execute(
                "SELECT path FROM rollup WHERE day = ?", (number + 70,)
            ).fetchone()
        torn = lake.layout.absolute(path)
        torn.write_bytes(torn.read_bytes()[:-10])
        yield Everything(lake, register, begin, end, number + 40)


class Lockstep:
    """Two engines that judge the same window; what each says is noted, and the first one goes on."""

    def __init__(self, here: EmbeddedRounds, there: PortableRounds, note: Callable[..., None]) -> None:
        self._here = here
        self._there = there
        self._note = note

    def _sql(self, schema: pa.Schema, source: str) -> pa.Table:
        names = ", ".join(f'"{name}"' for name in schema.names)
        return self._here._engine.fetch(f"SELECT {names} FROM {source}")

    def _rows(self, name: str, where: str = "", level: int | None = None) -> None:
        there = self._there._current
        if level is not None:
            where, there = f"WHERE level = {level}", there.filter(there["level"] == level)
        here = self._sql(shapes.ROWS, f"{self._here._current} {where}")
        self._note(name, here, self._there._engine.fetch(there))

    @property
    def damage(self) -> Any:
        assert self._here.damage == self._there.damage
        return self._here.damage

    @property
    def pruned(self) -> Any:
        return self._here.pruned

    def coarse(self) -> list[Span]:
        spans = self._here.coarse()
        assert self._there.coarse() == spans
        self._rows("rows_of_months", level=0)
        self._rows("rows_of_days", level=1)
        return spans

    def days(self, months: Sequence[int]) -> list[Span]:
        spans = self._here.days(months)
        assert self._there.days(months) == spans
        self._rows("days_of_months")
        return spans

    def pieces(self, days: Sequence[int], cuts: Sequence[int]) -> list[Span]:
        spans = self._here.pieces(days, cuts)
        assert self._there.pieces(days, cuts) == spans
        return spans

    def blunt(self, cuts: Sequence[int]) -> list[Span]:
        spans = self._here.blunt(cuts)
        assert self._there.blunt(cuts) == spans
        if spans:
            self._rows("blunt")
        return spans

    @property
    def blunted(self) -> int:
        here, there = self._here.blunted, self._there.blunted
        self._note("blunted", pa.table({"n": [here]}), pa.table({"n": [there]}))
        return here

    def addresses(self, spans: pa.Table) -> pa.Table:
        found = self._here.addresses(spans)
        self._note("addresses", found, self._there.addresses(spans))
        return found

    def label(self, labels: pa.Table) -> pa.Table:
        found = self._here.label(labels)
        self._note("combinations", found, self._there.label(labels))
        there = self._there
        self._note(
            "labelled",
            self._sql(shapes.LABELLED, "labelled"),
            there._engine.fetch(there._labelled),
        )
        some = there._labelled.filter(there._labelled["level"] == 9)
        self._note(
            "unlabelled",
            self._here._engine.fetch(
                f"SELECT count(*) AS n FROM {self._here._current} WHERE {levels.COUNTED}"
            ),
            there._engine.fetch(ends.unlabelled(there._current, some)),
        )
        return found

    def decide(self, decisions: pa.Table) -> None:
        blunt = self._here._current == levels.BLUNT
        before = len(self._there._judged)
        self._here.decide(decisions)
        self._there.decide(decisions)
        there = self._there
        self._note(
            "decided",
            self._sql(shapes.DECIDED, "decided"),
            there._engine.fetch(there._made[-1]),
        )
        self._note(
            "undecided",
            pa.table({"n": [self._here._engine.fetch("SELECT * FROM decided").num_rows]}),
            there._engine.fetch(
                decide.undecided(
                    there._labelled, there._made[-1].limit(0), there._window, there._engine.functions
                )
            ),
        )
        judged = there._judged[0]
        for one in there._judged[1:]:
            judged = judged.union(one)
        assert len(there._judged) == before + 1
        self._note(
            "strictest" if blunt else "kept",
            self._sql(shapes.JUDGED, "judged"),
            there._engine.fetch(judged),
        )
        if not self._here._blunted:
            self._note(
                "loose", self._sql(shapes.LOOSE, "loose"), there._engine.fetch(there._all_loose())
            )

    def loose(self, level: int) -> list[int]:
        found = self._here.loose(level)
        self._note(
            "loose_spans",
            pa.table({"span": pa.array(found, pa.int64())}),
            pa.table({"span": pa.array(self._there.loose(level), pa.int64())}),
        )
        return found

    def verdicts(self) -> tuple[pa.Table, pa.Table, pa.Table]:
        found, other = self._here.verdicts(), self._there.verdicts()
        here, there = self._here._engine, self._there._engine
        self._note(
            "connection_totals",
            here.fetch(verdicts.CONNECTION_TOTALS),
            there.fetch(found_in.connection_totals(self._there._connections)),
        )
        for name, one, two in zip(("flow_totals", "links", "violations"), found, other, strict=True):
            self._note(name, one, two)
        known = [name for name in shapes.JUDGED_CONNECTIONS.names if not name.endswith("class")]
        clamped = {name: f"least({name}, {HOSTILE})::BIGINT AS {name}" for name in shapes.LINKS.names}
        given = [clamped[name] if name.startswith("bytes") else name for name in known]
        self._note(
            "judged_connections",
            here.fetch(f"SELECT {', '.join(given)} FROM judged_connections"),
            there.fetch(self._there._connections.select(*known)),
        )
        judged = self._there._judged[0]
        for one in self._there._judged[1:]:
            judged = judged.union(one)
        self._note(
            "violating", self._sql(shapes.JUDGED, "violating"), there.fetch(found_in.violating(judged))
        )
        return found

    def usage(self) -> pa.Table:
        found = self._here.usage()
        self._note("usage", found, self._there.usage())
        return found

    def judged(self) -> pa.Table:
        found = self._here.judged()
        self._note("judged", found, self._there.judged())
        return found

    def views(self, connections: pa.Table) -> pa.Table:
        found = self._here.views(connections)
        self._note("views", found, self._there.views(connections))
        return found

    def measures(self, connections: pa.Table) -> pa.Table:
        found = self._here.measures(connections)
        self._note("measures", found, self._there.measures(connections))
        return found

    def of_services(self, services: Sequence[tuple[int, int]]) -> pa.Table:
        found = self._here.of_services(services)
        self._note("of_services", found, self._there.of_services(services))
        return found

    def sampled(self) -> list[str]:
        found = self._here.sampled()
        self._note(
            "sampled",
            *(
                pa.table({"sensor": pa.array(names, pa.string())})
                for names in (found, self._there.sampled())
            ),
        )
        return found

    def compare(self, ends_of: Ends, limit: int) -> Compared:
        found, other = self._here.compare(ends_of, limit), self._there.compare(ends_of, limit)
        for name in ("whole", "uneven", "spread", "candidates"):
            one, two = getattr(found, name), getattr(other, name)
            assert in_order(one.cast(two.schema)) == in_order(two), name
        there, here, fetch = self._there, self._here, self._there._engine.fetch
        class_sites = there._ship("class_sites", ends_of.tables()["class_sites"])
        judged, every = ours.together(*there._judged), ours.together(*there._rows)
        between = comparing.between_ends(judged, class_sites)
        located = comparing.rows_between(every, between)
        sided = next(made for made in there._made if list(made.columns) == SIDED.names)
        here._engine.run(reconciling.SIDED)
        self._note("between_ends", self._sql(BETWEEN_ENDS, "between_ends"), fetch(between))
        self._note("rows_between", self._sql(LOCATED, f"({reconciling.ROWS_BETWEEN})"), fetch(located))
        self._note("sided", self._sql(SIDED, "sided"), fetch(sided))
        self._note(
            "uneven_ends",
            self._sql(SIDED, f"sided WHERE NOT ({reconciling.EVEN})"),
            fetch(comparing.uneven_ends(sided)),
        )
        whole = reconciling.WHOLE.replace("FROM sided", f"FROM sided WHERE {reconciling.EVEN}")
        self._note("even_ends", here._engine.fetch(whole), fetch(comparing.even_ends(sided)))
        months = self._sql(BETWEEN_ENDS, "of_months")
        paths, month_days = there._days_of(sorted(set(months["span"].to_pylist())))
        days = ours.rows_of_days(there._parquet(paths, shapes.CONNECTION_DAYS))
        located = comparing.days_between(days, month_days, there._ship("months", months))
        source = f"({rows_in_months.rows_of_days(sources.parquet(paths))})"
        self._note(
            "days_between",
            self._sql(LOCATED, f"({reconciling.days_between(source)})"),
            fetch(located),
        )
        return found

    def every_view(self, connections: pa.Table) -> pa.Table:
        found = self._here.every_view(connections)
        self._note("every_view", found, self._there.every_view(connections))
        return found

    def close(self) -> None:
        self._here.close()
        self._there.close()


def judge(world: Everything, engine: PortableEngine, note: Callable[..., None]) -> pa.Table:
    """Judge by both; the keys of what is found."""
    begin, end = (columns_of(at) for at in (world.begin, world.end))
    layout = world.lake.layout
    manifest = world.lake._connection

    def embedded() -> DuckDB:
        return DuckDB(layout.root, layout.staging, "300MB", 1)

    here = EmbeddedRounds(embedded(), Contents.of(layout, manifest, (begin, end)), begin, end)
    there = PortableRounds(engine, embedded(), Contents.of(layout, manifest, (begin, end)), begin, end)
    with Stage(Lockstep(here, there, note), begin, end) as stage:
        found = stage.judge(world.register).violations
        stage.usage()
        everything = stage.judged()
        stage.views(found)
        stage.measures(everything)
        stage.every_view(everything)
        stage.sampled()
        stage.of_services([(6, 8443), (6, 22), (1, 0), (250, 0)])
        stage.compare(edges_of(world.begin), 50)
        assert [one.reason.split()[-1] for one in stage.damage] != []
    return found


def edges_of(begin: datetime) -> Ends:
    """`a` at the initiators' site, `b` and `edge` at the responders', who are dark at times."""
    of_class = pa.table([[40, 1], [1, 2]], schema=CLASS_SITES)
    edges = pa.table([["a", "b", "edge"], [1, 2, 2]], schema=EDGES)
    days = [columns_of(begin) // (DAY * 10**6) + n for n in (0, 1, 40)]
    dark = pa.table(
        [[2, 2, 2], [day * DAY * 10**6 for day in days], [0xFFFFFF, 1 << 3, 1]], schema=DARK
    )
    return Ends(of_class, edges, dark, RATES.empty_table())


def columns_of(at: datetime) -> int:
    """Microseconds."""
    return (at - datetime(1970, 1, 1, tzinfo=at.tzinfo)) // timedelta(microseconds=1)


def look_back(
    world: Everything, engine: PortableEngine, keys: pa.Table, note: Callable[..., None]
) -> None:
    """Ask the history and the raw flows by both."""
    lake, functions = world.lake, engine.functions
    asked = shapes.conformed(keys, shapes.CONNECTIONS)
    of_months = lake._history.files()[0][:1]
    of_days = [path for path in lake._history._rollups() if path.parent.name >= "day=2024-04"]
    assert "month=2024-03" in str(of_months)
    tables = [
        engine.parquet(of_months, shapes.CONNECTION_MONTHS),
        engine.parquet(of_days, shapes.CONNECTION_DAYS),
    ]
    rows = looking_back.rows(*tables)
    ends_of = shapes.conformed(
        keys.rename_columns([name.removeprefix("src_") for name in keys.column_names]), ENDS
    ).slice(0, 3)
    known = set(lake._connection.execute("SELECT path FROM segment").fetchall())
    flows_at = [
        lake.layout.absolute(path) for (path,) in sorted(known) if lake.layout.absolute(path).exists()
    ]
    raw = engine.parquet(flows_at, FLOW_SCHEMA)
    files = lake._connection.execute("SELECT id, path, content_sha256 FROM file").fetchall()
    of_files = pa.table(
        [list(column) for column in zip(*files, strict=True)],
        schema=pa.schema([("file", pa.int32()), ("path", pa.string()), ("sha256", pa.string())]),
    )
    some = pq.read_table(flows_at[0], columns=["file", "row"]).slice(0, 1)
    shipped = {
        name: engine.table(f"back_{name}", table)
        for name, table in (
            ("asked", asked),
            ("ends", ends_of),
            ("files", of_files),
            ("superseded", some),
        )
    }
    window = columns_of(world.begin), columns_of(world.end)
    with DuckDB(lake.layout.root, lake.layout.staging, "300MB", 1) as here:
        source = history.rows(of_months, of_days)
        here.register("asked", asked)
        note(
            "first_last",
            here.fetch(history.first_last(source)),
            engine.fetch(looking_back.first_last(rows, shipped["asked"])),
        )
        days = here.fetch(history.days(of_days))
        begins = pa.table({"day": pa.array([d * 86_400_000_000 for d in days["day"].to_pylist()])})
        note("days", begins, engine.fetch(looking_back.days(tables[1], shipped["asked"])))
        here.register("files", of_files)
        here.register("superseded", some)
        here.run(history.records(flows_at, *window))
        records = looking_back.records(
            raw, shipped["asked"], shipped["superseded"], shipped["files"], window, functions
        )
        # Original ends stand beside what was logged for the embedded engine alone, which reads raw records.
        logged = shapes.RECORDS.names
        note("records", here.fetch("SELECT * FROM records").select(logged), engine.fetch(records))
        note(
            "ordered",
            here.fetch(history.ORDERED, [20, 2]).select(logged),
            engine.fetch(looking_back.ordered(records, 20, 2)),
        )
        left = f"(SELECT r.* FROM {sources.parquet(flows_at)} r ANTI JOIN superseded USING (file, row))"
        note(
            "hours",
            here.fetch(hourly.hours(left)),
            engine.fetch(hours_of.hours(raw, shipped["superseded"], functions)),
        )
        here.register("asked", ends_of)
        note(
            "touching",
            here.fetch(history.touching(source), [3]),
            engine.fetch(looking_back.touching(rows, shipped["ends"], 3)),
        )
        services = [(6, 445), (6, 8443), (1, 0)]
        note(
            "serving",
            here.fetch(history.serving(source, services), [5]),
            engine.fetch(looking_back.serving(rows, services, 5)),
        )
    (path,) = lake._connection.execute(
        "SELECT path FROM rollup WHERE day = ?", (world.alone,)
    ).fetchone()
    none = engine.table("back_none", some.slice(0, 0))
    note(
        "connection_days",
        pq.read_table(lake.layout.absolute(path)).drop_columns(["day"]),
        engine.fetch(rollup.connection_days(raw, none, world.alone, functions)),
    )


@pytest.fixture
def answers(
    portable_engine: PortableEngine, everything: Everything
) -> Callable[[str], list[tuple[pa.Table, pa.Table]]]:
    """What both engines said to a question, each time that it was asked; every engine is asked once."""
    kind = type(portable_engine).__name__
    if kind not in everything.answers:
        said: Answers = defaultdict(list)

        def note(name: str, here: pa.Table, there: pa.Table) -> None:
            said[name].append((here, there))

        everything.answers[kind] = said
        try:
            keys = judge(everything, portable_engine, note)
            look_back(everything, portable_engine, keys, note)
        except SekishoError as error:
            everything.answers[kind] = error
    found = everything.answers[kind]
    if isinstance(found, SekishoError):
        raise found
    return found.__getitem__


@pytest.fixture
def agree(answers: Callable[[str], list[tuple[pa.Table, pa.Table]]]) -> Callable[[str], int]:
    """Hold both engines to the same columns, types and rows; how many rows that were."""

    def check(name: str) -> int:
        rows = 0
        for here, there in answers(name):
            assert there.column_names == here.column_names
            assert there.schema.types == portable(here.schema).types
            assert in_order(there) == in_order(here), differing(here, there)
            rows += here.num_rows
        return rows

    return check


def in_order(table: pa.Table) -> list[str]:
    """Rows as text, sorted."""
    return sorted(map(repr, table.to_pylist()))


def differing(here: pa.Table, there: pa.Table) -> list[str]:
    """Columns whose values differ in all."""
    return [
        name
        for name in here.column_names
        if sorted(map(repr, here[name].to_pylist())) != sorted(map(repr, there[name].to_pylist()))
    ]
