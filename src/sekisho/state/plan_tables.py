"""The tables of containment plans: what was drafted, and what was done with each since."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, Text

from sekisho.state.tables import UtcTime, metadata

_NAME = String(400)
_ID = String(40)

plans = Table(
    "plans",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("id", _ID, nullable=False, unique=True),
    Column("at", UtcTime, nullable=False),
    Column("by", _NAME, nullable=False),
    Column("body", Text, nullable=False),
)
events = Table(
    "plan_events",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("plan", _ID, ForeignKey("plans.id"), nullable=False),
    Column("action", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("by", _NAME, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_plan_events_plan", "plan"),
)
