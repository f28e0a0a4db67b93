"""The site's end of the line: two lanes to the centre, and what is kept while there is none."""

from __future__ import annotations

import threading
import time
from bisect import bisect_right, insort
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sekisho.sources.forwarding.delivery import Delivery, NotNow, Unwanted
from sekisho.sources.forwarding.lanes import LAG, divide
from sekisho.sources.forwarding.pacing import Backoff
from sekisho.sources.forwarding.spool import Spool
from sekisho.sources.forwarding.wire import Hello, Lane
from sekisho.sources.journal.segments import SealedSegment
from sekisho.sources.times import micros_of

POLL = 0.5
"""Seconds between two looks into the folder, more where a look takes long."""
GREET = timedelta(seconds=60)
SWEEP = timedelta(seconds=60)
JUMP = timedelta(hours=1)
"""A clock that went this much further than time did is not believed until the centre says that it is right."""
QUEUED = 1000
"""Segments of a lane that are looked at together."""

PACKED_AT_ONCE = 500
"""Segments that one sweep compresses: many more than come between two."""

Tell = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Terms:
    """How long and how much a site keeps; `limit` in bytes, forwarded segments included."""

    keep: timedelta
    limit: int


@dataclass(slots=True)
class _LaneState:
    queue: deque[SealedSegment] = field(default_factory=deque)
    last: str | None = None
    """The segment that was delivered last, None where the next one does not follow it."""
    asking: bool = True
    """Whether a part of the next one may be at the centre."""


class Forwarder:
    """Forwards a spool until it is told to stop. `now` is the site's clock, `monotonic` runs with time."""

    def __init__(
        self,
        spool: Spool,
        delivery: Delivery,
        terms: Terms,
        *,
        now: Callable[[], datetime],
        tell: Tell,
        random: Callable[[], float],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._spool = spool
        self._delivery = delivery
        self._terms = terms
        self._now = now
        self._tell = tell
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._lanes: dict[Lane, _LaneState] = {"live": _LaneState(), "late": _LaneState()}
        self._backoff: dict[Lane, Backoff] = {"live": Backoff(random), "late": Backoff(random)}
        self._boundary = ""
        self._elsewhere: list[str] = spool.forwarded()
        # What went last before this process went live, as nearly everything does.
        self._lanes["live"].last = self._elsewhere[-1] if self._elsewhere else None
        self._look_at = monotonic()
        self._greet_at = monotonic()
        self._clock = now(), monotonic()
        self._clock_holds = True
        self._in_hand: set[str] = set()
        self._failing: set[Lane] = set()

    def run(self, stop: threading.Event) -> None:
        """Forward until `stop` is set; what is being sent then is given up, and sent again later."""
        lanes = [
            threading.Thread(target=self._lane, args=(lane, stop), name=f"forward {lane}")
            for lane in self._lanes
        ]
        for thread in lanes:
            thread.start()
        try:
            while not stop.is_set():
                self.sweep()
                stop.wait(SWEEP.total_seconds())
        finally:
            stop.set()
            for thread in lanes:
                thread.join()

    def sweep(self) -> None:
        """Let go what may not be kept any longer."""
        now, ticks = self._now(), self._monotonic()
        before, before_ticks = self._clock
        if now - before > timedelta(seconds=ticks - before_ticks) + JUMP:
            self._clock_holds = False
            self._tell("clock", ahead_seconds=(now - before).total_seconds() - (ticks - before_ticks))
        self._clock = now, ticks
        lost = self._spool.sweep(
            now, keep=self._terms.keep, limit=self._terms.limit, clock_holds=self._clock_holds
        )
        if lost:
            self._tell("dropped", segments=lost)
        self._spool.pack(micros_of(now) - LAG, PACKED_AT_ONCE)

    def step(self, lane: Lane) -> float:
        """Bring the next segment of a lane to the centre; seconds to wait before the next step."""
        try:
            if lane == "live" and self._monotonic() >= self._greet_at:
                self._greet()
            segment = self._next(lane)
            if segment is None:
                return POLL
            try:
                self._send(lane, segment)
            finally:
                self._in_hand.discard(segment.name)
        except NotNow as error:
            self._lanes[lane].asking = True
            self._greet_at = self._monotonic()
            if lane not in self._failing:
                self._failing.add(lane)
                self._tell("cut", lane=lane, reason=str(error))
            return self._backoff[lane].failed(error.after)
        return 0.0

    def _lane(self, lane: Lane, stop: threading.Event) -> None:
        while not stop.is_set():
            stop.wait(self.step(lane))

    def _send(self, lane: Lane, segment: SealedSegment) -> None:
        state = self._lanes[lane]
        apart = state.last is None or self._went_elsewhere(lane, state.last, segment.name)
        try:
            receipt = self._delivery.deliver(segment, lane, apart=apart, asking=state.asking)
        except FileNotFoundError:
            # It was swept meanwhile, and counted.
            self._done(state, segment)
            return
        except Unwanted as error:
            self._tell("refused", segment=segment.name, reason=str(error))
            self._spool.refuse(segment)
            self._done(state, segment)
            return
        self._spool.acknowledged(segment)
        state.last, state.asking = segment.name, False
        if lane == "live" and segment.name < self._boundary:
            # The lane went on without it: what comes next does not follow, here or there.
            state.last = None
            insort(self._elsewhere, segment.name)
        self._done(state, segment)
        self._backoff[lane].worked()
        if lane in self._failing:
            self._failing.discard(lane)
            self._tell("resumed", lane=lane)
        if receipt.foreign_records:
            named = sorted(receipt.foreign)[:10]
            self._tell("foreign", records=receipt.foreign_records, exporters=named)

    def _done(self, state: _LaneState, segment: SealedSegment) -> None:
        with self._lock:
            if state.queue and state.queue[0].name == segment.name:
                state.queue.popleft()

    def _went_elsewhere(self, lane: Lane, last: str, name: str) -> bool:
        """Whether the live lane took something that lies between two segments of the late one."""
        if lane == "live":
            return False
        place = bisect_right(self._elsewhere, last)
        return place < len(self._elsewhere) and self._elsewhere[place] < name

    def _greet(self) -> None:
        spans = self._spool.untold()
        backlog = self._spool.backlog()
        welcome = self._delivery.greet(
            Hello(
                now=self._now(),
                pending=backlog.pending,
                pending_bytes=backlog.pending_bytes,
                oldest=backlog.oldest,
                dropped=spans,
            )
        )
        self._spool.told(spans)
        self._greet_at = self._monotonic() + GREET.total_seconds()
        if abs(timedelta(seconds=welcome.ahead_seconds)) < JUMP:
            self._clock_holds = True
        self._backoff["live"].worked()

    def _next(self, lane: Lane) -> SealedSegment | None:
        with self._lock:
            if self._monotonic() >= self._look_at:
                self._look()
            queue = self._lanes[lane].queue
            while queue and queue[0].name in self._in_hand:
                queue.popleft()
            if not queue:
                return None
            self._in_hand.add(queue[0].name)
            return queue[0]

    def _look(self) -> None:
        begun = self._monotonic()
        lanes = divide(self._spool.pending(), self._boundary, micros_of(self._now()))
        live, late = self._lanes["live"], self._lanes["late"]
        moved = lanes.boundary != self._boundary
        if moved:
            live.last, self._boundary = None, lanes.boundary
        live.queue = deque(lanes.live[:QUEUED])
        if moved or not late.queue:
            late.queue = deque(lanes.late[:QUEUED])
            self._elsewhere = self._spool.forwarded() if late.queue else []
        self._look_at = self._monotonic() + max(POLL, 20 * (self._monotonic() - begun))
