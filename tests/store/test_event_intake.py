from __future__ import annotations

from pathlib import Path

import pytest
from tests.fleet.sigma.conftest import event, keep

from sekisho.sources.windows_whole import EventRows
from sekisho.store import event_staging
from sekisho.store.event_staging import EventFile
from sekisho.store.lake import Lake


class Stopped(Exception):
    pass


def _tables(count: int = 3) -> list[object]:
    rows = EventRows()
    for row in range(1, count + 1):
        rows.add(row, event({"CommandLine": f"x {row}"}, record=row))
    return [rows.table()]


def test_a_log_counts_once_by_its_content(tmp_path: Path) -> None:
    with Lake.open(tmp_path / "lake", create=True) as lake:
        intake = lake.events.intake
        assert intake.take(EventFile("a" * 64, "one.evtx", unread=2, why="broken"), _tables())
        assert intake.known("a" * 64)
        assert not intake.take(EventFile("a" * 64, "other.evtx"), _tables())
        assert intake.take(EventFile("b" * 64, "empty.evtx"), [])
        first, second = lake.events.files().to_pylist()
    assert (first["name"], first["rows"], first["unread"], first["why"]) == ("one.evtx", 3, 2, "broken")
    assert second["rows"] == 0
    assert second["file"] > first["file"]


@pytest.mark.parametrize("stop", ["events staged", "events moved", "counting events"])
def test_a_run_that_is_killed_leaves_all_or_nothing(tmp_path: Path, stop: str) -> None:
    def steps(step: str) -> None:
        if step == stop:
            raise Stopped

    with Lake.open(tmp_path / "lake", create=True, steps=steps) as lake, pytest.raises(Stopped):
        lake.events.intake.take(EventFile("a" * 64, "one.evtx"), _tables())
    with Lake.open(tmp_path / "lake") as lake:
        assert lake.events.files().num_rows == lake.events.recorded()[0].num_rows == 0
        assert lake.events.intake.take(EventFile("a" * 64, "one.evtx"), _tables())
        assert lake.events.recorded()[0].to_pylist()[0]["events"] == 3
        with lake.writer():
            pass
        assert lake.verify() == []
        # What the killed run left behind is gone.
        assert len(list((tmp_path / "lake" / "events").rglob("*.parquet"))) == 1


def test_large_logs_are_written_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_staging, "MAX_BUFFERED", 2)
    with Lake.open(tmp_path / "lake", create=True) as lake:
        lake.events.intake.take(EventFile("a" * 64, "one.evtx"), _tables(2) + _tables(2) + _tables(1))
        assert len(lake.counted()) == 3
        assert sum(row["events"] for row in lake.events.recorded()[0].to_pylist()) == 5


def test_events_are_kept_verified_and_made_few_as_all_else(tmp_path: Path) -> None:
    with Lake.open(tmp_path / "lake", create=True) as lake:
        for name in "abc":
            keep(lake, [event({"CommandLine": name, "Odd": "x"})], name)
        assert len(lake.counted()) == 3
        lake.compact()
        (path,) = lake.counted()
        assert lake.events.recorded()[0].to_pylist()[0]["events"] == 1
        assert {row["file"] for row in lake.events.recorded()[0].to_pylist()} == {1, 2, 3}
        (tmp_path / "lake" / path).write_bytes(b"gone")
        assert [one.path for one in lake.verify()] == [path]
        found, damage = lake.events.recorded()
    assert (found.num_rows, len(damage)) == (0, 1)
