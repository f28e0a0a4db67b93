"""Incidents: what was opened, done, preserved and asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    number, name, short, text = sa.BigInteger(), sa.String(400), sa.String(40), sa.Text()
    time, word, digest = sa.DateTime(timezone=True), sa.String(20), sa.String(64)

    def seq() -> sa.Column[int]:
        return sa.Column("seq", number, autoincrement=False, nullable=False)

    def of_incident(table: str) -> sa.ForeignKeyConstraint:
        return sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name=f"fk_{table}_incident")

    op.create_table(
        "incidents",
        seq(),
        sa.Column("id", short, nullable=False),
        sa.Column("title", text, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("by", name, nullable=False),
        sa.Column("seeds", text, nullable=False),
        sa.Column("connections", number, nullable=False),
        sa.Column("days", number, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_incidents"),
        sa.UniqueConstraint("id", name="uq_incidents_id"),
    )
    op.create_table(
        "incident_findings",
        sa.Column("incident", short, nullable=False),
        sa.Column("finding", name, nullable=False),
        seq(),
        sa.PrimaryKeyConstraint("incident", "finding", name="pk_incident_findings"),
        of_incident("incident_findings"),
    )
    op.create_index("ix_incident_findings_finding", "incident_findings", ["finding"])
    op.create_table(
        "incident_events",
        seq(),
        sa.Column("incident", short, nullable=False),
        sa.Column("action", word, nullable=False),
        sa.Column("by", name, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("text", text, nullable=False),
        sa.Column("task", short, nullable=False),
        sa.Column("assignee", name, nullable=False),
        sa.Column("due", time),
        sa.PrimaryKeyConstraint("seq", name="pk_incident_events"),
        of_incident("incident_events"),
    )
    op.create_index("ix_incident_events_incident", "incident_events", ["incident"])
    op.create_table(
        "incident_evidence",
        seq(),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("incident", short, nullable=False),
        sa.Column("by", name, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("sensor", name, nullable=False),
        sa.Column("path", text, nullable=False),
        sa.Column("content", digest, nullable=False),
        sa.Column("state", word, nullable=False),
        sa.Column("sha256", digest, nullable=False),
        sa.Column("size", number, nullable=False),
        sa.Column("why", text, nullable=False),
        sa.PrimaryKeyConstraint("seq", "position", name="pk_incident_evidence"),
        of_incident("incident_evidence"),
    )
    op.create_index("ix_incident_evidence_incident", "incident_evidence", ["incident"])
    op.create_table(
        "incident_inquiries",
        seq(),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("incident", short, nullable=False),
        sa.Column("action", word, nullable=False),
        sa.Column("site", name, nullable=False),
        sa.Column("by", name, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("contact", name, nullable=False),
        sa.Column("due", time),
        sa.Column("result", word, nullable=False),
        sa.Column("text", text, nullable=False),
        sa.Column("sha256", digest, nullable=False),
        sa.Column("name", text, nullable=False),
        sa.Column("size", number, nullable=False),
        sa.PrimaryKeyConstraint("seq", "position", name="pk_incident_inquiries"),
        of_incident("incident_inquiries"),
    )
    op.create_index("ix_incident_inquiries_incident", "incident_inquiries", ["incident"])


def downgrade() -> None:
    """Take the tables away; only tests do."""
    for table in (
        "incident_inquiries",
        "incident_evidence",
        "incident_events",
        "incident_findings",
        "incidents",
    ):
        op.drop_table(table)
