"""However many commits a day has, it has few files, and each row is rewritten a few times."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sekisho.store import tiers
from sekisho.store.lake import Lake
from sekisho.store.snapshot import Segment

Row = dict[str, Any]


def segment(number: int, rows: int) -> Segment:
    return Segment(number, 1, str(number), 1, "", rows, 0, 0, ("a",))


def test_few_files_are_left_alone() -> None:
    assert tiers.due([segment(n, 1) for n in range(tiers.FEW)]) == []
    (group,) = tiers.due([segment(n, 1) for n in range(tiers.FEW + 1)])
    assert len(group) == tiers.FEW + 1


def test_only_files_of_a_size_go_together_and_large_ones_stay() -> None:
    small = [segment(n, 100) for n in range(40)]
    large = [segment(n, 5000) for n in range(100, 131)]
    whole = [segment(200, tiers.LARGE)] * 40
    (group,) = tiers.due([*whole, *large, *small])
    assert group == small


@pytest.mark.parametrize("seed", range(3))
def test_a_day_of_a_commit_each_second(seed: int) -> None:
    chance = random.Random(seed)
    held: list[Segment] = []
    written = committed = most = 0
    for number in range(86_400):
        rows = chance.choice([3, 50, 2000])
        committed += rows
        held.append(segment(number, rows))
        for group in tiers.due(held) if number % 10 == 0 else ():
            ids = {id(one) for one in group}
            held = [one for one in held if id(one) not in ids]
            held.append(segment(number, sum(one.rows for one in group)))
            written += held[-1].rows
        most = max(most, len(held))
    assert sum(one.rows for one in held) == committed
    assert most <= tiers.FEW + 4 * tiers.WIDTH
    assert written <= 4 * committed


@pytest.fixture
def pieces(lake: Lake, take: Callable[..., bool], flow: Callable[..., Row]) -> Lake:
    """Seventy commits of two sensors in one day."""
    with lake.writer():
        pass
    for number in range(70):
        take(lake, "ab"[number % 2], [flow(at=number, sport=number + 1)], f"{number}.log")
    lake.refresh()
    return lake


def rows(lake: Lake) -> list[str]:
    """Every row, with the number of its file."""
    found: list[str] = []
    for path in lake.counted():
        if path.startswith("flows/"):
            found += map(repr, pq.read_table(lake.layout.absolute(path)).to_pylist())
    return sorted(found)


def test_everything_is_as_it_was_and_readers_go_on(pieces: Lake) -> None:
    before, old = rows(pieces), pieces.counted()
    hours, files = pieces.hours().to_pylist(), pieces.files().to_pylist()
    with pieces.stage(None, None) as stage:
        assert pieces.tidy() == 69
        assert not stage.damage
        assert all(pieces.layout.absolute(path).exists() for path in old)
    assert rows(pieces) == before
    assert (pieces.hours().to_pylist(), pieces.files().to_pylist()) == (hours, files)
    assert sum(path.startswith("flows/") for path in pieces.counted()) == 1
    assert pieces.verify() == []
    assert list(pieces.layout.staging.iterdir()) == []
    assert pieces.tidy() == 0


def test_a_writer_comes_between_and_is_not_held_up(
    pieces: Lake, take: Callable[..., bool], flow: Callable[..., Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the merged file is written another process commits, and compacts the same day."""
    from sekisho.store import compaction

    rewrite = compaction._rewrite
    turns = iter([True, False])

    def slow(sources: Any, target: Path) -> int:
        if next(turns, False):
            with Lake.open(pieces.layout.root, threads=1, lock_timeout=1) as other:
                take(other, "c", [flow(at=99)], "c.log")
                other.compact()
        return rewrite(sources, target)

    monkeypatch.setattr(compaction, "_rewrite", slow)
    assert pieces.tidy() == 0, "its parts were merged by somebody else"
    assert len(rows(pieces)) == 71
    assert pieces.verify() == []


def test_stopped_at_every_step_it_is_done_or_not(pieces: Lake, stopped: Callable[..., bool]) -> None:
    before, deadly = rows(pieces), 1
    while stopped(pieces, lambda lake: lake.tidy(), deadly):
        assert rows(pieces) == before
        deadly += 1
    assert deadly > 3
    assert rows(pieces) == before


def test_no_further_group_once_it_is_to_stop(pieces: Lake) -> None:
    assert pieces.tidy(lambda: True) == 0


def test_a_damaged_part_is_named_and_its_group_left_alone(pieces: Lake) -> None:
    path = pieces.layout.absolute(next(p for p in pieces.counted() if p.startswith("flows/")))
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert pieces.tidy() == 0
    assert [one.rows for one in pieces.damage()] == [1]
    assert pieces.tidy() == 68
