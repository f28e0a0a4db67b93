from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.fleet.sigma.conftest import event

from sekisho.sources.windows_whole import EventRows
from sekisho.store.event_staging import EventFile
from sekisho.store.lake import Lake
from sekisho.store.writer import FileIdentity, New


class Stopped(Exception):
    pass


def _identity(content: str) -> FileIdentity:
    return FileIdentity("log.evtx", "hosts", "windows-evtx", content, 9, content, 9, unterminated=False)


def _write(lake: Lake, content: str = "c" * 64, key: str = "a" * 64) -> None:
    rows = EventRows()
    for row in (4, 9):
        rows.add(row, event({}, record=row, time=f"202{row}-01-01T00:00:00Z"))
    with lake.writer() as writer:
        assert isinstance(writer.begin(_identity(content)), New)
        staging = writer.stage_events()
        writer.add_events(staging, rows.table())
        writer.finish(9)
        writer.keep_events(EventFile(key, "log.evtx"), staging)
        writer.commit()


def test_events_count_with_the_file_that_they_came_in(tmp_path: Path) -> None:
    with Lake.open(tmp_path / "lake", create=True) as lake:
        _write(lake)
        assert lake.events.intake.known("a" * 64)
        assert lake.events.intake.last_row(["a" * 64, "b" * 64]) == 9
        assert lake.events.intake.last_row([]) == 0
        # The same log by another file is not there twice.
        _write(lake, "d" * 64)
        assert [row["events"] for row in lake.events.recorded()[0].to_pylist()] == [2]
        assert (lake.stats().events, lake.stats().files) == (2, 2)
        assert lake.stats().event_bytes > 0
        assert list(lake.layout.staging.iterdir()) == []


def test_logs_that_wait_to_count_do_not_wait_in_memory(tmp_path: Path) -> None:
    rows = EventRows()
    rows.add(1, event({}, record=1))
    with Lake.open(tmp_path / "lake", create=True) as lake, lake.writer() as writer:
        writer.begin(_identity("c" * 64))
        staging = writer.stage_events()
        writer.add_events(staging, rows.table())
        assert list(lake.layout.staging.rglob("*-e-*.parquet")) == []
        writer.keep_events(EventFile("a" * 64, "log.evtx"), staging)
        assert len(list(lake.layout.staging.rglob("*-e-*.parquet"))) == 1


@pytest.mark.parametrize("stop", ["staged", "renamed", "placed", "recording"])
def test_a_run_that_is_killed_leaves_neither_file_nor_events(tmp_path: Path, stop: str) -> None:
    def steps(step: str) -> None:
        if step == stop:
            raise Stopped

    with Lake.open(tmp_path / "lake", create=True, steps=steps) as lake, pytest.raises(Stopped):
        _write(lake)
    with Lake.open(tmp_path / "lake") as lake:
        assert (lake.stats().events, lake.stats().files) == (0, 0)
        _write(lake)
        assert (lake.stats().events, lake.stats().files) == (2, 1)
        assert lake.verify() == []
        assert len(list((tmp_path / "lake" / "events").rglob("*.parquet"))) == 1


def test_when_events_happened_is_known_of_their_files(tmp_path: Path) -> None:
    with Lake.open(tmp_path / "lake", create=True) as lake:
        _write(lake)
        _write(lake, "d" * 64, "b" * 64)
        lake.compact()
        (span,) = lake._connection.execute(
            "SELECT begin, last FROM side_file WHERE side = 'events'"
        ).fetchall()
    assert [datetime.fromtimestamp(one / 1e6, UTC).year for one in span] == [2024, 2029]


def test_a_log_learns_whose_it_is_from_a_copy_that_says_so(tmp_path: Path) -> None:
    with Lake.open(tmp_path / "lake", create=True) as lake:
        _write(lake)
        for owner in ("", '{"hostname": "PC-1"}', '{"hostname": "PC-2"}'):
            assert not lake.events.intake.take(EventFile("a" * 64, "x", "PC1.zip", owner), [])
        (file,) = lake.events.files().to_pylist()
    assert (file["owner"], file["within"], file["name"]) == (
        '{"hostname": "PC-1"}',
        "PC1.zip",
        "log.evtx",
    )
