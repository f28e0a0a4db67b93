"""The embedded engine: walled in, bounded, and its errors are ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sekisho.errors import IntegrityError, RequestError
from sekisho.store.engines.duckdb import DuckDB, quoted


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("outside") / "secret.parquet"
    pq.write_table(pa.table({"n": [1]}), place)
    return place


def test_values_are_bound_and_tables_come_and_go(engine: DuckDB) -> None:
    hostile = "x'; DROP TABLE t; --"
    engine.run("CREATE TEMP TABLE t AS SELECT $1 AS word, $2 AS n", [hostile, 2**62])
    assert engine.fetch("SELECT * FROM t WHERE word = $1", [hostile]).to_pylist() == [
        {"word": hostile, "n": 2**62}
    ]
    engine.register("given", pa.table({"n": [1]}))
    engine.register("given", pa.table({"n": [2, 3]}))
    assert engine.fetch("SELECT sum(n)::INTEGER AS n FROM given")["n"].to_pylist() == [5]
    engine.forget("given")
    with pytest.raises(duckdb.CatalogException):
        engine.fetch("SELECT * FROM given")


def test_it_reads_and_writes_below_its_root_only(engine: DuckDB, tmp_path: Path, outside: Path) -> None:
    inside = tmp_path / "it's here.parquet"
    engine.write("SELECT 7 AS n", inside)
    assert engine.fetch(f"SELECT n FROM read_parquet({quoted(inside)})")["n"].to_pylist() == [7]
    climbing = tmp_path / ".." / outside.parent.name / outside.name
    for path in (outside, climbing, Path("/etc/passwd")):
        with pytest.raises(duckdb.PermissionException):
            engine.fetch(f"SELECT * FROM read_text({quoted(path)})")
    with pytest.raises(duckdb.PermissionException):
        engine.write("SELECT 1 AS n", outside.with_name("new.parquet"))
    assert [path.name for path in outside.parent.iterdir()] == [outside.name]


@pytest.mark.parametrize(
    "statement",
    [
        "SET enable_external_access = true",
        "SET memory_limit = '9GB'",
        "INSTALL httpfs",
        "ATTACH 'x.db'",
    ],
)
def test_its_walls_cannot_be_taken_down(engine: DuckDB, statement: str) -> None:
    with pytest.raises((duckdb.Error, IntegrityError, RequestError)):
        engine.run(statement)


def test_it_sees_no_variable_of_the_caller(engine: DuckDB) -> None:
    callers = pa.table({"n": [1]})
    with pytest.raises(duckdb.CatalogException):
        engine.fetch("SELECT * FROM callers")
    assert callers.num_rows == 1


def test_a_broken_file_is_damage_and_too_little_memory_is_a_request(tmp_path: Path) -> None:
    broken = tmp_path / "x.parquet"
    broken.write_bytes(b"PAR1 and nothing else PAR1")
    with DuckDB(tmp_path, tmp_path / "t", "300MB", 1) as engine, pytest.raises(IntegrityError):
        engine.fetch(f"SELECT * FROM read_parquet({quoted(broken)})")
    with (
        DuckDB(tmp_path, tmp_path / "t", "2MB", 1) as engine,
        pytest.raises(RequestError, match="memory"),
    ):
        engine.fetch("SELECT list(range) AS n FROM range(5000000)")


def test_its_temporary_files_end_with_it_and_bad_settings_leave_none(tmp_path: Path) -> None:
    place = tmp_path / "staging"
    with DuckDB(tmp_path, place, "300MB", 1):
        (spill,) = place.iterdir()
        (spill / "spilled.tmp").write_bytes(b"x")
    assert list(place.iterdir()) == []
    with pytest.raises(RequestError, match="settings"):
        DuckDB(tmp_path, place, "plenty", 1)
    assert list(place.iterdir()) == []


def test_times_are_utc(engine: DuckDB) -> None:
    found = engine.fetch("SELECT TIMESTAMPTZ '2024-03-04 00:00:00' AS at")
    assert found.schema.field("at").type.tz == "UTC"
    assert found["at"].cast(pa.int64()).to_pylist() == [1_709_510_400_000_000]


def test_nothing_is_drawn_among_the_results_however_python_was_started(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from sekisho.store.engines.duckdb import DuckDB;"
        f"engine = DuckDB(Path({str(tmp_path)!r}), Path({str(tmp_path)!r}), '300MB', 1);"
        "print(engine.fetch(\"SELECT current_setting('enable_progress_bar') AS b\")['b'][0])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert found.stdout == "False\n"
