"""Flows on their way: by UTC day, in bounded memory, measured as they lie on disk."""

from __future__ import annotations

import hashlib
import resource
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sekisho.model.flows import FLOW_SCHEMA, Flag
from sekisho.store import spool as module
from sekisho.store.spool import FlowSpool, by_day, conformed, date_of, day_of

DAY = 86_400
Rows = Callable[..., dict[str, Any]]


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[FlowSpool]:
    with ThreadPoolExecutor(1) as pool:
        yield FlowSpool(tmp_path, "0123456789ab-s", pool)


def test_days_have_numbers_from_1970_in_both_directions() -> None:
    assert [date_of(n) for n in (-1, 0, 19786)] == [
        date(1969, 12, 31),
        date(1970, 1, 1),
        date(2024, 3, 4),
    ]
    assert [day_of(date_of(n)) for n in (-719_162, -1, 0, 2_932_896)] == [-719_162, -1, 0, 2_932_896]


def test_every_row_comes_once_in_the_day_of_its_start(
    flow: Rows, table: Callable[..., pa.Table]
) -> None:
    before = -19_786 * DAY  # seconds from the flows' Monday to 1970
    seconds = [0, -0.5, before - 1, DAY, 7, before, DAY - 0.000001]
    rows = table([flow(at=at) for at in seconds])
    found = [(day, piece["row"].to_pylist()) for day, piece in by_day(rows)]
    assert found == [(-1, [3]), (0, [6]), (19785, [2]), (19786, [1, 5, 7]), (19787, [4])]
    assert list(by_day(rows.slice(0, 0))) == []


def test_segments_say_what_is_in_them(
    spool: FlowSpool, flow: Rows, table: Callable[..., pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_OPEN", 1)
    monkeypatch.setattr(module, "ROW_GROUP", 2)
    endless = flow(at=5, lasts=10**8, flags=int(Flag.IMPOSSIBLE_TIME))
    for file, rows in ((1, [flow(at=1), flow(at=DAY), flow(at=2)]), (2, [endless, flow(at=DAY + 1)])):
        spool.add(file, conformed(table(rows, "edge"), file))
    segments = spool.closing().result()
    assert len(segments) > 2, "with one file open at once a day that comes again begins another"
    assert sum(segment.rows for segment in segments) == 5
    for segment in segments:
        read = pq.read_table(segment.path)
        assert read.schema.names == FLOW_SCHEMA.names
        files = read["file"].to_pylist()
        assert segment.rows_of == {file: files.count(file) for file in set(files)}
        assert {start.date() for start in read["start"].to_pylist()} == {date_of(segment.day)}
        assert segment.partition == f"day={date_of(segment.day)}"
        content = segment.path.read_bytes()
        assert (segment.size, segment.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        assert segment.last_end <= (segment.day + 1) * DAY * 10**6, "an impossible end reaches nowhere"
    assert [bool(s.flags & Flag.IMPOSSIBLE_TIME) for s in segments].count(True) == 1


def test_a_full_disk_is_told_and_what_was_written_can_be_thrown_away(
    spool: FlowSpool,
    flow: Rows,
    table: Callable[..., pa.Table],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ROW_GROUP", 100)

    def rows(count: int, day: int) -> pa.Table:
        noise = [{"src_lo": n * 7919**4, "bytes_out": n * 104_729**2} for n in range(count)]
        return conformed(table([flow(at=day * DAY + n, **noise[n]) for n in range(count)], "edge"), 1)

    def fill() -> None:
        spool.add(1, rows(1000, 1))
        spool.closing().result()

    spool.add(1, rows(100, 0))
    written = 0
    while not written:
        written = sum(path.stat().st_size for path in tmp_path.iterdir())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (written, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            fill()
        spool.discard()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []
