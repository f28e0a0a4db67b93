"""The watch: its cursor, alerts and their connections, the outbox, answers and maintenance windows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    number, name, short, text = sa.BigInteger(), sa.String(400), sa.String(40), sa.Text()
    time, word = sa.DateTime(timezone=True), sa.String(20)
    op.create_table(
        "watch_cursor",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("file", number, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watch_cursor"),
    )
    op.create_table(
        "alerts",
        sa.Column("id", short, nullable=False),
        sa.Column("key", text, nullable=False),
        sa.Column("kind", word, nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("status", word, nullable=False),
        sa.Column("verdict", word, nullable=False),
        sa.Column("raised_at", time, nullable=False),
        sa.Column("due", time),
        sa.Column("beyond", number, nullable=False),
        sa.Column("standing", text, nullable=False),
        sa.Column("document", text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )
    op.create_index("ix_alerts_due", "alerts", ["due"])
    op.create_index("ix_alerts_status", "alerts", ["status"])
    op.create_table(
        "alert_connections",
        sa.Column("finding", short, nullable=False),
        sa.Column("alert", short, nullable=False),
        sa.Column("src", name, nullable=False),
        sa.Column("dst", name, nullable=False),
        sa.Column("src_site", name, nullable=False),
        sa.Column("dst_site", name, nullable=False),
        sa.Column("service", name, nullable=False),
        sa.Column("rule", name, nullable=False),
        sa.Column("verdict", word, nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("flows", number, nullable=False),
        sa.Column("established", number, nullable=False),
        sa.Column("volume", number, nullable=False),
        sa.Column("first_seen", time, nullable=False),
        sa.Column("last_seen", time, nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("turned", sa.Boolean(), nullable=False),
        sa.Column("known", text, nullable=False),
        sa.Column("member", text, nullable=False),
        sa.PrimaryKeyConstraint("finding", name="pk_alert_connections"),
        sa.ForeignKeyConstraint(["alert"], ["alerts.id"], name="fk_alert_connections_alert"),
    )
    op.create_index("ix_alert_connections_alert", "alert_connections", ["alert", "severity"])
    op.create_index("ix_alert_connections_src", "alert_connections", ["src"])
    op.create_table(
        "alert_outbox",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("sink", name, nullable=False),
        sa.Column("delivery", short, nullable=False),
        sa.Column("document", text, nullable=False),
        sa.Column("due", time, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.Column("error", text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_alert_outbox"),
    )
    op.create_index("ix_alert_outbox_sink", "alert_outbox", ["sink", "failed", "due"])
    op.create_table(
        "alert_answers",
        sa.Column("seq", number, autoincrement=False, nullable=False),
        sa.Column("alert", short, nullable=False),
        sa.Column("action", word, nullable=False),
        sa.Column("by", name, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("why", text, nullable=False),
        sa.Column("until", time),
        sa.PrimaryKeyConstraint("seq", name="pk_alert_answers"),
    )
    op.create_index("ix_alert_answers_alert", "alert_answers", ["alert"])
    op.create_table(
        "maintenance",
        sa.Column("seq", number, autoincrement=False, nullable=False),
        sa.Column("name", short, nullable=False),
        sa.Column("begin", time, nullable=False),
        sa.Column("end", time, nullable=False),
        sa.Column("by", name, nullable=False),
        sa.Column("why", text, nullable=False),
        sa.Column("scope", text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_maintenance"),
        sa.UniqueConstraint("name", name="uq_maintenance_name"),
    )


def downgrade() -> None:
    """Take the tables away; only tests do."""
    for table in (
        "maintenance",
        "alert_answers",
        "alert_outbox",
        "alert_connections",
        "alerts",
        "watch_cursor",
    ):
        op.drop_table(table)
