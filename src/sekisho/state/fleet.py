"""What registers and collections said of terminals, and what people decided about them.

Facts are kept with the file that they came in, in one transaction; a file counts once, by its content.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update

from sekisho.errors import IntegrityError
from sekisho.model.campaigns import RAMP, Limits
from sekisho.model.terminals import (
    FLEET_ACTIONS,
    OUTCOMES,
    Aside,
    Campaign,
    CheckAnswer,
    Installed,
    Intake,
    Sighted,
    Sighting,
    TerminalDecision,
)
from sekisho.state import fleet_tables as tables
from sekisho.state import software
from sekisho.state.engine import reading, writing

_AT_ONCE = 500
"""Bound values of one question: SQLite takes some thousands."""


class FleetStore:
    """Questions about the fleet, and the taking in of files."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def known(self, sha256: str) -> bool:
        """Whether a file of that content was taken in."""
        with reading(self._engine) as connection:
            return _known(connection, sha256)

    def take_in(
        self,
        intake: Intake,
        sightings: Sequence[tuple[int, Sighting]] = (),
        answers: Sequence[CheckAnswer] = (),
    ) -> bool:
        """Keep a file's facts, all or none. False where a file of that content was taken in before."""
        with writing(self._engine) as connection:
            if _known(connection, intake.sha256):
                return False
            values = asdict(intake) | {"aside": json.dumps([asdict(a) for a in intake.aside])}
            connection.execute(insert(tables.intakes).values(**values))
            _sight(connection, intake.sha256, intake.at, sightings)
            keep_answers(connection, answers)
        return True

    def add(
        self,
        answers: Collection[CheckAnswer],
        sha256: str = "",
        sightings: Sequence[tuple[int, Sighting]] = (),
    ) -> None:
        """Keep answers, and rows of a register of that hash, of what was taken in before and is read anew, each
        once. Rows are from when the register first came."""
        t = tables.intakes
        with writing(self._engine) as connection:
            if sightings:
                asked = select(t.c.at).where(t.c.sha256 == sha256)
                _sight(connection, sha256, connection.execute(asked).scalar_one(), sightings)
            keep_answers(connection, answers)

    def intakes(self) -> tuple[Intake, ...]:
        """Files that were taken in, the oldest first."""
        t = tables.intakes
        with reading(self._engine) as connection:
            return tuple(
                Intake(
                    r.sha256,
                    r.name,
                    r.kind,
                    r.at,
                    r.by,
                    r.read,
                    r.aside_count,
                    tuple(Aside(**one) for one in json.loads(r.aside)),
                )
                for r in connection.execute(select(t).order_by(t.c.at, t.c.sha256))
            )

    def sightings(self) -> tuple[Sighted, ...]:
        """What registers said of machines, each once."""
        t = tables.sightings
        with reading(self._engine) as connection:
            return tuple(
                Sighted(Sighting(**json.loads(r.body)), r.id, r.intake, r.row, r.first, r.last)
                for r in connection.execute(select(t).order_by(t.c.first, t.c.id))
            )

    def answers(self) -> tuple[CheckAnswer, ...]:
        """What collections answered, the oldest first."""
        t = tables.answers
        with reading(self._engine) as connection:
            return tuple(
                _answered(r) for r in connection.execute(select(t).order_by(t.c.received, t.c.id))
            )

    def found(self, checks: Collection[str]) -> tuple[CheckAnswer, ...]:
        """Answers to some checks that found something, the oldest first."""
        t = tables.answers
        chosen = select(t).where(t.c.outcome == "findings", t.c.check.in_(sorted(checks)))
        with reading(self._engine) as connection:
            rows = connection.execute(chosen.order_by(t.c.received, t.c.id))
            return tuple(_answered(r) for r in rows)

    def installed(self) -> Iterator[Installed]:
        """What machines said is installed, each the last time, in no order."""
        with reading(self._engine) as connection:
            yield from software.installed(connection)

    def campaigns(self) -> tuple[Campaign, ...]:
        """Campaigns; the last is the one that counts. Probes are none: they say nothing of a terminal."""
        return tuple(one for one in self.asking() if not one.only)

    def asking(self) -> tuple[Campaign, ...]:
        """All that terminals are asked by, probes too, the oldest first."""
        t = tables.campaigns
        with reading(self._engine) as connection:
            return tuple(
                _campaign(r, json.loads(r.body))
                for r in connection.execute(select(t).order_by(t.c.seq))
            )

    def decisions(self) -> tuple[TerminalDecision, ...]:
        """What people decided about terminals, the oldest first."""
        t = tables.decisions
        with reading(self._engine) as connection:
            return tuple(_decided(r) for r in connection.execute(select(t).order_by(t.c.seq)))


def _known(connection: Connection, sha256: str) -> bool:
    t = tables.intakes
    return connection.execute(select(t.c.sha256).where(t.c.sha256 == sha256)).first() is not None


def _sight(
    connection: Connection, sha256: str, at: datetime, rows: Sequence[tuple[int, Sighting]]
) -> None:
    t = tables.sightings
    fresh: dict[str, dict[str, Any]] = {}
    for row, sighting in rows:
        fresh.setdefault(
            sighting.id,
            {
                "id": sighting.id,
                "intake": sha256,
                "row": row,
                "first": at,
                "last": at,
                "body": json.dumps(asdict(sighting)),
            },
        )
    for part in _parts(list(fresh)):
        again = set(connection.execute(select(t.c.id).where(t.c.id.in_(part))).scalars())
        if again:
            known = update(t).where(t.c.id.in_(again), t.c.last < at)
            connection.execute(known.values(last=at))
        new = [fresh[one] for one in part if one not in again]
        if new:
            connection.execute(insert(t), new)


def keep_answers(
    connection: Connection, answers: Collection[CheckAnswer], *, replace: bool = False
) -> None:
    """Keep answers, each once. With `replace` one that is known takes the place of what it was: the same
    answer, given again, is newer."""
    software.put(connection, answers)
    rows: list[dict[str, Any]] = [
        {
            "id": one.id,
            "intake": one.intake,
            "check": one.check,
            "outcome": one.outcome,
            "received": one.received,
            "collected": one.collected,
            "body": json.dumps(
                {
                    "who": asdict(one.who),
                    "reason": one.reason,
                    "rows": one.rows,
                    "findings": list(one.findings),
                }
                | ({"times": [t and t.isoformat() for t in one.times]} if any(one.times) else {})
                | ({"platform": one.platform} if one.platform else {})
                | ({"looked": list(one.looked)} if one.looked else {})
            ),
        }
        for one in answers
    ]
    t = tables.answers
    by_id = {row["id"]: row for row in rows}
    for part in _parts(list(by_id)):
        again = set(connection.execute(select(t.c.id).where(t.c.id.in_(part))).scalars())
        if again and replace:
            connection.execute(delete(t).where(t.c.id.in_(again)))
            again = set()
        new = [by_id[one] for one in part if one not in again]
        if new:
            connection.execute(insert(t), new)


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _answered(r: Any) -> CheckAnswer:
    body = json.loads(r.body)
    if r.outcome not in OUTCOMES:
        raise IntegrityError(f"the state holds an unknown outcome {r.outcome!r}")
    return CheckAnswer(
        r.id,
        r.intake,
        Sighting(**body["who"]),
        r.check,
        OUTCOMES[OUTCOMES.index(r.outcome)],
        r.received,
        r.collected,
        body["reason"],
        body["rows"],
        tuple(body["findings"]),
        times=tuple(t and datetime.fromisoformat(t) for t in body.get("times", ())),
        platform=body.get("platform", ""),
        looked=tuple(body.get("looked", ())),
    )


def _campaign(r: Any, body: Mapping[str, Any]) -> Campaign:
    until = body.get("until")
    return Campaign(
        r.name,
        tuple(body["checks"]),
        r.at,
        r.by,
        body["why"],
        r.seq,
        dict(body.get("queries", {})),
        None if until is None else datetime.fromisoformat(until),
        tuple(body.get("sites", ())),
        body.get("incident", ""),
        tuple(body.get("first", ())),
        tuple(body.get("ramp", RAMP)),
        Limits(**body.get("limits", {})),
        {name: tuple(nodes) for name, nodes in body.get("only", {}).items()},
        dict(body.get("platforms", {})),
    )


def _decided(r: Any) -> TerminalDecision:
    body = json.loads(r.body)
    if r.action not in FLEET_ACTIONS:
        raise IntegrityError(f"the state holds an unknown decision {r.action!r}")
    action = FLEET_ACTIONS[FLEET_ACTIONS.index(r.action)]
    why = str(body.pop("why", ""))
    rest = {name: str(value) for name, value in body.items()}
    return TerminalDecision(r.seq, r.terminal, action, r.by, r.at, why, r.until, rest)
