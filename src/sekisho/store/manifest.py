"""The SQLite file that says what counts: nothing that it does not list is ever read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sekisho.errors import IntegrityError, RequestError
from sekisho.store.migrations import MIGRATIONS

BUSY_MILLISECONDS = 30_000


def connect(path: Path, *, migrate: bool) -> sqlite3.Connection:
    """Open the manifest; commits are on disk before they return.

    Raises RequestError where it is newer than this program, IntegrityError where it is no manifest.
    """
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_MILLISECONDS / 1000)
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise RequestError(
                f"{path} has version {version}; this program knows up to {len(MIGRATIONS)}",
                "run the newer program that wrote it, or restore a backup of its time",
            )
        if migrate:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        if migrate and version < len(MIGRATIONS):
            _migrate(connection)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise IntegrityError(
            f"{path} is not a whole manifest: {error}", "restore the lake from a backup"
        ) from error
    except RequestError:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection) -> None:
    with transaction(connection):
        # Another process may have been quicker: look again inside the transaction.
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        for script in MIGRATIONS[version:]:
            for statement in script.split(";"):
                if statement.strip():
                    connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All of the block or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def reading(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Several reads of one state of the manifest."""
    connection.execute("BEGIN")
    try:
        yield connection
    finally:
        connection.execute("COMMIT")
