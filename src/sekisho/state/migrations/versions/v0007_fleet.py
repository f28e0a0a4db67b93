"""The fleet: what registers and collections said of terminals, campaigns, decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    number, name, digest, text = sa.BigInteger(), sa.String(400), sa.String(64), sa.Text()
    time, word = sa.DateTime(timezone=True), sa.String(20)
    op.create_table(
        "fleet_intakes",
        sa.Column("sha256", digest, nullable=False),
        sa.Column("name", text, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("by", name, nullable=False),
        sa.Column("read", number, nullable=False),
        sa.Column("aside_count", number, nullable=False),
        sa.Column("aside", text, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_fleet_intakes"),
    )
    op.create_table(
        "fleet_sightings",
        sa.Column("id", digest, nullable=False),
        sa.Column("intake", digest, nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("first", time, nullable=False),
        sa.Column("last", time, nullable=False),
        sa.Column("body", text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fleet_sightings"),
    )
    op.create_table(
        "fleet_answers",
        sa.Column("id", digest, nullable=False),
        sa.Column("intake", digest, nullable=False),
        sa.Column("check", sa.String(100), nullable=False),
        sa.Column("outcome", word, nullable=False),
        sa.Column("received", time, nullable=False),
        sa.Column("collected", time, nullable=True),
        sa.Column("body", text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fleet_answers"),
    )
    op.create_index("ix_fleet_answers_check", "fleet_answers", ["check"])
    op.create_table(
        "fleet_campaigns",
        sa.Column("seq", number, autoincrement=False, nullable=False),
        sa.Column("name", name, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("by", name, nullable=False),
        sa.Column("body", text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_fleet_campaigns"),
        sa.UniqueConstraint("name", name="uq_fleet_campaigns_name"),
    )
    op.create_table(
        "fleet_decisions",
        sa.Column("seq", number, autoincrement=False, nullable=False),
        sa.Column("terminal", digest, nullable=False),
        sa.Column("action", word, nullable=False),
        sa.Column("by", name, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("until", time, nullable=True),
        sa.Column("body", text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_fleet_decisions"),
    )
    op.create_index("ix_fleet_decisions_terminal", "fleet_decisions", ["terminal"])
