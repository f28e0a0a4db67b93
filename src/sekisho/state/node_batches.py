"""One transaction over what many nodes ask at once: keys, nodes, letters, refusals.

On PostgreSQL the nodes of a batch are locked in the order of their numbers before anything else is read, so
several workers never overwrite each other and never wait in a circle; on SQLite there is one writer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from sekisho.model.nodes import (
    Caller,
    Enrolling,
    EnrolSecret,
    KeyEnd,
    Letter,
    RefusalReason,
)
from sekisho.model.terminals import Sighting
from sekisho.state import node_tables as t

LATELY = timedelta(hours=1)
"""The time in which enrolments of one node are counted."""
Noted = Mapping[tuple[int, RefusalReason], tuple[int, str, str]]
"""Refusals by node and reason: how many, and the last one's address and words."""


class Batch:
    """Work on an open transaction that writes; see `NodeStore.batch`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._locks = connection.dialect.name != "sqlite"

    def callers(
        self, hashes: Sequence[str], identities: Sequence[str] = ()
    ) -> tuple[dict[str, Caller], dict[str, int]]:
        """Nodes by the hashes of the keys they showed, and the numbers of those with these identities.

        All of them are this transaction's own until it ends.
        """
        n, k = t.nodes.c, t.keys.c
        keyed = select(t.keys).where(k.hash.in_(hashes))
        found = self.connection.execute(keyed).all() if hashes else []
        numbers = {row.node for row in found}
        if not numbers and not identities:
            return {}, {}
        question = select(t.nodes).where(or_(n.id.in_(numbers), n.identity.in_(identities)))
        if self._locks:
            rows = self.connection.execute(question.order_by(n.id).with_for_update()).all()
            found = self.connection.execute(keyed).all() if hashes else []
        else:
            rows = self.connection.execute(question).all()
        bodies = {r.id: json.loads(r.body) for r in rows}
        callers = {
            r.id: Caller(
                r.id,
                "",
                Sighting(**bodies[r.id]["who"]),
                r.identifier,
                r.seen,
                r.address,
                r.before,
                r.swapped,
                r.hops,
                platform=bodies[r.id].get("platform", ""),
            )
            for r in rows
        }
        by_key: dict[str, Caller] = {}
        for row in found:
            if (one := callers.get(row.node)) is None:
                continue
            if row.until is not None:
                one = replace(one, ended=row.ended, until=row.until)
            by_key[row.hash] = one
        wanted = set(identities)
        return by_key, {r.identity: r.id for r in rows if r.identity in wanted}

    def seen(self, callers: Iterable[Caller]) -> None:
        """Keep when and where nodes were heard."""
        values = [
            {
                "b_id": c.node,
                "seen": c.seen,
                "address": c.address,
                "before": c.before,
                "swapped": c.swapped,
                "hops": c.hops,
            }
            for c in sorted(callers, key=lambda c: c.node)
        ]
        if values:
            self.connection.execute(_SEEN, values)

    def end_keys(self, nodes: Sequence[int], why: KeyEnd, now: datetime) -> None:
        """The keys of these nodes are none any more."""
        if nodes:
            k = t.keys.c
            self.connection.execute(
                update(t.keys).where(k.node.in_(nodes), k.until.is_(None)).values(until=now, ended=why)
            )

    def secrets(self) -> dict[str, EnrolSecret]:
        """Every secret by its hash, retired ones too."""
        return {r.hash: secret_of(r) for r in self.connection.execute(select(t.secrets))}

    def enrol(
        self,
        asking: Sequence[tuple[Enrolling, str]],
        known: Mapping[str, int],
        now: datetime,
        most: int,
    ) -> dict[str, tuple[int, bool]]:
        """Give keys: by the new key's hash the node, and False where it enrolled `most` times in an hour.

        `asking` are with the ids of their secrets, `known` the numbers of identities that were here before.
        """
        numbers = dict(known)
        fresh = {e.identity: (e, s) for e, s in asking if e.identity not in numbers}
        for identity in sorted(fresh):
            one, secret = fresh[identity]
            row = self._insert(t.nodes, _node_values(one, secret, now), ["identity"])
            question = select(t.nodes.c.id).where(t.nodes.c.identity == identity)
            if self._locks and not row:
                question = question.with_for_update()
            numbers[identity] = self.connection.execute(question).scalar_one()
        outcome: dict[str, tuple[int, bool]] = {}
        for one, secret in sorted(asking, key=lambda a: numbers[a[0].identity]):
            node = numbers[one.identity]
            outcome[one.key] = node, self._key(one, secret, node, now, most)
        return outcome

    def _key(self, one: Enrolling, secret: str, node: int, now: datetime, most: int) -> bool:
        n = t.nodes.c
        row = self.connection.execute(select(n.since, n.lately).where(n.id == node)).one()
        lately, since = (row.lately, row.since) if now - row.since < LATELY else (0, now)
        if lately >= most:
            return False
        self.end_keys([node], "replaced", now)
        self.connection.execute(
            insert(t.keys).values(hash=one.key, node=node, since=now, until=None, ended="")
        )
        values = _node_values(one, secret, now)
        for name in ("identity", "first", "enrolments", "lately", "since"):
            del values[name]
        self.connection.execute(
            update(t.nodes)
            .where(n.id == node)
            .values(**values, enrolments=n.enrolments + 1, lately=lately + 1, since=since)
        )
        return True

    def post(self, letters: Sequence[Letter], now: datetime) -> int:
        """Keep what nodes delivered, each once. Returns how many had not come before."""
        new = {(one.node, one.digest): one for one in letters}
        if not new:
            return 0
        k = t.taken.c
        question = select(k.node, k.digest).where(k.digest.in_([digest for _, digest in new]))
        for row in self.connection.execute(question).all():
            new.pop((row.node, row.digest), None)
        if new:
            values: list[dict[str, Any]] = [
                {"node": node, "digest": digest, "at": now} for node, digest in new
            ]
            self.connection.execute(insert(t.taken), values)
            self.connection.execute(
                insert(t.letters),
                [
                    v | {"kind": one.kind, "held": 0, "body": one.body}
                    for v, one in zip(values, new.values(), strict=True)
                ],
            )
        return len(new)

    def alone_at(self, addresses: Sequence[str]) -> dict[str, int]:
        """Addresses from which exactly one node was last heard, with its number."""
        n = t.nodes.c
        question = (
            select(n.address, func.min(n.id).label("node"))
            .where(n.address.in_(addresses))
            .group_by(n.address)
            .having(func.count() == 1)
        )
        rows = self.connection.execute(question) if addresses else ()
        return {r.address: r.node for r in rows}

    def refuse(self, noted: Noted, now: datetime) -> None:
        """Add refusals to those that are counted already."""
        if not noted:
            return
        values = [
            {
                "node": node,
                "reason": reason,
                "count": count,
                "first": now,
                "last": now,
                "address": address,
                "detail": detail,
            }
            for (node, reason), (count, address, detail) in sorted(noted.items())
        ]
        self.connection.execute(_upserts(self.connection.dialect.name)[0], values)

    def count(self, numbers: Mapping[str, int]) -> None:
        """Add to the service's own counts."""
        if numbers:
            values = [{"name": name, "count": numbers[name]} for name in sorted(numbers)]
            self.connection.execute(_upserts(self.connection.dialect.name)[1], values)

    def _insert(self, table: Table, values: Mapping[str, Any], unique: list[str]) -> bool:
        kind = postgresql.insert if self._locks else sqlite.insert
        statement = kind(table).values(**values).on_conflict_do_nothing(index_elements=unique)
        return self.connection.execute(statement).rowcount > 0


@cache
def _upserts(dialect: str) -> tuple[Any, Any]:
    """Statements that add refusals and counts to those there are; made once, since a batch is short."""
    made = []
    for table, replaced in ((t.refusals, ("last", "address", "detail")), (t.counts, ())):
        statement: Any = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
        values = {name: statement.excluded[name] for name in replaced}
        values["count"] = table.c["count"] + statement.excluded["count"]
        unique = [column.name for column in table.primary_key]
        made.append(statement.on_conflict_do_update(index_elements=unique, set_=values))
    return made[0], made[1]


def _node_values(one: Enrolling, secret: str, now: datetime) -> dict[str, Any]:
    return {
        "identity": one.identity,
        "identifier": one.identifier,
        "body": json.dumps({"who": asdict(one.who), "version": one.version, "platform": one.platform}),
        "secret": secret,
        "first": now,
        "enrolled": now,
        "enrolments": 0,
        "lately": 0,
        "since": now,
        "seen": now,
        "address": one.address,
        "before": "",
        "swapped": None,
        "hops": 0,
    }


def secret_of(r: Any) -> EnrolSecret:
    """A row of `fleet_secrets` as the model has it."""
    return EnrolSecret(r.id, r.hash, r.made, r.by, r.site, r.why, r.retired, r.retired_by)


_SEEN = update(t.nodes).where(t.nodes.c.id == bindparam("b_id"))
