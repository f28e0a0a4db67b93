"""The table of restorations: everything that was decided about giving communication back."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from sekisho.state.tables import UtcTime, metadata

events = Table(
    "restore_events",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("restoration", String(40)),
    Column("action", String(20), nullable=False),
    Column("by", String(400), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_restore_events_restoration", "restoration"),
)
