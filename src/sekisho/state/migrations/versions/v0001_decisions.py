"""The first tables: findings' life, versions of the register and inventory, recorded audits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    number, digest, name = sa.BigInteger(), sa.String(64), sa.String(400)
    time = sa.DateTime(timezone=True)
    op.create_table(
        "ledger_cursor",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", number, nullable=False),
        sa.Column("hash", digest, nullable=False),
        sa.Column("end_offset", number, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_cursor"),
    )
    op.create_table(
        "contents",
        sa.Column("sha256", digest, nullable=False),
        sa.Column("size", number, nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_contents"),
    )
    op.create_table(
        "finding_events",
        sa.Column("seq", number, autoincrement=False, nullable=False),
        sa.Column("finding", name, nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("by", name, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("until", time),
        sa.Column("assignee", name),
        sa.PrimaryKeyConstraint("seq", name="pk_finding_events"),
    )
    op.create_index("ix_finding_events_finding", "finding_events", ["finding"])
    op.create_table(
        "versions",
        sa.Column("seq", number, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("sha256", digest, nullable=False),
        sa.Column("seen_at", time, nullable=False),
        sa.Column("by", name, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_versions"),
    )
    op.create_index("ix_versions_kind", "versions", ["kind", "sha256"])
    op.create_table(
        "version_files",
        sa.Column("seq", number, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", digest, nullable=False),
        sa.Column("size", number, nullable=False),
        sa.PrimaryKeyConstraint("seq", "position", name="pk_version_files"),
        sa.ForeignKeyConstraint(["seq"], ["versions.seq"], name="fk_version_files_seq"),
    )
    op.create_table(
        "rules",
        sa.Column("rule_hash", digest, nullable=False),
        sa.Column("rule_id", name, nullable=False),
        sa.Column("recorded_at", time, nullable=False),
        sa.Column("by", name, nullable=False),
        sa.Column("version", digest, nullable=False),
        sa.Column("baseline", sa.Boolean(), nullable=False),
        sa.Column("seq", number, nullable=False),
        sa.PrimaryKeyConstraint("rule_hash", name="pk_rules"),
        sa.ForeignKeyConstraint(["seq"], ["versions.seq"], name="fk_rules_seq"),
    )
    op.create_table(
        "rule_acceptances",
        sa.Column("seq", number, autoincrement=False, nullable=False),
        sa.Column("rule_hash", digest, nullable=False),
        sa.Column("by", name, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_rule_acceptances"),
        sa.ForeignKeyConstraint(
            ["rule_hash"], ["rules.rule_hash"], name="fk_rule_acceptances_rule_hash"
        ),
        sa.UniqueConstraint("rule_hash", name="uq_rule_acceptances_rule_hash"),
    )
    op.create_table(
        "audit_records",
        sa.Column("seq", number, autoincrement=False, nullable=False),
        sa.Column("name", name, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("by", name, nullable=False),
        sa.Column("document", digest, nullable=False),
        sa.Column("hashes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_records"),
        sa.UniqueConstraint("name", name="uq_audit_records_name"),
    )


def downgrade() -> None:
    """Take the tables away; only tests do, since decisions would be lost."""
    for table in (
        "audit_records",
        "rule_acceptances",
        "rules",
        "version_files",
        "versions",
        "finding_events",
        "contents",
        "ledger_cursor",
    ):
        op.drop_table(table)
