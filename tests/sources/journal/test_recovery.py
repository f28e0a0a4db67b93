from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sekisho.sources.journal.framing import BEGIN
from sekisho.sources.journal.recovery import Recovered, recover
from sekisho.sources.journal.segments import sealed

Segment = Callable[..., bytes]
NAME = f"{7:020d}"


@pytest.mark.parametrize("cut", [0, 1, 30, 44, 45, 60, 104])
def test_a_torn_end_is_cut_at_the_last_whole_record(tmp_path: Path, segment: Segment, cut: int) -> None:
    whole = segment(b"a" * 60, b"b" * 5, b"c" * 20)
    sizes = [BEGIN, BEGIN + 100, BEGIN + 145, BEGIN + 205]
    left = len(whole) - cut
    (tmp_path / f"{NAME}.open").write_bytes(whole[:left])
    records = sum(size <= left for size in sizes[1:])
    assert recover(tmp_path) == Recovered(1, records, left - sizes[records], 0)
    assert sealed(tmp_path)[0].path.read_bytes() == whole[: sizes[records]]


def test_pages_that_power_took_from_the_middle_cost_nothing_behind_them(
    tmp_path: Path, segment: Segment
) -> None:
    content = bytearray(segment(b"a" * 60, b"b" * 60, b"c" * 60)) + bytes(4096)
    content[BEGIN + 110 : BEGIN + 190] = bytes(80)
    (tmp_path / f"{NAME}.open").write_bytes(content)
    assert recover(tmp_path) == Recovered(1, 2, 4096, 0)


@pytest.mark.parametrize("content", [b"", b"SKJ", None])
def test_what_holds_no_record_goes(tmp_path: Path, segment: Segment, content: bytes | None) -> None:
    (tmp_path / f"{NAME}.open").write_bytes(segment() if content is None else content)
    (tmp_path / "last.new").write_bytes(b"")
    assert recover(tmp_path) == Recovered()
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_read_is_set_aside_not_removed(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.open").write_bytes(bytes(5000))
    assert recover(tmp_path) == Recovered(set_aside=1)
    assert (tmp_path / f"{NAME}.damaged").read_bytes() == bytes(5000)
    assert sealed(tmp_path) == []
