"""What machines said is installed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "fleet_software",
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("table", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sighting", sa.Text(), nullable=False),
        sa.Column("programs", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("who", "table", name="pk_fleet_software"),
    )
