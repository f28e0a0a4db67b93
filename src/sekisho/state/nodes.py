"""Nodes and what they delivered, as people and the judge ask for them; `batch` is the service's own way in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, func, insert, select, update

from sekisho.errors import IntegrityError
from sekisho.model.nodes import (
    REFUSALS,
    EnrolSecret,
    Kind,
    Letter,
    Lot,
    Node,
    Refusal,
    RefusalReason,
    ServiceCounts,
)
from sekisho.model.terminals import CheckAnswer, Sighting
from sekisho.state import node_tables as t
from sekisho.state.engine import reading, writing
from sekisho.state.fleet import keep_answers
from sekisho.state.node_batches import Batch, secret_of

_AT_ONCE = 500
_KINDS: dict[str, Kind] = {"answers": "answers", "result": "result", "status": "status"}


class NodeStore:
    """Questions about nodes, and what the judge does with their letters."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def one_writer(self) -> bool:
        """Whether the database takes one writer at a time, so that more workers would only wait."""
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def batch(self, *, relaxed: bool = False) -> Iterator[Batch]:
        """A transaction for what many nodes ask at once; it counts when this ends. See `engine.writing`."""
        with writing(self._engine, relaxed=relaxed) as connection:
            yield Batch(connection)

    def secrets(self) -> tuple[EnrolSecret, ...]:
        """Secrets, the oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(t.secrets).order_by(t.secrets.c.seq))
            return tuple(secret_of(r) for r in rows)

    def nodes(self) -> tuple[Node, ...]:
        """Every node, by its number."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(t.nodes).order_by(t.nodes.c.id))
            return tuple(_node(r) for r in rows)

    def of(self, numbers: Sequence[int]) -> dict[int, Node]:
        """These nodes, by their numbers."""
        found: dict[int, Node] = {}
        with reading(self._engine) as connection:
            for part in _parts(numbers):
                rows = connection.execute(select(t.nodes).where(t.nodes.c.id.in_(part)))
                found |= {r.id: _node(r) for r in rows}
        return found

    def keys(self, most: int) -> tuple[str, ...]:
        """Hashes of valid keys; of more than `most` those that were given last, the newest at the end."""
        k = t.keys.c
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(k.hash).where(k.until.is_(None)).order_by(k.since.desc()).limit(most)
            )
            return tuple(reversed([r.hash for r in rows]))

    def refusals(self) -> tuple[Refusal, ...]:
        """What was refused, of each node and of nobody known."""
        r_ = t.refusals
        with reading(self._engine) as connection:
            return tuple(
                Refusal(r.node, _reason(r.reason), r[2], r.first, r.last, r.address, r.detail)
                for r in connection.execute(select(r_).order_by(r_.c.node, r_.c.reason))
            )

    def counts(self, fresh: datetime) -> ServiceCounts:
        """How the service stands; nodes heard after `fresh` count as such."""
        with reading(self._engine) as connection:
            ask = connection.execute
            r, lt, n = t.refusals.c, t.letters.c, t.nodes.c
            total = func.sum(r.count).label("total")
            refused = ask(select(r.reason, total).group_by(r.reason))
            by_held = ask(select(lt.held, func.count().label("n")).group_by(lt.held)).all()
            held = {row.held: row.n for row in by_held}
            return ServiceCounts(
                {row.name: row[1] for row in ask(select(t.counts.c.name, t.counts.c["count"]))},
                {row.reason: int(row.total) for row in refused},
                ask(select(func.count()).select_from(t.nodes)).scalar_one(),
                ask(select(func.count()).select_from(t.nodes).where(n.seen >= fresh)).scalar_one(),
                held.get(0, 0),
                held.get(1, 0),
                ask(select(func.min(lt.at)).where(lt.held == 0)).scalar(),
            )

    def letters(self, most: int) -> tuple[Letter, ...]:
        """The oldest letters that nobody has judged."""
        c = t.letters.c
        return self._letters(select(t.letters).where(c.held == 0).order_by(c.id).limit(most))

    def held(self, nodes: Sequence[int]) -> tuple[Letter, ...]:
        """Letters of these nodes that wait for others of theirs."""
        c = t.letters.c
        question = select(t.letters).where(c.node.in_(nodes), c.held == 1).order_by(c.id)
        return self._letters(question) if nodes else ()

    def _letters(self, question: Any) -> tuple[Letter, ...]:
        with reading(self._engine) as connection:
            return tuple(
                Letter(r.node, _KINDS[r.kind], r.digest, r.body, r.id, r.at)
                for r in connection.execute(question)
            )

    def settle(
        self,
        *,
        judged: Sequence[int],
        held: Sequence[int],
        answers: Sequence[CheckAnswer],
        lots: Sequence[Lot],
        refused: Sequence[tuple[int, RefusalReason, int, str]] = (),
        now: datetime,
    ) -> None:
        """What came of letters, all or none: answers and files count, judged letters go, held ones stay."""
        with writing(self._engine) as connection:
            keep_answers(connection, answers, replace=True)
            if lots:
                values = [{"path": lot.path, "rows": lot.rows, "at": lot.at} for lot in lots]
                connection.execute(insert(t.lots), values)
            c = t.letters.c
            for part in _parts(judged):
                connection.execute(delete(t.letters).where(c.id.in_(part)))
            for part in _parts(held):
                connection.execute(update(t.letters).where(c.id.in_(part)).values(held=1))
            noted = {(node, reason): (count, "", text) for node, reason, count, text in refused}
            Batch(connection).refuse(noted, now)

    def forget(self, before: datetime) -> None:
        """Let go of letters that waited in vain, and of what is remembered only to tell a repetition."""
        with writing(self._engine) as connection:
            connection.execute(delete(t.letters).where(t.letters.c.held == 1, t.letters.c.at < before))
            connection.execute(delete(t.taken).where(t.taken.c.at < before))
            k = t.keys.c
            connection.execute(delete(t.keys).where(k.until.is_not(None), k.until < before))

    def replace_lots(self, old: Sequence[Lot], new: Lot) -> None:
        """One file counts in the place of several that hold the same rows."""
        with writing(self._engine) as connection:
            connection.execute(delete(t.lots).where(t.lots.c.path.in_([lot.path for lot in old])))
            connection.execute(insert(t.lots).values(path=new.path, rows=new.rows, at=new.at))

    def lots(self) -> tuple[Lot, ...]:
        """Files of results that count."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(t.lots).order_by(t.lots.c.path))
            return tuple(Lot(r.path, r.rows, r.at) for r in rows)


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _node(r: Any) -> Node:
    body = json.loads(r.body)
    return Node(
        r.id,
        Sighting(**body["who"]),
        r.identifier,
        body["version"],
        r.secret,
        r.first,
        r.enrolled,
        r.enrolments,
        r.seen,
        r.address,
        body.get("platform", ""),
    )


def _reason(text: str) -> RefusalReason:
    for reason in REFUSALS:
        if reason == text:
            return reason
    raise IntegrityError(f"the state holds an unknown refusal {text!r}")
