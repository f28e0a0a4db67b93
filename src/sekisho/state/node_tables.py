"""The tables of the service for osquery: secrets, nodes, keys, what was handed and what came.

What is read and written at every check-in is one row of `nodes`; the rest is found by its key.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from sekisho.state.tables import UtcTime, metadata

_NAME = String(400)
_HASH = String(64)
_ADDRESS = String(64)
NUMBER = BigInteger().with_variant(Integer(), "sqlite")
"""A number that the database gives: SQLite does so for INTEGER alone."""

secrets = Table(
    "fleet_secrets",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("hash", _HASH, nullable=False, unique=True),
    Column("seq", BigInteger, nullable=False),
    Column("site", _NAME, nullable=False),
    Column("made", UtcTime, nullable=False),
    Column("by", _NAME, nullable=False),
    Column("why", Text, nullable=False),
    Column("retired", UtcTime),
    Column("retired_by", _NAME, nullable=False),
)
nodes = Table(
    "fleet_nodes",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("identity", _HASH, nullable=False, unique=True),
    Column("identifier", _NAME, nullable=False),
    Column("body", Text, nullable=False),
    Column("secret", String(20), nullable=False),
    Column("first", UtcTime, nullable=False),
    Column("enrolled", UtcTime, nullable=False),
    Column("enrolments", Integer, nullable=False),
    Column("lately", Integer, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("seen", UtcTime, nullable=False),
    Column("address", _ADDRESS, nullable=False),
    Column("before", _ADDRESS, nullable=False),
    Column("swapped", UtcTime),
    Column("hops", Integer, nullable=False),
    Index("ix_fleet_nodes_address", "address"),
)
keys = Table(
    "fleet_keys",
    metadata,
    Column("hash", _HASH, primary_key=True),
    Column("node", BigInteger, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime),
    Column("ended", String(20), nullable=False),
    Index("ix_fleet_keys_node", "node"),
)
letters = Table(
    "fleet_letters",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("node", BigInteger, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("digest", _HASH, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("held", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_fleet_letters_held", "held", "id"),
    Index("ix_fleet_letters_node", "node", "held"),
)
taken = Table(
    "fleet_taken",
    metadata,
    Column("node", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", _HASH, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Index("ix_fleet_taken_at", "at"),
)
refusals = Table(
    "fleet_refusals",
    metadata,
    Column("node", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", String(40), primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("first", UtcTime, nullable=False),
    Column("last", UtcTime, nullable=False),
    Column("address", _ADDRESS, nullable=False),
    Column("detail", Text, nullable=False),
)
counts = Table(
    "fleet_counts",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("count", BigInteger, nullable=False),
)
lots = Table(
    "fleet_lots",
    metadata,
    Column("path", String(200), primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("at", UtcTime, nullable=False),
)
