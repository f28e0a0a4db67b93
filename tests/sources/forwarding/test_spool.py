from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.sources.forwarding.conftest import MICROS, NOW, segment

from sekisho.errors import IntegrityError
from sekisho.sources.forwarding.spool import DROPPED, FORWARDED, Spool
from sekisho.sources.forwarding.wire import MOST_SPANS

DAY = 86_400_000_000
KEEP = timedelta(days=14)
ROOM = 1 << 40


def numbers(spool: Spool) -> list[int]:
    return [one.begun_at for one in spool.pending()]


def days(spool: Path, *back: float) -> list[int]:
    return [segment(spool, MICROS - int(day * DAY)).begun_at for day in back]


def test_an_acknowledged_segment_waits_no_more_and_is_kept(tmp_path: Path) -> None:
    days(tmp_path, 2, 1)
    spool = Spool(tmp_path)
    spool.acknowledged(spool.pending()[0])
    for seen in (spool, Spool(tmp_path)):
        assert numbers(seen) == [MICROS - DAY]
        backlog = seen.backlog()
        assert (backlog.pending, backlog.forwarded, backlog.dropped) == (1, 1, ())
        assert backlog.oldest == NOW - timedelta(days=1)


def test_fourteen_days_by_a_clock_that_is_handed_in(tmp_path: Path) -> None:
    for day in range(20):
        days(tmp_path, day)
    spool = Spool(tmp_path)
    for one in spool.pending()[2:4]:
        spool.acknowledged(one)
    assert spool.sweep(NOW, keep=KEEP, limit=ROOM) == 3
    assert len(numbers(spool)) == 15
    assert spool.forwarded() == []
    (span,) = spool.untold()
    assert (span.segments, span.why) == (3, "age")
    assert (span.begin, span.end) == (NOW - timedelta(days=19), NOW - timedelta(days=15))
    assert spool.sweep(NOW, keep=KEEP, limit=ROOM) == 0
    assert spool.sweep(NOW + timedelta(days=1), keep=KEEP, limit=ROOM) == 1
    assert spool.untold()[0].segments == 4


def test_over_the_limit_forwarded_goes_first(tmp_path: Path) -> None:
    days(tmp_path, 3, 2, 1)
    spool = Spool(tmp_path)
    size = spool.pending()[0].size
    spool.acknowledged(spool.pending()[2])
    assert spool.sweep(NOW, keep=KEEP, limit=2 * size) == 0
    assert spool.forwarded() == []
    assert spool.sweep(NOW, keep=KEEP, limit=size) == 1
    assert numbers(spool) == [MICROS - 2 * DAY]
    assert spool.untold()[0].why == "size"


def test_a_loss_that_grows_keeps_its_name_and_is_told_again(tmp_path: Path) -> None:
    days(tmp_path, 30)
    spool = Spool(tmp_path)
    spool.sweep(NOW, keep=KEEP, limit=ROOM)
    told = spool.untold()
    days(tmp_path, 29)
    spool.sweep(NOW, keep=KEEP, limit=ROOM)
    spool.told(told)
    (grown,) = spool.untold()
    assert (grown.id, grown.segments) == (told[0].id, 2)
    spool.told([grown])
    assert Spool(tmp_path).untold() == ()


def test_a_clock_that_may_be_wrong_loses_nothing_by_age(tmp_path: Path) -> None:
    days(tmp_path, 30)
    spool = Spool(tmp_path)
    far: datetime = NOW + timedelta(days=4000)
    assert spool.sweep(far, keep=KEEP, limit=ROOM, clock_holds=False) == 0
    assert len(numbers(spool)) == 1


def test_what_the_centre_refuses_is_set_aside_and_counted(tmp_path: Path) -> None:
    days(tmp_path, 1)
    spool = Spool(tmp_path)
    spool.refuse(spool.pending()[0])
    assert (numbers(spool), spool.backlog().refused) == ([], 1)
    assert [span.why for span in Spool(tmp_path).untold()] == ["refused"]


class Killed(BaseException):
    pass


@pytest.mark.parametrize("deadly", range(1, 6))
def test_killed_in_a_sweep_each_loss_is_counted_once(tmp_path: Path, deadly: int) -> None:
    days(tmp_path, 30, 29, 28, 1)
    steps: list[str] = []

    def step(name: str) -> None:
        steps.append(name)
        if len(steps) == deadly:
            raise Killed

    try:
        Spool(tmp_path, step).sweep(NOW, keep=KEEP, limit=ROOM)
    except Killed:
        assert len(steps) == deadly
    spool = Spool(tmp_path)
    assert numbers(spool) == [MICROS - DAY]
    spool.sweep(NOW, keep=KEEP, limit=ROOM)
    assert [span.segments for span in spool.untold()] == [3]
    assert len(list(tmp_path.glob("*.journal"))) == 1


def test_swept_while_it_was_being_acknowledged(tmp_path: Path) -> None:
    days(tmp_path, 1)
    spool = Spool(tmp_path)
    (one,) = spool.pending()
    one.path.unlink()
    spool.acknowledged(one)
    assert not list((tmp_path / FORWARDED).iterdir())


def test_what_waits_for_long_is_packed_and_nothing_is_doubled(tmp_path: Path) -> None:
    days(tmp_path, 3, 2, 1, 0)
    spool = Spool(tmp_path)
    spool.acknowledged(spool.pending()[0])
    gone = spool.pending()[1]
    assert [spool.pack(MICROS - DAY // 2, 2), spool.pack(MICROS - DAY // 2, 2)] == [2, 1]
    assert spool.pack(MICROS - DAY // 2, 2) == 0
    assert [one.path.suffix for one in spool.pending()] == [".zst", ".zst", ".journal"]
    assert [path.suffix for path in (tmp_path / FORWARDED).iterdir()] == [".zst"]
    # It was being sent as it was before, and stays to be asked for once more.
    spool.acknowledged(gone)
    assert numbers(spool) == [MICROS - 2 * DAY, MICROS - DAY, MICROS]


def test_spans_are_bounded(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    kinds = ["age", "size"] * MOST_SPANS
    one = segment(tmp_path, MICROS)
    spool._add([(one, kind) for kind in kinds], through="")  # type: ignore[misc]
    assert len(spool.untold()) == MOST_SPANS
    assert sum(span.segments for span in spool.untold()) == 2 * MOST_SPANS


def test_a_note_that_is_none(tmp_path: Path) -> None:
    (tmp_path / DROPPED).write_text("{")
    with pytest.raises(IntegrityError, match="not what was written"):
        Spool(tmp_path)
