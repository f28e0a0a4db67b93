"""What the watch's observers remember, how far they have looked, and what they told together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "watch_observers",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("file", sa.BigInteger(), nullable=False),
        sa.Column("memory", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_watch_observers"),
    )
    op.create_table(
        "watch_remarks",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watch_remarks"),
    )
    op.create_index("ix_watch_remarks_at", "watch_remarks", ["at"])


def downgrade() -> None:
    """Take the tables away; only tests do."""
    op.drop_table("watch_remarks")
    op.drop_table("watch_observers")
