"""Which nodes are terminals of the inventory, and at which site."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "fleet_homes",
        sa.Column("node", sa.String(64), nullable=False),
        sa.Column("site", sa.String(400), nullable=False),
        sa.PrimaryKeyConstraint("node", name="pk_fleet_homes"),
    )
