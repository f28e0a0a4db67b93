"""Containment plans: what was drafted, and what was done with each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    number, name, short, text = sa.BigInteger(), sa.String(400), sa.String(40), sa.Text()
    time, word = sa.DateTime(timezone=True), sa.String(20)
    op.create_table(
        "plans",
        sa.Column("seq", number, autoincrement=False, nullable=False),
        sa.Column("id", short, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("by", name, nullable=False),
        sa.Column("body", text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_plans"),
        sa.UniqueConstraint("id", name="uq_plans_id"),
    )
    op.create_table(
        "plan_events",
        sa.Column("seq", number, autoincrement=False, nullable=False),
        sa.Column("plan", short, nullable=False),
        sa.Column("action", word, nullable=False),
        sa.Column("state", word, nullable=False),
        sa.Column("by", name, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("body", text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_plan_events"),
        sa.ForeignKeyConstraint(["plan"], ["plans.id"], name="fk_plan_events_plan"),
    )
    op.create_index("ix_plan_events_plan", "plan_events", ["plan"])
