"""Read facts and deliveries from the state. They are decided in the ledger and taken over from there."""

from __future__ import annotations

import json

from sqlalchemy import Engine, select

from sekisho.state import notice_tables as tables
from sekisho.state.engine import reading
from sekisho.state.notice_records import NOTICE_ACTIONS, NoticeEvent


class NoticeStore:
    """Questions about facts and deliveries; each sees one state of the database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def events(self, incident: str) -> tuple[NoticeEvent, ...]:
        """What was recorded of one incident, in order."""
        t = tables.events
        question = select(t).where(t.c.incident == incident).order_by(t.c.seq)
        with reading(self._engine) as connection:
            return tuple(
                NoticeEvent(
                    r.seq,
                    r.incident,
                    NOTICE_ACTIONS[NOTICE_ACTIONS.index(r.action)],
                    r.by,
                    r.at,
                    json.loads(r.body),
                )
                for r in connection.execute(question)
            )
