"""How Alembic runs the steps: on the connection it is given, inside that connection's transaction."""

from __future__ import annotations

from alembic import context

from sekisho.state import watch_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=watch_tables.cursor.metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
