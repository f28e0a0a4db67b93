"""The SQLite file that says what counts: nothing that it does not list is ever read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sekisho.errors import IntegrityError, RequestError, SekishoError
from sekisho.store.migrations import MIGRATIONS

BUSY_MILLISECONDS = 30_000


def connect(path: Path, *, migrate: bool, make: bool = False) -> sqlite3.Connection:
    """Open the manifest; commits are on disk before they return. `make` begins one where there is none.

    Raises RequestError where it is newer than this program or cannot be opened; IntegrityError where it
    is missing, empty or no manifest: to begin a new one then would disown every file of the lake.
    """
    if not make and not path.is_file():
        raise _lost(path, "is missing")
    try:
        connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_MILLISECONDS / 1000)
    except sqlite3.OperationalError as error:
        raise _closed(path, error) from error
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise RequestError(
                f"{path} has version {version}; this program knows up to {len(MIGRATIONS)}",
                "run the newer program that wrote it, or restore a backup of its time",
            )
        if version == 0 and not make:
            raise _lost(path, "is empty")
        if migrate:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        if migrate and version < len(MIGRATIONS):
            _migrate(connection)
    except sqlite3.OperationalError as error:
        connection.close()
        raise _closed(path, error) from error
    except sqlite3.DatabaseError as error:
        connection.close()
        raise _lost(path, f"is not a whole manifest: {error}") from error
    except SekishoError:
        connection.close()
        raise
    return connection


def _lost(path: Path, what: str) -> IntegrityError:
    return IntegrityError(f"{path} {what}", "restore the lake from a backup")


def _closed(path: Path, error: sqlite3.OperationalError) -> RequestError:
    return RequestError(
        f"{path} cannot be opened: {error}",
        "see that it may be written, that the disk has room and that no other process holds it",
    )


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
        connection.execute("COMMIT")
    except BaseException:
        # SQLite takes some transactions back by itself, as where the disk is full.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def reading(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Several reads of one state of the manifest."""
    connection.execute("BEGIN")
    try:
        yield connection
    finally:
        connection.execute("COMMIT")
