"""The tables of incidents: what was opened, what was done since, what was preserved, what sites answered.

Each row carries the number of its ledger entry. JSON columns hold what is shown and never searched.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from sekisho.state.tables import UtcTime, metadata

_NAME = String(400)
_ID = String(40)
_HASH = String(64)

incidents = Table(
    "incidents",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("id", _ID, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", _NAME, nullable=False),
    Column("seeds", Text, nullable=False),
    Column("connections", BigInteger, nullable=False),
    Column("days", BigInteger, nullable=False),
)
findings = Table(
    "incident_findings",
    metadata,
    Column("incident", _ID, ForeignKey("incidents.id"), primary_key=True),
    Column("finding", _NAME, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Index("ix_incident_findings_finding", "finding"),
)
events = Table(
    "incident_events",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("incident", _ID, ForeignKey("incidents.id"), nullable=False),
    Column("action", String(20), nullable=False),
    Column("by", _NAME, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("text", Text, nullable=False),
    Column("task", _ID, nullable=False),
    Column("assignee", _NAME, nullable=False),
    Column("due", UtcTime),
    Index("ix_incident_events_incident", "incident"),
)
evidence = Table(
    "incident_evidence",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("incident", _ID, ForeignKey("incidents.id"), nullable=False),
    Column("by", _NAME, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("sensor", _NAME, nullable=False),
    Column("path", Text, nullable=False),
    Column("content", _HASH, nullable=False),
    Column("state", String(20), nullable=False),
    Column("sha256", _HASH, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("why", Text, nullable=False),
    Index("ix_incident_evidence_incident", "incident"),
)
inquiries = Table(
    "incident_inquiries",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("incident", _ID, ForeignKey("incidents.id"), nullable=False),
    Column("action", String(20), nullable=False),
    Column("site", _NAME, nullable=False),
    Column("by", _NAME, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("contact", _NAME, nullable=False),
    Column("due", UtcTime),
    Column("result", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("sha256", _HASH, nullable=False),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Index("ix_incident_inquiries_incident", "incident"),
)
