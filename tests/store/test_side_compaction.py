"""Many small files of names become few, and every value is found as before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sekisho.store import side_compaction
from sekisho.store.lake import Lake

Row = dict[str, Any]
DAY = 86_400


@pytest.fixture
def pieces(lake: Lake, take_names: Callable[..., None], name: Callable[..., Row]) -> Lake:
    """Six small ingests of Monday, one of Tuesday."""
    for number in range(6):
        rows = [
            name(f"n{n}", "sni" if n % 2 else "ja3", at=100 * number + n, uid="C1") for n in range(5)
        ]
        take_names(lake, "ab"[number % 2], rows, f"{number}.log")
    take_names(lake, "a", [name("n1", at=DAY + 1)], "tuesday.log")
    return lake


def answer(lake: Lake) -> list[Row]:
    rows: list[Row] = lake.names([f"n{n}" for n in range(5)]).rows.to_pylist()
    return rows


def files(lake: Lake) -> list[str]:
    return [path for path in lake.counted() if path.startswith("names/")]


def test_a_day_has_one_file_and_says_the_same(pieces: Lake) -> None:
    before, figures = answer(pieces), pieces.stats().names
    assert (len(before), len(files(pieces))) == (31, 7)
    done = pieces.compact().names
    assert (done.files_before, done.files_after, done.damaged) == (6, 1, 0)
    assert done.size_after == pieces.layout.absolute(files(pieces)[0]).stat().st_size < done.size_before
    assert (answer(pieces), pieces.stats().names) == (before, figures)
    assert len(files(pieces)) == 2
    assert pieces.verify() == []
    assert pieces.compact().names.files_before == 0, "there is nothing more to do"


def test_what_is_put_together_is_bounded(pieces: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_compaction, "MAX_ROWS", 11)
    before = answer(pieces)
    done = pieces.compact().names
    assert (done.files_before, done.files_after) == (6, 3)
    assert answer(pieces) == before
    assert pieces.compact().names.files_before == 0


def test_what_is_not_whole_is_left_and_named(pieces: Lake) -> None:
    path = pieces.layout.absolute(files(pieces)[0])
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    done = pieces.compact().names
    assert (done.files_before, done.files_after, done.damaged) == (5, 1, 1)
    assert len(answer(pieces)) == 26
    assert [str(path).endswith(one.path) for one in pieces.damage()] == [True]


def test_stopped_at_every_step_each_name_counts_once(
    pieces: Lake, stopped: Callable[..., bool]
) -> None:
    before = answer(pieces)
    deadly = 1
    while stopped(pieces, lambda lake: lake.compact(), deadly):
        assert answer(pieces) == before, f"stopped at step {deadly}"
        assert pieces.verify() == []
        deadly += 1
    assert deadly > 2
    assert len(files(pieces)) == 2
    with pieces.writer():
        pass
    root = pieces.layout.root
    on_disk = {str(path.relative_to(root)) for path in pieces.layout.names.rglob("*.parquet")}
    listed = pieces._connection.execute("SELECT path FROM garbage").fetchall()
    assert on_disk == set(files(pieces)) | {path for (path,) in listed}
