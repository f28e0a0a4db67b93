from __future__ import annotations

import threading
from pathlib import Path

import pytest

from sekisho.errors import IntegrityError, RequestError
from sekisho.state.engine import Locked, NoRoom, connect, reading, writing
from sekisho.state.schema import upgrade


def test_the_file_is_its_owners_alone_and_durable(tmp_path: Path) -> None:
    engine = connect(tmp_path / "deep" / "s.db", 5)
    with reading(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    assert (tmp_path / "deep" / "s.db").stat().st_mode & 0o777 == 0o600
    engine.dispose()


def test_a_second_writer_waits_and_is_then_told(tmp_path: Path) -> None:
    one, other = connect(tmp_path / "s.db", 5), connect(tmp_path / "s.db", 0.05)
    upgrade(one)
    with writing(one), pytest.raises(Locked, match="another process"), writing(other):
        pass
    with writing(one), reading(other) as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1, "readers do not wait"


def test_a_writer_that_waits_long_enough_writes(tmp_path: Path) -> None:
    one, other = connect(tmp_path / "s.db", 30), connect(tmp_path / "s.db", 30)
    with writing(one) as connection:
        connection.exec_driver_sql("CREATE TABLE t (n)")
    begun = threading.Event()

    def write() -> None:
        begun.set()
        with writing(other) as connection:
            connection.exec_driver_sql("INSERT INTO t VALUES (2)")

    with writing(one) as connection:
        thread = threading.Thread(target=write)
        thread.start()
        begun.wait()
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    thread.join()
    with reading(one) as connection:
        assert connection.exec_driver_sql("SELECT n FROM t").scalars().all() == [1, 2]


def test_a_disk_that_is_full_is_told_as_one(tmp_path: Path) -> None:
    engine = connect(tmp_path / "s.db", 5)
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE t (n)")

    def fill() -> None:
        with writing(engine) as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 4")
            connection.exec_driver_sql("INSERT INTO t VALUES (zeroblob(100000))")

    with pytest.raises(NoRoom, match="disk is full") as told:
        fill()
    assert "Free space" in (told.value.mend or "")
    assert told.value.exit_status == 2
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0


def test_an_error_takes_everything_back(tmp_path: Path) -> None:
    engine = connect(tmp_path / "s.db", 5)
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE t (n)")

    def fail() -> None:
        with writing(engine) as connection:
            connection.exec_driver_sql("INSERT INTO t VALUES (1)")
            raise KeyError("after")

    with pytest.raises(KeyError):
        fail()
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0


def test_what_is_no_database_is_damage(tmp_path: Path) -> None:
    (tmp_path / "s.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(IntegrityError), reading(connect(tmp_path / "s.db", 5)):
        pass


@pytest.mark.parametrize(
    "url", ["nonsense", "mystery://u:secret@h/n", "postgresql+none://u:secret@h/n"]
)
def test_a_url_that_cannot_be_used_does_not_tell_its_password(url: str) -> None:
    with pytest.raises(RequestError) as refused:
        connect(url, 5)
    assert "secret" not in str(refused.value) + refused.value.mend


def test_a_relaxed_transaction_leaves_no_other_one_relaxed(tmp_path: Path) -> None:
    engine = connect(tmp_path / "s.db", 5)
    found = []
    for relaxed in (False, True, False):
        with writing(engine, relaxed=relaxed) as connection:
            found.append(connection.exec_driver_sql("PRAGMA synchronous").scalar())
    engine.dispose()
    # 2 is FULL, 1 NORMAL. Source: sqlite.org/pragma.html.
    assert found == [2, 1, 2]
