"""The state: a database that follows the ledger.

Nothing is decided here. A decision is an entry of the ledger; `follow` takes entries over in order, in
one transaction with the cursor, so a row without its entry cannot exist and an entry counts once.
Contents (the bytes of versions and documents) are kept before the entry that names their hash.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self, get_args

from sqlalchemy import Connection, Engine, insert, select, update

from sekisho.errors import IntegrityError, RequestError
from sekisho.model.entries import Entry
from sekisho.state import tables, watch_tables
from sekisho.state.alerts import AlertStore
from sekisho.state.campaigns import CampaignStore
from sekisho.state.engine import connect, reading, writing
from sekisho.state.fleet import FleetStore
from sekisho.state.homes import HomeStore
from sekisho.state.incidents import IncidentStore
from sekisho.state.nodes import NodeStore
from sekisho.state.notices import NoticeStore
from sekisho.state.plans import PlanStore
from sekisho.state.records import (
    ANSWERS,
    Acceptance,
    Action,
    AlertAnswer,
    AnswerAction,
    AuditRecord,
    Cursor,
    Event,
    KeptFile,
    Maintenance,
    RuleRecord,
    Version,
    VersionKind,
)
from sekisho.state.restorations import RestorationStore
from sekisho.state.schema import upgrade
from sekisho.state.taking import take


class State:
    """An open state. Use `State.open`; close it, or use it as a context manager."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, where: str | Path, timeout: float = 60.0) -> Self:
        """Open an SQLite file (made if missing) or a database URL, and bring its tables up to date.

        `timeout` is how many seconds to wait for another writer. Raises RequestError for a newer
        schema or a URL that cannot be used, IntegrityError for a damaged file.
        """
        engine = connect(where, timeout)
        try:
            upgrade(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    def close(self) -> None:
        """Let the database go."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def cursor(self) -> Cursor:
        """How far the ledger has been taken over."""
        with reading(self._engine) as connection:
            return _cursor(connection)

    def follow(self, entries: Iterable[Entry]) -> int:
        """Take over entries in order; those already taken are passed over. Returns how many were new.

        Raises IntegrityError at a gap, or when an entry does not link to the last one taken.
        """
        taken = 0
        with writing(self._engine) as connection:
            if connection.dialect.name != "sqlite":
                connection.execute(select(tables.cursor).with_for_update())
            last = _cursor(connection)
            for entry in entries:
                if entry.seq == last.seq and entry.hash != last.hash:
                    raise IntegrityError(
                        f"ledger entry {entry.seq} is not the one whose decisions are in the state",
                        "Restore the ledger from a backup; see `sekisho ledger verify`.",
                    )
                if entry.seq <= last.seq:
                    continue
                if entry.seq != last.seq + 1 or (last.seq and entry.prev != last.hash):
                    raise IntegrityError(
                        f"ledger entry {entry.seq} does not follow entry {last.seq}, the last taken",
                        "Restore the ledger from a backup; see `sekisho ledger verify`.",
                    )
                take(connection, entry)
                last = Cursor(entry.seq, entry.hash, entry.end)
                taken += 1
            if taken:
                _move(connection, last)
        return taken

    def keep(self, contents: Iterable[bytes]) -> None:
        """Keep bytes by their SHA-256; what is kept already stays as it is."""
        with writing(self._engine) as connection:
            for content in contents:
                name = hashlib.sha256(content).hexdigest()
                found = connection.execute(
                    select(tables.contents.c.sha256).where(tables.contents.c.sha256 == name)
                ).first()
                if found is None:
                    connection.execute(
                        insert(tables.contents).values(sha256=name, size=len(content), bytes=content)
                    )

    def content(self, sha256: str) -> bytes | None:
        """The bytes kept under a hash, or None. Raises IntegrityError where they do not hash to it."""
        with reading(self._engine) as connection:
            found = connection.execute(
                select(tables.contents.c.bytes).where(tables.contents.c.sha256 == sha256)
            ).scalar()
        if found is None:
            return None
        if not isinstance(found, bytes) or hashlib.sha256(found).hexdigest() != sha256:
            raise IntegrityError(f"the content kept as {sha256} is not what was kept")
        return found

    def events(self, finding: str | None = None) -> tuple[Event, ...]:
        """Decisions on one finding, or on all, oldest first."""
        table = tables.events
        question = select(table).order_by(table.c.seq)
        if finding is not None:
            question = question.where(table.c.finding == finding)
        with reading(self._engine) as connection:
            return tuple(
                Event(r.seq, r.finding, _action(r.action), r.by, r.at, r.why, r.until, r.assignee)
                for r in connection.execute(question)
            )

    def versions(self, kind: VersionKind) -> tuple[Version, ...]:
        """Every version in the order in which each came into use; the last is the current one."""
        table, files = tables.versions, tables.version_files
        with reading(self._engine) as connection:
            kept: dict[int, list[KeptFile]] = {}
            for f in connection.execute(select(files).order_by(files.c.seq, files.c.position)):
                kept.setdefault(f.seq, []).append(KeptFile(f.path, f.sha256, f.size))
            return tuple(
                Version(kind, r.sha256, r.seen_at, r.by, tuple(kept.get(r.seq, ())), r.seq)
                for r in connection.execute(
                    select(table).where(table.c.kind == kind).order_by(table.c.seq)
                )
            )

    def rules(self) -> tuple[RuleRecord, ...]:
        """When each active rule was first seen, oldest first."""
        t = tables.rules
        with reading(self._engine) as connection:
            return tuple(
                RuleRecord(r.rule_hash, r.rule_id, r.recorded_at, r.by, r.version, r.baseline, r.seq)
                for r in connection.execute(select(t).order_by(t.c.seq, t.c.rule_hash))
            )

    def acceptances(self) -> tuple[Acceptance, ...]:
        """Retroactive rules that a second person accepted, oldest first."""
        t = tables.acceptances
        with reading(self._engine) as connection:
            return tuple(
                Acceptance(r.rule_hash, r.by, r.at, r.why, r.seq)
                for r in connection.execute(select(t).order_by(t.c.seq))
            )

    def audits(self) -> tuple[AuditRecord, ...]:
        """Recorded audits, oldest first."""
        t = tables.audits
        with reading(self._engine) as connection:
            return tuple(
                AuditRecord(r.name, r.at, r.by, r.document, json.loads(r.hashes), r.seq)
                for r in connection.execute(select(t).order_by(t.c.seq))
            )

    def answers(self) -> tuple[AlertAnswer, ...]:
        """What people said of alerts, oldest first."""
        t = watch_tables.answers
        with reading(self._engine) as connection:
            return tuple(
                AlertAnswer(r.seq, r.alert, _answer(r.action), r.by, r.at, r.why, r.until)
                for r in connection.execute(select(t).order_by(t.c.seq))
            )

    def maintenance(self) -> tuple[Maintenance, ...]:
        """Maintenance windows, in the order in which they were set."""
        t = watch_tables.maintenance
        with reading(self._engine) as connection:
            return tuple(
                Maintenance(r.seq, r.name, r.begin, r.end, r.by, r.why, json.loads(r.scope))
                for r in connection.execute(select(t).order_by(t.c.seq))
            )

    def alerts(self) -> AlertStore:
        """The watch's tables."""
        return AlertStore(self._engine)

    def plans(self) -> PlanStore:
        """Containment plans, and what was done with them."""
        return PlanStore(self._engine)

    def restorations(self) -> RestorationStore:
        """What is to be given back, and rules that owners recertified."""
        return RestorationStore(self._engine)

    def fleet(self) -> FleetStore:
        """Terminals, what was said of them, and what was decided about them."""
        return FleetStore(self._engine)

    def campaigns(self) -> CampaignStore:
        """How far campaigns have come with each terminal."""
        return CampaignStore(self._engine)

    def homes(self) -> HomeStore:
        """Which nodes are terminals of the inventory."""
        return HomeStore(self._engine)

    def nodes(self) -> NodeStore:
        """Nodes of osquery, their secrets, and what they delivered."""
        return NodeStore(self._engine)

    def notices(self) -> NoticeStore:
        """Facts and deliveries of duties to notify."""
        return NoticeStore(self._engine)

    def incidents(self) -> IncidentStore:
        """Incidents, and what was done, preserved and asked in them."""
        return IncidentStore(self._engine)

    def copy_to(self, target: Path) -> None:
        """Write a consistent copy of an SQLite state while others use it. Raises RequestError."""
        if self._engine.dialect.name != "sqlite":
            raise RequestError(
                "this state is kept by a database server", "Back it up with that server's own tools."
            )
        with reading(self._engine) as connection:
            source = connection.connection.driver_connection
            with sqlite3.connect(target) as copy:
                source.backup(copy)  # type: ignore[union-attr]
            copy.close()

    def damage(self) -> tuple[str, ...]:
        """What the database says is wrong with itself, and kept contents that no longer hash to
        their name; empty where all is well."""
        found: list[str] = []
        with reading(self._engine) as connection:
            if connection.dialect.name == "sqlite":
                rows = connection.exec_driver_sql("PRAGMA integrity_check").scalars()
                found += [row for row in rows if row != "ok"]
            names = connection.execute(select(tables.contents.c.sha256)).scalars().all()
        for name in names:
            try:
                self.content(name)
            except IntegrityError as error:
                found.append(str(error))
        return tuple(found)


def _action(text: str) -> Action:
    for action in get_args(Action):
        if action == text:
            return action  # type: ignore[no-any-return]
    raise IntegrityError(f"the state holds an unknown action {text!r}")


def _answer(text: str) -> AnswerAction:
    for action in ANSWERS:
        if action == text:
            return action
    raise IntegrityError(f"the state holds an unknown answer {text!r}")


def _cursor(connection: Connection) -> Cursor:
    row = connection.execute(select(tables.cursor)).first()
    return Cursor(row.seq, row.hash, row.end_offset) if row else Cursor()


def _move(connection: Connection, to: Cursor) -> None:
    values = {"seq": to.seq, "hash": to.hash, "end_offset": to.end}
    if connection.execute(update(tables.cursor).values(**values)).rowcount == 0:
        connection.execute(insert(tables.cursor).values(id=1, **values))
