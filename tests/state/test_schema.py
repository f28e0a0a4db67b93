"""Upgrades: from nothing, repeated, at once, and from a program newer than this one."""

from __future__ import annotations

import threading
from importlib.resources import files
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from sekisho.errors import RequestError
from sekisho.state.engine import connect, reading, writing
from sekisho.state.schema import HEAD, current, upgrade
from sekisho.state.tables import metadata


def test_head_is_the_last_step_that_alembic_finds() -> None:
    assert ScriptDirectory(str(files("sekisho.state") / "migrations")).get_current_head() == HEAD


def test_steps_make_the_tables_that_the_program_uses(tmp_path: Path) -> None:
    engine = connect(tmp_path / "s.db", 5)
    with reading(engine) as connection:
        assert current(connection) is None
    upgrade(engine)
    upgrade(engine)
    with reading(engine) as connection:
        assert current(connection) == HEAD
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_a_newer_state_is_refused_and_left_alone(tmp_path: Path) -> None:
    engine = connect(tmp_path / "s.db", 5)
    upgrade(engine)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(RequestError, match="newer Sekisho") as refused:
        upgrade(engine)
    assert "9999" in str(refused.value)
    with reading(engine) as connection:
        assert current(connection) == "9999"
    engine.dispose()


def test_two_that_come_first_at_once_both_succeed(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def run() -> None:
        engine = connect(tmp_path / "s.db", 30)
        try:
            upgrade(engine)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)
        finally:
            engine.dispose()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
