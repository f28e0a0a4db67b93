"""Names gathered by day, in bounded memory, as if nothing had been until they are kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sekisho.model.names import NAME_SCHEMA
from sekisho.store import side_spool
from sekisho.store.layout import OWN_FILE
from sekisho.store.side_spool import SideSpool, StagedSide, conformed
from sekisho.store.side_tables import NAMES

Row = dict[str, Any]
MONDAY = 19_786
DAY = 86_400


@pytest.fixture
def spool(tmp_path: Path) -> SideSpool:
    return SideSpool(NAMES, tmp_path, "0123456789ab")


def rows_in(found: list[StagedSide]) -> list[Row]:
    return [row for one in found for row in pq.read_table(one.path).to_pylist()]


def test_each_day_has_a_file_in_the_order_of_kind_and_value(
    spool: SideSpool, name: Callable[..., Row], names_table: Callable[..., pa.Table]
) -> None:
    rows = [name("b", at=DAY + 5), name("c", at=3), name("a", at=9), name("z", "ja3", at=4)]
    rows.append(name("early", at=-1))
    spool.add(conformed(NAMES, names_table(rows), 7))
    spool.keep()
    found = spool.close()
    assert [one.day for one in found] == [MONDAY - 1, MONDAY, MONDAY + 1]
    assert [one.rows for one in found] == [1, 3, 1]
    assert [row["value"] for row in rows_in(found)] == ["early", "z", "a", "c", "b"]
    assert {row["file"] for row in rows_in(found)} == {7}
    for one in found:
        assert OWN_FILE.fullmatch(one.path.name)
        assert pq.read_schema(one.path).remove_metadata().equals(NAME_SCHEMA)
        assert one.path.stat().st_size == one.size


def test_what_is_dropped_leaves_nothing_even_where_it_was_written(
    spool: SideSpool,
    name: Callable[..., Row],
    names_table: Callable[..., pa.Table],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(side_spool, "MAX_BUFFERED", 3)
    spool.add(conformed(NAMES, names_table([name("kept")]), 1))
    spool.keep()
    for number in range(10):
        spool.add(conformed(NAMES, names_table([name(f"bad{number}")]), 2))
    assert list(tmp_path.iterdir()), "memory is bounded: something was written"
    spool.drop()
    assert not list(tmp_path.iterdir())
    assert [row["value"] for row in rows_in(spool.close())] == ["kept"]


def test_many_names_are_several_files_of_a_day_and_none_is_lost(
    spool: SideSpool,
    name: Callable[..., Row],
    names_table: Callable[..., pa.Table],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(side_spool, "MAX_BUFFERED", 4)
    for file in range(5):
        spool.add(conformed(NAMES, names_table([name(f"{file}.{n}") for n in range(3)]), file))
        spool.keep()
    found = spool.close()
    assert len(found) > 1
    assert sorted(row["value"] for row in rows_in(found)) == [
        f"{file}.{n}" for file in range(5) for n in range(3)
    ]


def test_nothing_is_no_file(spool: SideSpool, tmp_path: Path) -> None:
    spool.keep()
    assert spool.close() == []
    spool.discard()
    assert not list(tmp_path.iterdir())
