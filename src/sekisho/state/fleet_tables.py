"""The tables of the fleet: what machines and registers said, and what people decided about terminals."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from sekisho.state.tables import UtcTime, metadata

_NAME = String(400)
_HASH = String(64)

intakes = Table(
    "fleet_intakes",
    metadata,
    Column("sha256", _HASH, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", _NAME, nullable=False),
    Column("read", BigInteger, nullable=False),
    Column("aside_count", BigInteger, nullable=False),
    Column("aside", Text, nullable=False),
)
sightings = Table(
    "fleet_sightings",
    metadata,
    Column("id", _HASH, primary_key=True),
    Column("intake", _HASH, nullable=False),
    Column("row", Integer, nullable=False),
    Column("first", UtcTime, nullable=False),
    Column("last", UtcTime, nullable=False),
    Column("body", Text, nullable=False),
)
answers = Table(
    "fleet_answers",
    metadata,
    Column("id", _HASH, primary_key=True),
    Column("intake", _HASH, nullable=False),
    Column("check", String(100), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("received", UtcTime, nullable=False),
    Column("collected", UtcTime),
    Column("body", Text, nullable=False),
    Index("ix_fleet_answers_check", "check"),
)
campaigns = Table(
    "fleet_campaigns",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("name", _NAME, nullable=False, unique=True),
    Column("at", UtcTime, nullable=False),
    Column("by", _NAME, nullable=False),
    Column("body", Text, nullable=False),
)
decisions = Table(
    "fleet_decisions",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("terminal", _HASH, nullable=False),
    Column("action", String(20), nullable=False),
    Column("by", _NAME, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("until", UtcTime),
    Column("body", Text, nullable=False),
    Index("ix_fleet_decisions_terminal", "terminal"),
)
campaign_events = Table(
    "fleet_campaign_events",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("campaign", BigInteger, nullable=False),
    Column("action", String(20), nullable=False),
    Column("by", _NAME, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_fleet_campaign_events_campaign", "campaign"),
)
asks = Table(
    "fleet_asks",
    metadata,
    Column("campaign", BigInteger, primary_key=True, autoincrement=False),
    Column("node", _HASH, primary_key=True),
    Column("stage", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("denylisted", Integer, nullable=False),
    Column("heavy", Integer, nullable=False),
    Column("body", Text, nullable=False),
    # All that is counted, so that counting reads no bodies.
    Index("ix_fleet_asks_counts", "campaign", "stage", "done", "failed", "denylisted", "heavy"),
)
homes = Table(
    "fleet_homes",
    metadata,
    Column("node", _HASH, primary_key=True),
    Column("site", String(400), nullable=False),
)
software = Table(
    "fleet_software",
    metadata,
    Column("who", _HASH, primary_key=True),
    Column("table", String(40), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("sighting", Text, nullable=False),
    Column("programs", LargeBinary, nullable=False),
)
