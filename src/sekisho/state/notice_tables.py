"""The table of facts and deliveries."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, Text

from sekisho.state import incident_tables
from sekisho.state.tables import UtcTime, metadata

events = Table(
    "notice_events",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("incident", String(40), ForeignKey(incident_tables.incidents.c.id), nullable=False),
    Column("action", String(20), nullable=False),
    Column("by", String(400), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_notice_events_incident", "incident"),
)
