"""Bring the tables to the form that this program knows, once, whoever comes first."""

from __future__ import annotations

from importlib.resources import as_file, files

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, inspect, select, text

from sekisho.errors import RequestError
from sekisho.state.engine import reading, writing

HEAD = "0013"
"""The last step in migrations/versions; a test holds it equal to what Alembic finds there."""
_ADVISORY = 0x53454B49
"""Names the lock on a PostgreSQL server that keeps two upgrades apart."""

_version = Table("alembic_version", MetaData(), Column("version_num", String(32)))


def current(connection: Connection) -> str | None:
    """The step that the database is at, None where there are no tables yet."""
    if not inspect(connection).has_table(_version.name):
        return None
    return connection.execute(select(_version.c.version_num)).scalar()


def upgrade(engine: Engine) -> None:
    """Run the missing steps in one transaction. Raises RequestError for a newer database."""
    with reading(engine) as connection:
        if current(connection) == HEAD:
            return
    # Alembic takes a third of a second to import, and is needed once in a workspace's life.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    with as_file(files("sekisho.state") / "migrations") as folder, writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": _ADVISORY})
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
        now = current(connection)
        if now is not None and now not in known:
            raise RequestError(
                f"the state was written by a newer Sekisho (its tables are at step {now}, "
                f"this program knows up to {HEAD})",
                "Install the newer version again, or restore a backup made by this one.",
            )
        command.upgrade(config, "head")
