"""Terminals' events as the embedded engine is asked: what is recorded, and which of it meets predicates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sekisho.model.events import COLUMNS
from sekisho.model.predicates import Predicate, fields, gathered
from sekisho.store.queries import network
from sekisho.store.queries.predicates import literal
from sekisho.store.queries.sources import parquet

_SYSTEM: Mapping[str, str] = {
    "EventID": "CAST(event_id AS VARCHAR)",
    "Channel": "channel",
    "Provider_Name": "provider",
    "Computer": "host",
    "EventRecordID": "CAST(record AS VARCHAR)",
}
"""What an event says of itself besides its values."""
KEPT_AT_MOST = 20
MOST_CONNECTIONS = 1000
"""Connections that are told of one rule, the first; a rule may be met by all there are."""
EVIDENCE = 5
"""Records that are named for what one rule found on one terminal."""
PLACE = ("file", "row", "host", "channel", "record", "time", "event_id")


@dataclass(frozen=True, slots=True)
class EventSource:
    """Events of a channel ('' is any) with one of the numbers (none is any). `names` says under which name this
    source has a value, `values` what its value is called elsewhere. With a `relation` they are no events of
    terminals but records of sensors, see `queries.network`, and `names` is complete."""

    channel: str = ""
    ids: frozenset[int] = frozenset()
    names: tuple[tuple[str, str], ...] = ()
    values: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    relation: str = ""


@dataclass(frozen=True, slots=True)
class AskedOfEvents:
    """One predicate about events of any of the sources; `number` is the asker's, `keeps` the values that are
    wanted of events that meet it."""

    number: int
    sources: tuple[EventSource, ...]
    predicate: Predicate
    keeps: tuple[str, ...] = ()


@dataclass(slots=True)
class Batch:
    """Predicates about the same sources, and the values that they ask for."""

    sources: tuple[EventSource, ...]
    whole: bool
    asked: list[AskedOfEvents] = field(default_factory=list)
    fields: dict[str, int] = field(default_factory=dict)
    """Values that are asked for or kept, by their names: the n-th is the column f`n`."""

    @property
    def relation(self) -> str:
        """Of which records of sensors they are; '' for events of terminals."""
        return self.sources[0].relation if self.sources else ""

    @property
    def values(self) -> list[str]:
        """What a relation calls the values, in the order of `fields`."""
        names = dict(self.sources[0].names)
        return [names.get(name, "") for name in self.fields]

    def add(self, one: AskedOfEvents) -> None:
        """One more of them."""
        one = replace(one, predicate=gathered(one.predicate))
        names, _ = fields(one.predicate)
        self.asked.append(one)
        for name in sorted({*names, *one.keeps}):
            self.fields.setdefault(name, len(self.fields))


HITS = """
    CREATE OR REPLACE TEMP TABLE hits (
        rule INTEGER, file INTEGER, row BIGINT, host VARCHAR, channel VARCHAR, record BIGINT,
        time TIMESTAMPTZ, event_id INTEGER, kept VARCHAR[]
    )
"""


def recorded(paths: Sequence[Path]) -> str:
    """Of which events there are how many: host, file, channel (lower case), event_id, events, first, last."""
    return (
        "SELECT host, file, lower(channel) AS channel, event_id, count(*) AS events, min(time) AS first,"
        f" max(time) AS last FROM {parquet(paths)} GROUP BY ALL"
    )


def picked(paths: Sequence[Path], batch: Batch) -> str:
    """Table `picked`: events of a batch's sources with the values it asks for, f0, f1 …, and `whole`."""
    columns = [f"{_valued(batch.sources, name)} AS f{at}" for name, at in batch.fields.items()]
    if batch.whole:
        all_own = ", ".join(COLUMNS.values())
        columns.append(
            f"concat_ws(chr(10), {all_own}, array_to_string(map_values(more), chr(10))) AS whole"
        )
    found = " OR ".join(_of(source) for source in batch.sources)
    return (
        f"CREATE OR REPLACE TEMP TABLE picked AS SELECT {', '.join([*PLACE, *columns])}"
        f" FROM {parquet(paths)} WHERE {found}"
    )


def picked_records(paths: Sequence[Path], batch: Batch) -> str:
    """Table `picked`: the same of records of sensors."""
    rows = network.records(batch.relation, paths, batch.values)
    return f"CREATE OR REPLACE TEMP TABLE picked AS {rows}"


_PLACE = "{file: file, row: row}"
ONCE = f"""
    CREATE OR REPLACE TEMP TABLE hits_once AS
    SELECT h.rule, lower(host) AS terminal, host, lower(channel) AS log, event_id, record, time,
        {_PLACE} AS place, channel, kept
    FROM hits h SEMI JOIN (
        SELECT rule, min({_PLACE}) AS place FROM hits
        GROUP BY rule, lower(host), lower(channel), event_id, record, time,
            CASE WHEN record IS NULL THEN {_PLACE} END
    ) f ON f.rule = h.rule AND f.place.file = h.file AND f.place.row = h.row
"""
"""A record that stands in several copies of its log is one event: the first. Nothing but its place is carried
through the grouping, which takes half the time."""

_FOUND = "SELECT rule, terminal, host, event_id, record, time, place, channel FROM hits_once"
FOUND = """
    CREATE OR REPLACE TEMP TABLE told AS
    SELECT t.*, t.place.file < 0 AS network, f.owner, f.sensor
    FROM told_once t LEFT JOIN files f ON f.file = t.place.file
"""


def told(silent: Sequence[int], correlated: bool) -> str:
    """Table `told_once`: what is told of, without the rules that only others look at."""
    numbers = ", ".join(str(int(one)) for one in silent)
    without = f" WHERE rule NOT IN ({numbers})" if silent else ""
    union = " UNION ALL SELECT * FROM correlated" if correlated else ""
    return f"CREATE OR REPLACE TEMP TABLE told_once AS {_FOUND}{without}{union}"


SUM = f"""
    CREATE OR REPLACE TEMP TABLE summed AS
    SELECT rule, owner, terminal, network, any_value(host) AS host, count(*) AS events, min(time) AS first,
        max(time) AS last, any_value(channel) AS channel,
        coalesce(list_sort(list(DISTINCT sensor) FILTER (sensor <> '')), []) AS sensors,
        count(*) OVER (PARTITION BY rule, network) AS total, list_max(min(time, {EVIDENCE})) AS soon
    FROM told GROUP BY rule, owner, terminal, network
    QUALIFY NOT network OR row_number() OVER (
        PARTITION BY rule, network ORDER BY min(time), terminal) <= {MOST_CONNECTIONS}
"""
SUMMED = "SELECT * FROM summed ORDER BY rule, terminal, owner, network"
EVIDENT = f"""
    SELECT e.rule, e.owner, e.terminal, e.network, e.time, e.channel, e.event_id, e.record,
        e.place.row AS row, f.name, f.within, f.sha256, f.sensor
    FROM (
        SELECT t.* FROM told t JOIN summed s ON s.rule = t.rule AND s.terminal = t.terminal
            AND s.owner IS NOT DISTINCT FROM t.owner AND s.network = t.network AND t.time <= s.soon
        QUALIFY row_number() OVER (
            PARTITION BY t.rule, t.owner, t.terminal, t.network ORDER BY t.time, t.channel, t.record, t.place
        ) <= {EVIDENCE}
    ) e LEFT JOIN files f ON f.file = e.place.file
    ORDER BY e.rule, e.terminal, e.owner, e.network, e.time, e.channel, e.record, e.place
"""


def _of(source: EventSource) -> str:
    parts = [f"lower(channel) = lower({literal(source.channel)})"] if source.channel else []
    if source.ids:
        parts.append(f"event_id IN ({', '.join(str(int(one)) for one in sorted(source.ids))})")
    return "(" + (" AND ".join(parts) or "true") + ")"


def _valued(sources: Sequence[EventSource], name: str) -> str:
    """The value that rules call `name`, wherever a source has it."""
    usual = _value(name)
    branches = []
    for source in sources:
        named, valued = dict(source.names), dict(source.values)
        if name not in named and name not in valued:
            continue
        own = _value(named.get(name, name))
        if name in valued:
            other = " ".join(f"WHEN {literal(a)} THEN {literal(b)}" for a, b in valued[name])
            own = f"CASE {own} {other} ELSE {own} END"
        branches.append(f"WHEN {_of(source)} THEN {own}")
    return f"CASE {' '.join(branches)} ELSE {usual} END" if branches else usual


def _value(name: str) -> str:
    if name in _SYSTEM:
        return _SYSTEM[name]
    return COLUMNS.get(name) or f"more[{literal(name)}]"
