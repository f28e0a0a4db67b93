"""Read restorations from the state. What they say is decided in the ledger and taken over from there."""

from __future__ import annotations

import json

from sqlalchemy import Engine, select

from sekisho.state import restore_tables as tables
from sekisho.state.engine import reading
from sekisho.state.restore_records import RESTORE_ACTIONS, Recertification, RestoreEvent


class RestorationStore:
    """Questions about restorations; each sees one state of the database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def events(self, restoration: str | None = None) -> tuple[RestoreEvent, ...]:
        """What was decided about one restoration, or about all of them, in order."""
        t = tables.events
        question = select(t).where(t.c.restoration.is_not(None)).order_by(t.c.seq)
        if restoration is not None:
            question = question.where(t.c.restoration == restoration)
        with reading(self._engine) as connection:
            return tuple(
                RestoreEvent(
                    r.seq,
                    r.restoration,
                    RESTORE_ACTIONS[RESTORE_ACTIONS.index(r.action)],
                    r.by,
                    r.at,
                    json.loads(r.body),
                )
                for r in connection.execute(question)
            )

    def recertified(self) -> tuple[Recertification, ...]:
        """Every word of an owner that a rule is needed still, in order."""
        t = tables.events
        question = select(t).where(t.c.action == "recertify").order_by(t.c.seq)
        with reading(self._engine) as connection:
            found = [(r, json.loads(r.body)) for r in connection.execute(question)]
        return tuple(
            Recertification(
                r.seq, b["rule"], b["hash"], b["site"], b["owner"], r.by, r.at, b.get("why", "")
            )
            for r, b in found
        )
