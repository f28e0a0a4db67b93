"""The tables, in SQL that SQLite and PostgreSQL share.

Every row that a decision makes carries the number of its ledger entry: applying an entry twice is an
error of the database, not a second decision.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """An aware instant, kept in UTC to the microsecond; SQLite keeps no zone and needs none then."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Store UTC; a naive time is an error of the program."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value}")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give it back aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_HASH = String(64)
_NAME = String(400)

cursor = Table(
    "ledger_cursor",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", _HASH, nullable=False),
    Column("end_offset", BigInteger, nullable=False),
)
contents = Table(
    "contents",
    metadata,
    Column("sha256", _HASH, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
)
events = Table(
    "finding_events",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("finding", _NAME, nullable=False),
    Column("action", String(20), nullable=False),
    Column("by", _NAME, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("why", Text, nullable=False),
    Column("until", UtcTime),
    Column("assignee", _NAME),
    Index("ix_finding_events_finding", "finding"),
)
versions = Table(
    "versions",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False),
    Column("sha256", _HASH, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("by", _NAME, nullable=False),
    Index("ix_versions_kind", "kind", "sha256"),
)
version_files = Table(
    "version_files",
    metadata,
    Column("seq", BigInteger, ForeignKey("versions.seq"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("path", Text, nullable=False),
    Column("sha256", _HASH, nullable=False),
    Column("size", BigInteger, nullable=False),
)
rules = Table(
    "rules",
    metadata,
    Column("rule_hash", _HASH, primary_key=True),
    Column("rule_id", _NAME, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("by", _NAME, nullable=False),
    Column("version", _HASH, nullable=False),
    Column("baseline", Boolean, nullable=False),
    Column("seq", BigInteger, ForeignKey("versions.seq"), nullable=False),
)
acceptances = Table(
    "rule_acceptances",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("rule_hash", _HASH, ForeignKey("rules.rule_hash"), nullable=False, unique=True),
    Column("by", _NAME, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("why", Text, nullable=False),
)
audits = Table(
    "audit_records",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("name", _NAME, nullable=False, unique=True),
    Column("at", UtcTime, nullable=False),
    Column("by", _NAME, nullable=False),
    Column("document", _HASH, nullable=False),
    Column("hashes", Text, nullable=False),
)
