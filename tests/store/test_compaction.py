"""Many small files of a day become one, and everything that is asked stays as it was."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sekisho.errors import RequestError
from sekisho.model.flows import FLOW_SCHEMA, Flag
from sekisho.store import compaction
from sekisho.store.lake import Lake

Row = dict[str, Any]
Rows = Callable[..., Row]
DAY = 86_400


@pytest.fixture
def pieces(lake: Lake, take: Callable[..., bool], flow: Rows) -> Lake:
    """Ten small ingests of Monday by two sensors, one of Tuesday."""
    dice = random.Random(7)
    for number in range(10):
        rows = [
            flow(
                at=dice.randrange(DAY),
                port=dice.choice([22, 445, 8443]),
                sport=n + 1,
                uid=f"C{number}{n}",
            )
            for n in range(20)
        ]
        rows[0] |= {"service": "smb", "flags": int(Flag.SAMPLED), "src_realm": "lab"}
        take(lake, "ab"[number % 2], rows, f"{number}.log")
    take(lake, "a", [flow(at=DAY + 1)], "tuesday.log")
    lake.refresh()
    return lake


def segments(lake: Lake, day: str = "2024-03-04") -> list[Path]:
    """Files of a day's raw flows that count."""
    return [lake.layout.absolute(p) for p in lake.counted() if p.startswith(f"flows/day={day}/")]


def rows(lake: Lake) -> list[str]:
    """Every row of the raw flows, all its columns."""
    tables = [pq.read_table(path).cast(FLOW_SCHEMA) for path in segments(lake)]
    return sorted(map(repr, pa.concat_tables(tables).to_pylist()))


def manifest(lake: Lake) -> dict[str, list[Any]]:
    """What the manifest says of the raw flows and of the days' roll-ups."""
    questions = {
        "days": "SELECT day, sum(rows), max(last_end) FROM segment GROUP BY day",
        "sensors": "SELECT s.day, t.sensor, sum(t.rows) FROM segment s JOIN segment_sensor t"
        " ON t.segment = s.id GROUP BY s.day, t.sensor ORDER BY 1, 2",
        "files": "SELECT DISTINCT s.day, f.file FROM segment s JOIN segment_file f"
        " ON f.segment = s.id ORDER BY 1, 2",
        "roll-ups": "SELECT path FROM rollup ORDER BY 1",
        "built": "SELECT day, dirt, built FROM day ORDER BY 1",
    }
    with closing(sqlite3.connect(lake.layout.manifest)) as connection:
        found = {name: connection.execute(sql).fetchall() for name, sql in questions.items()}
        flags = connection.execute("SELECT flags FROM segment WHERE day = 19786").fetchall()
    seen = 0
    for (one,) in flags:
        seen |= one
    return found | {"flags": [seen]}


def test_ten_files_become_one_in_the_order_of_port_and_time(pieces: Lake) -> None:
    before, known = rows(pieces), manifest(pieces)
    old = segments(pieces)
    told: list[tuple[int, int | None]] = []
    found = pieces.compact(lambda _what, done, of: told.append((done, of)))
    assert (found.days, found.files_before, found.files_after, found.damaged) == (1, 10, 1, 0)
    assert found.size_before == sum(path.stat().st_size for path in old)
    (new,) = segments(pieces)
    assert found.size_after == new.stat().st_size
    assert told[-1] == (1, 1)
    assert rows(pieces) == before
    assert manifest(pieces) == known
    assert known["flags"] == [int(Flag.SAMPLED)]
    order = pq.read_table(new, columns=["dst_port", "start"]).to_pylist()
    assert order == sorted(order, key=lambda row: (row["dst_port"], row["start"]))
    assert pieces.verify() == []
    assert all(path.exists() for path in old), "readers may be at them for an hour"
    again = pieces.compact()
    assert (again.days, again.files_before) == (0, 0)


def test_row_groups_are_bounded_and_each_is_in_order(
    pieces: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "ROW_GROUP", 64)
    monkeypatch.setattr(compaction, "_READ", 10)
    before = rows(pieces)
    pieces.compact()
    (new,) = segments(pieces)
    with pq.ParquetFile(new) as file:
        groups = [
            file.read_row_group(n).select(["dst_port", "start"]) for n in range(file.num_row_groups)
        ]
    assert [group.num_rows for group in groups] == [64, 64, 64, 8]
    for group in groups:
        order = group.to_pylist()
        assert order == sorted(order, key=lambda row: (row["dst_port"], row["start"]))
    assert rows(pieces) == before


def test_old_files_go_after_an_hour(pieces: Lake) -> None:
    old = segments(pieces)
    now = 10**15
    with Lake.open(pieces.layout.root, clock=lambda: now) as lake:
        lake.compact()
    with Lake.open(pieces.layout.root, clock=lambda: now + 3_600_000_001) as lake:
        lake.compact()
        assert not any(path.exists() for path in old)
        assert len(segments(lake)) == 1


@pytest.mark.parametrize("kept_size", [True, False])
def test_a_damaged_file_is_left_alone_and_still_named(pieces: Lake, kept_size: bool) -> None:
    """Copied, it would pass for whole ever after."""
    broken, *others = segments(pieces)
    content = bytearray(broken.read_bytes())
    content[len(content) // 2] ^= 0xFF
    broken.write_bytes(content if kept_size else content[:-9])
    found = pieces.compact()
    assert (found.files_before, found.damaged) == (9, 1)
    assert [one.path for one in pieces.damage()] == [str(broken.relative_to(pieces.layout.root))]
    assert pieces.damage()[0].rows == 20
    assert broken.exists()
    assert not set(segments(pieces)) & {broken, *others}
    assert pieces.stats().flows == 181
    assert pieces.compact().damaged == 0, "it is known by now"
    assert [one.path for one in pieces.verify()] == [str(broken.relative_to(pieces.layout.root))]


def test_stopped_at_every_step_it_is_done_or_not(pieces: Lake, stopped: Callable[..., bool]) -> None:
    before, known = rows(pieces), manifest(pieces)
    deadly = 1
    while stopped(pieces, lambda lake: lake.compact(), deadly):
        assert rows(pieces) == before, f"stopped at step {deadly}"
        assert manifest(pieces) == known
        assert pieces.verify() == []
        assert list(pieces.layout.staging.iterdir()) == []
        deadly += 1
    assert deadly == 4, "no more steps: it was done by then"
    assert (rows(pieces), len(segments(pieces))) == (before, 1)


@pytest.mark.parametrize(
    ("step", "left"), [("compacted", 10), ("compacting", 10), ("compaction counts", 1)]
)
def test_killed_nothing_is_lost_or_doubled(
    pieces: Lake, slain: Callable[[Lake, str, str], None], step: str, left: int
) -> None:
    before = rows(pieces)
    slain(pieces, "lake.compact()", step)
    assert (rows(pieces), len(segments(pieces))) == (before, left)
    pieces.compact()
    assert (rows(pieces), len(segments(pieces))) == (before, 1)
    on_disk = set(pieces.layout.flows.glob("day=2024-03-04/*.parquet"))
    assert len(on_disk) == 11, "the ten old ones; what the killed run made is swept away"
    assert not list(pieces.layout.staging.glob("write-*"))


def test_a_half_line_that_is_superseded_stays_so(
    lake: Lake, take: Callable[..., bool], flow: Rows, connection_days: Callable[[Lake], list[Row]]
) -> None:
    take(lake, "a", [flow(at=1), flow(at=2)], "one.log")
    take(lake, "a", [flow(at=3)], "two.log")
    with closing(sqlite3.connect(lake.layout.manifest)) as connection, connection:
        connection.execute("INSERT INTO exclusion VALUES (1, 2, 19786)")
    lake.compact()
    assert lake.stats().flows == 2
    assert [row["flows"] for row in connection_days(lake)] == [2]


def test_it_waits_for_whoever_writes(pieces: Lake) -> None:
    with (
        Lake.open(pieces.layout.root, lock_timeout=0.05) as other,
        pieces.writer(),
        pytest.raises(RequestError, match="another process"),
    ):
        other.compact()


def test_a_full_disk_leaves_the_day_as_it_was(pieces: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows(pieces)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(compaction, "_rewrite", full)
    with pytest.raises(RequestError, match="2024-03-04 has its old files"):
        pieces.compact()
    assert (rows(pieces), len(segments(pieces))) == (before, 10)
