"""Connect to the database, with SQLite set to lose nothing that was committed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError

from sekisho.errors import IntegrityError, RequestError, SekishoError

_WRITES, _RELAXED = "sekisho_writes", "sekisho_relaxed"


class Locked(SekishoError):
    """Another process held the database for longer than the timeout."""

    exit_status = RequestError.exit_status


class NoRoom(SekishoError):
    """The disk of the database took nothing, most often because it is full."""

    exit_status = RequestError.exit_status


def connect(where: str | Path, timeout: float) -> Engine:
    """An engine for an SQLite file (made if missing, mode 0600) or a database URL.

    `timeout` is how many seconds to wait for another writer.
    """
    try:
        url = make_url(where) if isinstance(where, str) else URL.create("sqlite", database=str(where))
        if url.get_backend_name() != "sqlite":
            return create_engine(url, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        # The text of these errors may hold the URL, and the URL a password.
        raise RequestError(
            "the state's database URL cannot be used",
            "Write it as postgresql+psycopg://USER:PASSWORD@HOST/NAME; pip install 'sekisho[postgres]'.",
        ) from error
    if url.database and url.database != ":memory:":
        path = Path(url.database)
        path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        path.touch(mode=0o600)
    engine = create_engine(url, connect_args={"timeout": timeout})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads."""
    with _told(), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine, *, relaxed: bool = False) -> Iterator[Connection]:
    """A transaction that writes; on SQLite it takes the writer's lock at once and cannot deadlock.

    A `relaxed` one does not wait for the disk: it survives whatever happens to the process, and a power cut
    where one that waited came after it.
    """
    with _told(), engine.connect() as connection:
        connection = connection.execution_options(**{_WRITES: True, _RELAXED: relaxed})
        with connection.begin():
            if relaxed and connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")
            yield connection


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        said = str(error.orig)
        if "locked" in said:
            raise Locked(
                "another process is writing to the state", "Try again, or raise store.lock_timeout."
            ) from error
        if "disk" in said:  # SQLite's own words, "database or disk is full" and "disk I/O error"
            raise NoRoom(
                f"the state could not be written: {said}",
                "Free space on its disk, if that is full, and look with `sekisho ledger show` whether it is"
                " decided: an entry that stands there counts from the next command on.",
            ) from error
        raise SekishoError(f"the state cannot be used: {said}", "See `sekisho doctor`.") from error
    except DatabaseError as error:
        if "not a database" in str(error.orig) or "malformed" in str(error.orig):
            raise IntegrityError(
                f"the state is damaged: {error.orig}",
                "Restore it with `sekisho restore-backup`, or move the file away: decisions are read "
                "again from the ledger.",
            ) from error
        raise


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transactions begin too late and too weak; `_begin_sqlite` begins them.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "trusted_schema = OFF",
        "cell_size_check = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    writes = options.get(_WRITES, False)
    if writes:
        # Connections are used again: each transaction says for itself what it waits for.
        relaxed = options.get(_RELAXED, False)
        connection.exec_driver_sql(f"PRAGMA synchronous = {'NORMAL' if relaxed else 'FULL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
