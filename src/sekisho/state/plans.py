"""Read containment plans from the state. What they say is decided in the ledger and taken over from there."""

from __future__ import annotations

import json

from sqlalchemy import Engine, select

from sekisho.model.restrictions import STATES
from sekisho.state import plan_tables as tables
from sekisho.state.engine import reading
from sekisho.state.plan_records import PLAN_ACTIONS, DraftedPlan, PlanEvent


class PlanStore:
    """Questions about plans; each sees one state of the database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def drafted(self) -> tuple[DraftedPlan, ...]:
        """Every plan, in the order in which they were drafted."""
        t = tables.plans
        with reading(self._engine) as connection:
            return tuple(
                DraftedPlan(r.seq, r.id, r.at, r.by, json.loads(r.body))
                for r in connection.execute(select(t).order_by(t.c.seq))
            )

    def events(self, plan: str | None = None) -> tuple[PlanEvent, ...]:
        """What was done with one plan, or with all of them, in order."""
        t = tables.events
        question = select(t).order_by(t.c.seq)
        if plan is not None:
            question = question.where(t.c.plan == plan)
        with reading(self._engine) as connection:
            return tuple(
                PlanEvent(
                    r.seq,
                    r.plan,
                    PLAN_ACTIONS[PLAN_ACTIONS.index(r.action)],
                    STATES[STATES.index(r.state)],
                    r.by,
                    r.at,
                    json.loads(r.body),
                )
                for r in connection.execute(question)
            )
