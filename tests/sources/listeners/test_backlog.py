from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.sources.listeners.conftest import Kept

from sekisho.sources.journal.framing import Kind, framed
from sekisho.sources.journal.journal import Journal
from sekisho.sources.journal.segments import sealed
from sekisho.sources.listeners.backlog import Backlog


def record(backlog: Backlog, payload: bytes) -> bytes:
    return framed(backlog.salt, Kind.DATAGRAM, bytes(16), 1, 1, payload)


def test_all_that_was_taken_is_written_in_order(tmp_path: Path, kept: Callable[[Path], Kept]) -> None:
    backlog = Backlog(Journal(tmp_path), 1 << 20)
    given = [b"%d" % n for n in range(200)]
    assert all(backlog.put(record(backlog, one), 1) for one in given)
    backlog.close()
    assert kept(tmp_path).payloads == given
    assert (backlog.written, backlog.left, backlog.segments) == (200, 0, len(sealed(tmp_path)))
    assert not backlog.put(record(backlog, b"late"), 1)


def test_segments_are_sealed_in_time_though_nothing_more_comes(
    tmp_path: Path, until: Callable[..., None]
) -> None:
    backlog = Backlog(Journal(tmp_path, segment_seconds=0.05), 1 << 20)
    backlog.put(record(backlog, b"alone"), 1)
    until(lambda: sealed(tmp_path))
    backlog.close()


def test_a_disk_that_fails_is_tried_again_and_memory_is_bounded(
    tmp_path: Path, until: Callable[..., None], kept: Callable[[Path], Kept]
) -> None:
    folder = tmp_path / "journal"
    backlog = Backlog(Journal(folder), 100_000)
    folder.rename(tmp_path / "away")
    taken = [n for n in range(100) if backlog.put(record(backlog, bytes([n]) * 10_000), 1)]
    assert taken == list(range(9))
    until(lambda: "cannot be written" in backlog.trouble)
    (tmp_path / "away").rename(folder)
    until(lambda: backlog.written == 9)
    assert backlog.put(record(backlog, b"after"), 1)
    backlog.close()
    assert kept(folder).payloads == [*(bytes([n]) * 10_000 for n in range(9)), b"after"]
    assert backlog.trouble == ""


def test_the_reserve_is_left_to_others_and_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    backlog = Backlog(Journal(tmp_path), 1 << 20, reserve=1 << 62)
    backlog.put(record(backlog, b"x") * 3, 3)
    backlog.close(patience=0.2)
    assert "reserve" in backlog.trouble
    assert (backlog.written, backlog.left) == (0, 3)
    assert sealed(tmp_path) == []
