"""Manifests of every earlier version become one of this version."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sekisho.store.manifest import connect
from sekisho.store.migrations import MIGRATIONS

SCHEMA = "SELECT type, name, sql FROM sqlite_master ORDER BY name"


def at_version(path: Path, version: int) -> None:
    """A manifest as a program of that version left it, with a dirty day in it."""
    with closing(sqlite3.connect(path)) as connection:
        for script in MIGRATIONS[:version]:
            connection.executescript(script)
        connection.execute("INSERT INTO day (day, dirt) VALUES (19786, 3)")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_each_version_is_brought_up_to_date_and_keeps_its_rows(tmp_path: Path, version: int) -> None:
    at_version(tmp_path / "manifest.db", version)
    at_version(tmp_path / "newest.db", len(MIGRATIONS))
    with (
        closing(connect(tmp_path / "manifest.db", migrate=True)) as found,
        closing(sqlite3.connect(tmp_path / "newest.db")) as wanted,
    ):
        assert found.execute(SCHEMA).fetchall() == wanted.execute(SCHEMA).fetchall()
        assert found.execute("SELECT day, dirt, built FROM day").fetchall() == [(19786, 3, None)]
        assert found.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


def test_the_first_version_is_as_it_was_released() -> None:
    digest = hashlib.sha256(MIGRATIONS[0].encode()).hexdigest()
    assert digest == "ef946a98e3fb0dd7f583de6c19ccc5fdedb2f1c5da4421a3bba4338ff94daac5", (
        "lakes have this; add a migration instead"
    )


def test_one_content_of_a_sensor_cannot_be_taken_twice(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "manifest.db", migrate=True, make=True)) as manifest:
        row = "(?, 'edge', 'p', 'r', 'x', 1, ?, 1, 0, ?, NULL, NULL, 1, 1, NULL, 1, 0, 0, '[]', 0)"
        add = f"INSERT INTO file VALUES {row}"
        manifest.execute(add, (1, "same", "taken"))
        manifest.execute(add, (2, "other", "taken"))
        manifest.execute(add, (3, "same", "set_aside"))
        with pytest.raises(sqlite3.IntegrityError):
            manifest.execute(add, (4, "same", "taken"))
