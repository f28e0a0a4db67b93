"""The manifest: whole or refused, and each transaction all or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sekisho.errors import IntegrityError, RequestError
from sekisho.store.lake import Lake
from sekisho.store.manifest import connect, reading, transaction
from sekisho.store.migrations import MIGRATIONS


@pytest.fixture
def manifest(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = connect(tmp_path / "manifest.db", migrate=True, make=True)
    connection.execute("CREATE TABLE t (n INTEGER REFERENCES day (day) DEFERRABLE INITIALLY DEFERRED)")
    yield connection
    connection.close()


def test_a_lost_manifest_is_not_begun_anew_and_no_flow_is_swept_away(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., dict[str, Any]]
) -> None:
    take(lake, "edge", [flow()])
    root = lake.layout.root
    lake.close()
    for path in root.glob("manifest.db*"):
        path.unlink()
    for content in (None, b""):
        if content is not None:
            lake.layout.manifest.write_bytes(content)
        with pytest.raises(IntegrityError, match=r"manifest\.db is (missing|empty)"):
            Lake.open(root, create=True)
    assert len(list(lake.layout.flows.rglob("*.parquet"))) == 1


def test_what_is_no_manifest_or_a_newer_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "manifest.db"
    path.write_bytes(b"not SQLite, but long enough to be looked at" * 40)
    with pytest.raises(IntegrityError, match="not a whole manifest"):
        connect(path, migrate=True)
    path.unlink()
    connect(path, migrate=True, make=True).close()
    with sqlite3.connect(path) as other:
        other.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(RequestError, match="has version"):
        connect(path, migrate=True)


def test_a_place_that_cannot_be_opened_is_no_damage(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="cannot be opened"):
        connect(tmp_path / "no such folder" / "manifest.db", migrate=True, make=True)


def test_a_transaction_is_all_or_nothing(manifest: sqlite3.Connection) -> None:
    def fail() -> None:
        with transaction(manifest):
            manifest.execute("INSERT INTO day (day, dirt) VALUES (1, 1)")
            raise KeyError("x")

    with pytest.raises(KeyError):
        fail()
    with transaction(manifest):
        manifest.execute("INSERT INTO day (day, dirt) VALUES (2, 1)")
    assert manifest.execute("SELECT day FROM day").fetchall() == [(2,)]


def test_a_commit_that_fails_leaves_no_transaction_open(manifest: sqlite3.Connection) -> None:
    def dangle() -> None:
        with transaction(manifest):
            manifest.execute("INSERT INTO t VALUES (99)")

    with pytest.raises(sqlite3.IntegrityError):
        dangle()
    with transaction(manifest):
        assert manifest.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_the_first_error_is_told_where_sqlite_has_rolled_back_itself(
    manifest: sqlite3.Connection,
) -> None:
    def full() -> None:
        with transaction(manifest):
            manifest.execute("ROLLBACK")  # as it does by itself on a full disk
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        full()


def test_reading_sees_one_state(manifest: sqlite3.Connection, tmp_path: Path) -> None:
    other = connect(tmp_path / "manifest.db", migrate=True)
    with reading(manifest):
        before = manifest.execute("SELECT count(*) FROM day").fetchone()
        with transaction(other):
            other.execute("INSERT INTO day (day, dirt) VALUES (1, 1)")
        assert manifest.execute("SELECT count(*) FROM day").fetchone() == before
    assert manifest.execute("SELECT count(*) FROM day").fetchone() == (1,)
    other.close()
