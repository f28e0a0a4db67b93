from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.sources.forwarding.conftest import MICROS, NOW, Centre, segment

from sekisho.sources.forwarding.delivery import Delivery, NotNow, Unwanted
from sekisho.sources.forwarding.forwarder import POLL, Forwarder, Terms
from sekisho.sources.forwarding.lanes import LAG
from sekisho.sources.forwarding.spool import Spool
from sekisho.sources.forwarding.wire import Hello, Lane, Receipt, Welcome
from sekisho.sources.journal.segments import SealedSegment

TERMS = Terms(timedelta(days=14), 1 << 30)


class Line:
    """In the place of a connection: takes everything, unless it is cut."""

    def __init__(self) -> None:
        self.cut = False
        self.unwanted: set[str] = set()
        self.sent: list[tuple[Lane, int, bool]] = []
        self.hellos: list[Hello] = []
        self.ahead = 0.0

    def greet(self, hello: Hello) -> Welcome:
        self._check()
        self.hellos.append(hello)
        return Welcome(collector="th-plant", now=NOW, ahead_seconds=self.ahead)

    def deliver(self, one: SealedSegment, lane: Lane, *, apart: bool, asking: bool) -> Receipt:
        self._check()
        if one.name in self.unwanted:
            raise Unwanted("no")
        self.sent.append((lane, one.begun_at - MICROS, apart))
        return Receipt(state="stored", records=1)

    def _check(self) -> None:
        if self.cut:
            raise NotNow("cut")


class Site:
    def __init__(self, folder: Path, line: Any, monotonic: Callable[[], float] | None = None) -> None:
        self.folder = folder
        self.at = NOW
        self.ticks = 0.0
        self.told: list[str] = []
        self.line = line
        self.spool = Spool(folder)
        self.forwarder = Forwarder(
            self.spool,
            line,
            TERMS,
            now=lambda: self.at,
            tell=lambda event, **_fields: self.told.append(event),
            random=lambda: 0.5,
            monotonic=monotonic or (lambda: self.ticks),
        )

    def seal(self, *seconds: int) -> None:
        for second in seconds:
            segment(self.folder, MICROS + second * 1_000_000)

    def passes(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.ticks += seconds

    def drain(self, lane: Lane) -> None:
        while self.forwarder.step(lane) == 0.0:
            pass


def second(*numbers: int) -> list[int]:
    return [number * 1_000_000 for number in numbers]


def test_live_in_order_and_told_who_it_is(tmp_path: Path) -> None:
    site = Site(tmp_path, Line())
    site.seal(1, 0, 2)
    site.drain("live")
    site.drain("late")
    assert site.line.sent == [("live", n, n == 0) for n in second(0, 1, 2)]
    assert site.spool.pending() == []
    assert [hello.pending for hello in site.line.hellos] == [3]
    site.passes(61)
    assert site.forwarder.step("live") == POLL
    assert [hello.pending for hello in site.line.hellos] == [3, 0]


def test_a_site_that_comes_back_is_live_first_and_then_brings_the_rest(tmp_path: Path) -> None:
    site = Site(tmp_path, Line())
    site.seal(0)
    site.drain("live")
    site.line.cut = True
    site.seal(1, 2, 3, 598, 599)
    site.passes(600)
    assert site.forwarder.step("live") > 0
    assert site.forwarder.step("late") > 0
    site.line.cut = False
    site.passes(1)
    site.drain("live")
    site.seal(601)
    site.passes(1)
    site.drain("late")
    site.drain("live")
    assert site.line.sent[1:] == [
        ("live", second(599)[0], True),
        *[("late", n, n == second(1)[0]) for n in second(1, 2, 3, 598)],
        ("live", second(601)[0], False),
    ]
    assert site.told == ["cut", "cut", "resumed", "resumed"]


def test_late_ones_with_live_ones_between_do_not_follow(tmp_path: Path) -> None:
    site = Site(tmp_path, Line())
    lag = LAG // 1_000_000
    site.seal(0, 1)
    site.passes(2 * lag)
    site.drain("live")
    site.seal(2 * lag)
    site.passes(4 * lag)
    site.seal(4 * lag)
    site.drain("live")
    site.drain("late")
    assert site.line.sent == [
        ("live", second(1)[0], True),
        ("live", second(4 * lag)[0], True),
        ("late", 0, True),
        ("late", second(2 * lag)[0], True),
    ]


def test_started_again_it_follows_where_it_was(tmp_path: Path) -> None:
    site = Site(tmp_path, Line())
    site.seal(0)
    site.drain("live")
    again = Site(tmp_path, Line())
    again.seal(1)
    again.drain("live")
    assert again.line.sent == [("live", second(1)[0], False)]


def test_one_that_the_centre_never_takes_holds_up_nothing(tmp_path: Path) -> None:
    site = Site(tmp_path, Line())
    site.seal(0, 1, 2)
    site.line.unwanted = {f"{MICROS + 1_000_000:020d}"}
    site.drain("live")
    assert [number for _, number, _ in site.line.sent] == second(0, 2)
    assert (site.spool.backlog().refused, site.told) == (1, ["refused"])
    site.passes(61)
    site.forwarder.step("live")
    assert [span.why for span in site.line.hellos[-1].dropped] == ["refused"]
    assert site.spool.untold() == ()


def test_waits_grow_while_the_line_is_cut(tmp_path: Path) -> None:
    site = Site(tmp_path, Line())
    site.line.cut = True
    waits = [site.forwarder.step("live") for _ in range(12)]
    assert waits == sorted(waits)
    assert 30 <= waits[-1] <= 60
    assert site.told == ["cut"]


def test_what_a_sweep_drops_is_told_and_sent_no_more(tmp_path: Path) -> None:
    site = Site(tmp_path, Line())
    site.line.cut = True
    site.seal(0, 86_400)
    site.forwarder.step("live")
    # Two weeks of sweeps, as a site that runs has them.
    for _ in range(14 * 24 * 2 + 1):
        site.passes(1800)
        site.forwarder.sweep()
    assert site.told == ["cut", "dropped"]
    site.line.cut = False
    site.drain("live")
    site.drain("late")
    assert [number for _, number, _ in site.line.sent] == second(86_400)
    assert [span.segments for span in site.line.hellos[0].dropped] == [1]


def test_a_clock_that_jumps_loses_nothing_until_the_centre_agrees(tmp_path: Path) -> None:
    site = Site(tmp_path, Line())
    site.line.cut = True
    site.seal(0)
    site.at += timedelta(days=400)
    site.forwarder.sweep()
    assert site.told == ["clock"]
    site.line.cut, site.line.ahead = False, 400 * 86_400.0
    site.forwarder._greet()
    site.forwarder.sweep()
    assert len(site.spool.pending()) == 1
    site.line.ahead = 0.0
    site.forwarder._greet()
    site.forwarder.sweep()
    assert site.spool.pending() == []


def test_packed_between_two_looks_it_goes_all_the_same(centre: Centre, tmp_path: Path) -> None:
    site = Site(tmp_path, centre.delivery())
    site.seal(-300, -200)
    site.forwarder._look()
    site.forwarder.sweep()
    assert [one.path.suffix for one in site.spool.pending()] == [".zst", ".zst"]
    for lane in ("live", "late"):
        site.drain(lane)
        site.passes(1)
        site.drain(lane)
    assert site.spool.pending() == []
    assert centre.names("late") + centre.names("live") == [MICROS + n for n in second(-300, -200)]


def test_both_lanes_run_until_they_are_told_to_stop(centre: Centre, tmp_path: Path) -> None:
    delivery: Delivery = centre.delivery()
    site = Site(tmp_path, delivery, time.monotonic)
    site.seal(*range(-900, -880), 0, 1)
    stop = threading.Event()
    thread = threading.Thread(target=site.forwarder.run, args=(stop,))
    thread.start()
    for _ in range(1000):
        if not site.spool.pending():
            break
        stop.wait(0.02)
    stop.set()
    thread.join()
    assert site.spool.pending() == []
    assert centre.names("late") == [MICROS + n for n in second(*range(-900, -880), 0)]
    assert centre.names("live") == [MICROS + second(1)[0]]


@pytest.mark.parametrize("lane", ["live", "late"])
def test_nothing_to_do(tmp_path: Path, lane: Lane) -> None:
    assert Site(tmp_path, Line()).forwarder.step(lane) == POLL
