"""The service for osquery: secrets, nodes, keys, letters, refusals, files of results."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    big, number, name, digest = sa.BigInteger(), sa.Integer(), sa.String(400), sa.String(64)
    given = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    time, text, word, address = sa.DateTime(timezone=True), sa.Text(), sa.String(20), sa.String(64)
    op.create_table(
        "fleet_secrets",
        sa.Column("id", word, nullable=False),
        sa.Column("hash", digest, nullable=False),
        sa.Column("seq", big, nullable=False),
        sa.Column("site", name, nullable=False),
        sa.Column("made", time, nullable=False),
        sa.Column("by", name, nullable=False),
        sa.Column("why", text, nullable=False),
        sa.Column("retired", time, nullable=True),
        sa.Column("retired_by", name, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fleet_secrets"),
        sa.UniqueConstraint("hash", name="uq_fleet_secrets_hash"),
    )
    op.create_table(
        "fleet_nodes",
        sa.Column("id", given, autoincrement=True, nullable=False),
        sa.Column("identity", digest, nullable=False),
        sa.Column("identifier", name, nullable=False),
        sa.Column("body", text, nullable=False),
        sa.Column("secret", word, nullable=False),
        sa.Column("first", time, nullable=False),
        sa.Column("enrolled", time, nullable=False),
        sa.Column("enrolments", number, nullable=False),
        sa.Column("lately", number, nullable=False),
        sa.Column("since", time, nullable=False),
        sa.Column("seen", time, nullable=False),
        sa.Column("address", address, nullable=False),
        sa.Column("before", address, nullable=False),
        sa.Column("swapped", time, nullable=True),
        sa.Column("hops", number, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fleet_nodes"),
        sa.UniqueConstraint("identity", name="uq_fleet_nodes_identity"),
    )
    op.create_index("ix_fleet_nodes_address", "fleet_nodes", ["address"])
    op.create_table(
        "fleet_keys",
        sa.Column("hash", digest, nullable=False),
        sa.Column("node", big, nullable=False),
        sa.Column("since", time, nullable=False),
        sa.Column("until", time, nullable=True),
        sa.Column("ended", word, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_fleet_keys"),
    )
    op.create_index("ix_fleet_keys_node", "fleet_keys", ["node"])
    op.create_table(
        "fleet_letters",
        sa.Column("id", given, autoincrement=True, nullable=False),
        sa.Column("node", big, nullable=False),
        sa.Column("kind", word, nullable=False),
        sa.Column("digest", digest, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("held", number, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fleet_letters"),
    )
    op.create_index("ix_fleet_letters_held", "fleet_letters", ["held", "id"])
    op.create_index("ix_fleet_letters_node", "fleet_letters", ["node", "held"])
    op.create_table(
        "fleet_taken",
        sa.Column("node", big, autoincrement=False, nullable=False),
        sa.Column("digest", digest, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.PrimaryKeyConstraint("node", "digest", name="pk_fleet_taken"),
    )
    op.create_index("ix_fleet_taken_at", "fleet_taken", ["at"])
    op.create_table(
        "fleet_refusals",
        sa.Column("node", big, autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("count", big, nullable=False),
        sa.Column("first", time, nullable=False),
        sa.Column("last", time, nullable=False),
        sa.Column("address", address, nullable=False),
        sa.Column("detail", text, nullable=False),
        sa.PrimaryKeyConstraint("node", "reason", name="pk_fleet_refusals"),
    )
    op.create_table(
        "fleet_counts",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("count", big, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_fleet_counts"),
    )
    op.create_table(
        "fleet_lots",
        sa.Column("path", sa.String(200), nullable=False),
        sa.Column("rows", big, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_fleet_lots"),
    )
