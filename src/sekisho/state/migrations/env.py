"""How Alembic runs the steps: on the connection it is given, inside that connection's transaction."""

from __future__ import annotations

from alembic import context

from sekisho.state.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
