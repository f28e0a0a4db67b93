"""The tables of the watch: how far it has judged, alerts with their connections, and what is to be sent.

Alerts are no decisions: they follow from the lake and the register, not from the ledger. What people say
of them (`answers`, `maintenance`) is, and each row carries the number of its ledger entry.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from sekisho.state.tables import UtcTime, metadata

_NAME = String(400)
_ID = String(40)

cursor = Table(
    "watch_cursor",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("file", BigInteger, nullable=False),
    Column("at", UtcTime, nullable=False),
)
observers = Table(
    "watch_observers",
    metadata,
    Column("name", _ID, primary_key=True),
    Column("file", BigInteger, nullable=False),
    Column("memory", LargeBinary, nullable=False),
)
"""What an observer remembers of all files up to one; those after it are shown to it again after a start."""
remarks = Table(
    "watch_remarks",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Index("ix_watch_remarks_at", "at"),
)
"""What was told with others in one alert, so that it is not told again."""
alerts = Table(
    "alerts",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("key", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("severity", Integer, nullable=False),
    Column("status", String(20), nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("raised_at", UtcTime, nullable=False),
    Column("due", UtcTime),
    Column("beyond", BigInteger, nullable=False),
    Column("standing", Text, nullable=False),
    Column("document", Text, nullable=False),
    Index("ix_alerts_due", "due"),
    Index("ix_alerts_status", "status"),
)
connections = Table(
    "alert_connections",
    metadata,
    Column("finding", _ID, primary_key=True),
    Column("alert", _ID, ForeignKey("alerts.id"), nullable=False),
    Column("src", _NAME, nullable=False),
    Column("dst", _NAME, nullable=False),
    Column("src_site", _NAME, nullable=False),
    Column("dst_site", _NAME, nullable=False),
    Column("service", _NAME, nullable=False),
    Column("rule", _NAME, nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("severity", Integer, nullable=False),
    Column("flows", BigInteger, nullable=False),
    Column("established", BigInteger, nullable=False),
    Column("volume", BigInteger, nullable=False),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("turned", Boolean, nullable=False),
    Column("known", Text, nullable=False),
    Column("member", Text, nullable=False),
    Index("ix_alert_connections_alert", "alert", "severity"),
    Index("ix_alert_connections_src", "src"),
)
outbox = Table(
    "alert_outbox",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("sink", _NAME, nullable=False),
    Column("delivery", _ID, nullable=False),
    Column("document", Text, nullable=False),
    Column("due", UtcTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failed", Boolean, nullable=False),
    Column("error", Text, nullable=False),
    Index("ix_alert_outbox_sink", "sink", "failed", "due"),
)
answers = Table(
    "alert_answers",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("alert", _ID, nullable=False),
    Column("action", String(20), nullable=False),
    Column("by", _NAME, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("why", Text, nullable=False),
    Column("until", UtcTime),
    Index("ix_alert_answers_alert", "alert"),
)
maintenance = Table(
    "maintenance",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("name", _ID, nullable=False, unique=True),
    Column("begin", UtcTime, nullable=False),
    Column("end", UtcTime, nullable=False),
    Column("by", _NAME, nullable=False),
    Column("why", Text, nullable=False),
    Column("scope", Text, nullable=False),
)
