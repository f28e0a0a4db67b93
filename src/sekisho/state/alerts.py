"""The watch's memory: one transaction takes over what a round of judging came to, and what is to be sent.

Killed before it nothing of the round counts and it is judged again; killed after it the outbox still has
every message that was not taken. All times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, delete, distinct, func, insert, select, update

from sekisho.state import watch_tables as tables
from sekisho.state.engine import reading, writing

_CHUNK = 400
"""Values bound in one statement; SQLite takes at least 999."""


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert. `severity` 0 is critical; `verdict` is '' where its connections have several; `due` is
    when it is to be looked at again without a record; `beyond` counts flows of connections that are not
    kept one by one. `standing` and `document` are JSON.
    """

    id: str
    key: str
    kind: str
    severity: int
    status: str
    verdict: str
    raised_at: datetime
    due: datetime | None
    beyond: int
    standing: str
    document: str


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """One connection of an alert; `known` is what was seen of it so far, `member` how it is shown, both
    JSON. `turned`: it turned out to be another one (the other end had opened it, or its ends stood for
    others), and it counts no more."""

    finding: str
    alert: str
    src: str
    dst: str
    src_site: str
    dst_site: str
    service: str
    rule: str
    verdict: str
    severity: int
    flows: int
    established: int
    volume: int
    first_seen: datetime
    last_seen: datetime
    provisional: bool
    turned: bool
    known: str
    member: str


@dataclass(frozen=True, slots=True)
class Totals:
    """An alert's connections together. `labels` are what all of them share."""

    connections: int
    established: int
    sources: int
    destinations: int
    flows: int
    volume: int
    severity: int
    provisional: int
    turned: int
    first: datetime | None
    last: datetime | None
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that a sink has not taken."""

    seq: int
    sink: str
    delivery: str
    document: str
    due: datetime
    attempts: int
    error: str = ""


_SHARED = ("src", "dst", "src_site", "dst_site", "service", "rule", "verdict")


class Round:
    """One transaction that writes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put_alert(self, row: AlertRow) -> None:
        """Add or replace an alert."""
        table = tables.alerts
        found = self._connection.execute(
            update(table).where(table.c.id == row.id).values(**asdict(row))
        )
        if not found.rowcount:
            self._connection.execute(insert(table).values(**asdict(row)))

    def put_connections(self, rows: Sequence[ConnectionRow], known: Iterable[str]) -> None:
        """Add connections, or replace those whose findings are `known`."""
        table, there = tables.connections, set(known)
        new = [asdict(row) for row in rows if row.finding not in there]
        old = [asdict(row) | {"_finding": row.finding} for row in rows if row.finding in there]
        if new:
            self._connection.execute(insert(table), new)
        if old:
            values: dict[str, Any] = {c.name: bindparam(c.name) for c in table.c if c.name != "finding"}
            self._connection.execute(
                update(table).where(table.c.finding == bindparam("_finding")).values(**values), old
            )

    def totals(self, alert: str) -> Totals:
        """What an alert's connections come to; those that were turned round only count as such."""
        t = tables.connections
        counted = t.c.alert == alert, t.c.turned.is_(False)
        shared = [part for name in _SHARED for part in (func.min(t.c[name]), func.max(t.c[name]))]
        row = self._connection.execute(
            select(
                func.count(),
                func.count(distinct(t.c.dst)),
                func.coalesce(func.sum(t.c.flows), 0),
                func.coalesce(func.sum(t.c.volume), 0),
                func.coalesce(func.min(t.c.severity), 4),
                func.min(t.c.first_seen),
                func.max(t.c.last_seen),
                *shared,
            ).where(*counted)
        ).one()
        established, sources = self._connection.execute(
            select(func.count(), func.count(distinct(t.c.src))).where(*counted, t.c.established > 0)
        ).one()
        turned = select(func.count()).where(t.c.alert == alert, t.c.turned.is_(True))
        provisional = select(func.count()).where(*counted, t.c.provisional.is_(True))
        ends = list(row[7:])
        labels = {
            name: low
            for name, low, high in zip(_SHARED, ends[::2], ends[1::2], strict=True)
            if low and low == high
        }
        return Totals(
            connections=row[0],
            established=established,
            sources=sources,
            destinations=row[1],
            flows=int(row[2]),
            volume=int(row[3]),
            severity=row[4],
            provisional=self._connection.execute(provisional).scalar_one(),
            turned=self._connection.execute(turned).scalar_one(),
            first=row[5],
            last=row[6],
            labels=labels,
        )

    def worst(self, alert: str, limit: int) -> list[str]:
        """Members (JSON) of an alert: the worst first, of these the last seen."""
        t = tables.connections
        question = (
            select(t.c.member)
            .where(t.c.alert == alert, t.c.turned.is_(False))
            .order_by(t.c.severity, t.c.established.desc(), t.c.last_seen.desc(), t.c.finding)
            .limit(limit)
        )
        return list(self._connection.execute(question).scalars())

    def enqueue(self, sinks: Iterable[str], delivery: str, document: str, now: datetime) -> None:
        """A message for each sink, in one order for all."""
        rows = [
            {
                "sink": sink,
                "delivery": delivery,
                "document": document,
                "due": now,
                "attempts": 0,
                "failed": False,
                "error": "",
            }
            for sink in sinks
        ]
        if rows:
            self._connection.execute(insert(tables.outbox), rows)

    def move(self, file: int, at: datetime) -> None:
        """Everything up to a file is judged."""
        values = {"file": file, "at": at}
        if not self._connection.execute(update(tables.cursor).values(**values)).rowcount:
            self._connection.execute(insert(tables.cursor).values(id=1, **values))

    def keep(self, file: int, memories: Mapping[str, bytes]) -> None:
        """Observers have looked at everything up to a file, and remember this."""
        table = tables.observers
        for name, memory in memories.items():
            values = {"file": file, "memory": memory}
            found = self._connection.execute(update(table).where(table.c.name == name).values(**values))
            if not found.rowcount:
                self._connection.execute(insert(table).values(name=name, **values))

    def remarked(self, ids: Sequence[str], at: datetime, forget: datetime) -> None:
        """Remarks were told in one alert with others; forget those that were told before a time."""
        table = tables.remarks
        self._connection.execute(delete(table).where(table.c.at < forget))
        if ids:
            self._connection.execute(insert(table), [{"id": one, "at": at} for one in ids])


class AlertStore:
    """The watch's tables in a state."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def round(self) -> Iterator[Round]:
        """All of the block or nothing of it; one at a time."""
        with writing(self._engine) as connection:
            if connection.dialect.name != "sqlite":
                connection.execute(select(tables.cursor).with_for_update())
            yield Round(connection)

    def cursor(self) -> int | None:
        """The last file that is judged; None where nothing ever was."""
        with reading(self._engine) as connection:
            found: int | None = connection.execute(select(tables.cursor.c.file)).scalar()
            return found

    def observers(self) -> dict[str, tuple[int, bytes]]:
        """By observer, the file up to which it has looked, and what it remembered then."""
        return {row.name: (row.file, row.memory) for row in self._rows(select(tables.observers))}

    def remarked(self, ids: Sequence[str]) -> set[str]:
        """Those of some remarks that were told, by themselves or with others."""
        found = set(self.alerts(ids))
        for some in _chunks(ids):
            question = select(tables.remarks.c.id).where(tables.remarks.c.id.in_(some))
            found.update(row.id for row in self._rows(question))
        return found

    def connections(self, findings: Sequence[str]) -> dict[str, ConnectionRow]:
        """Known connections by finding."""
        t = tables.connections
        return {
            row.finding: ConnectionRow(**row._mapping)
            for some in _chunks(findings)
            for row in self._rows(select(t).where(t.c.finding.in_(some)))
        }

    def provisional(self, since: datetime, limit: int) -> list[ConnectionRow]:
        """Connections seen since a time of which no record shows who opened them, the last seen first."""
        t = tables.connections
        question = (
            select(t)
            .where(t.c.provisional.is_(True), t.c.turned.is_(False), t.c.last_seen >= since)
            .order_by(t.c.last_seen.desc(), t.c.finding)
            .limit(limit)
        )
        return [ConnectionRow(**row._mapping) for row in self._rows(question)]

    def attempts(self, sources: Sequence[str]) -> dict[str, int]:
        """How many connections that were never established are known of some sources."""
        t = tables.connections
        return {
            row.src: row.n
            for some in _chunks(sources)
            for row in self._rows(
                select(t.c.src, func.count().label("n"))
                .where(t.c.src.in_(some), t.c.established == 0, t.c.turned.is_(False))
                .group_by(t.c.src)
            )
        }

    def alerts(self, ids: Sequence[str] | None = None) -> dict[str, AlertRow]:
        """Alerts by id; all of them without ids, the worst first."""
        t = tables.alerts
        if ids is None:
            rows = self._rows(select(t).order_by(t.c.severity, t.c.raised_at.desc(), t.c.id))
            return {row.id: AlertRow(**row._mapping) for row in rows}
        return {
            row.id: AlertRow(**row._mapping)
            for some in _chunks(ids)
            for row in self._rows(select(t).where(t.c.id.in_(some)))
        }

    def due(self, now: datetime) -> list[str]:
        """Alerts that are to be looked at again."""
        t = tables.alerts
        return [row.id for row in self._rows(select(t.c.id).where(t.c.due <= now))]

    def counts(self) -> dict[tuple[str, int, str], int]:
        """How many alerts there are of each status, severity and verdict."""
        t = tables.alerts
        by = (t.c.status, t.c.severity, t.c.verdict)
        question = select(*by, func.count().label("n")).group_by(*by)
        return {(r.status, r.severity, r.verdict): r.n for r in self._rows(question)}

    def members(self, alert: str, limit: int) -> list[str]:
        """Members (JSON) of an alert, the worst first."""
        with reading(self._engine) as connection:
            return Round(connection).worst(alert, limit)

    def waiting(self, sink: str, now: datetime, limit: int) -> list[Waiting]:
        """Messages that a sink is to be given now, in their order; none while the first of them waits."""
        t = tables.outbox
        rows = self._rows(
            select(t).where(t.c.sink == sink, t.c.failed.is_(False)).order_by(t.c.seq).limit(limit)
        )
        found = [
            Waiting(r.seq, r.sink, r.delivery, r.document, r.due, r.attempts, r.error) for r in rows
        ]
        return found if found and found[0].due <= now else []

    def taken(self, seq: int) -> None:
        """A sink has taken a message."""
        with writing(self._engine) as connection:
            connection.execute(delete(tables.outbox).where(tables.outbox.c.seq == seq))

    def put_off(self, seq: int, error: str, due: datetime | None) -> None:
        """A sink did not take a message: it is due again then, or with None refused for good."""
        t = tables.outbox
        values: dict[str, Any] = {"attempts": t.c.attempts + 1, "error": error[:1000]}
        values |= {"failed": True} if due is None else {"due": due}
        with writing(self._engine) as connection:
            connection.execute(update(t).where(t.c.seq == seq).values(**values))

    def unsent(self) -> dict[tuple[str, bool], int]:
        """How many messages wait (False) or were refused for good (True), by sink."""
        t = tables.outbox
        question = select(t.c.sink, t.c.failed, func.count().label("n")).group_by(t.c.sink, t.c.failed)
        return {(row.sink, bool(row.failed)): row.n for row in self._rows(question)}

    def _rows(self, question: Any) -> Sequence[Any]:
        with reading(self._engine) as connection:
            return connection.execute(question).all()


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for begin in range(0, len(values), _CHUNK):
        yield values[begin : begin + _CHUNK]
