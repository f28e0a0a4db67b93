"""One thread through which every request goes: many in one transaction, and an answer only after it counts.

While one transaction is being committed the next requests gather; the busier the service is, the more share a
commit. Check-ins bring nothing that could be lost, and do not wait for the disk. Nothing that matters is held
here between two transactions: any number of workers on one database agree.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

from sekisho.errors import SekishoError
from sekisho.fleet.service.asking import Asked, CheckIn, Reply, refusal
from sekisho.fleet.service.dispatch import Dispatcher
from sekisho.fleet.service.sitting import Sitting, Terms
from sekisho.model.nodes import RefusalReason
from sekisho.state.nodes import NodeStore

MOST_AT_ONCE = 400
"""Requests of one transaction."""
MOST_WAITING = 20_000
"""Requests that wait; more are told to come later."""
MOST_NOTES = 5_000
GATHER, ENOUGH = 0.008, 64
"""Seconds that a transaction waits for company, and how much is company enough."""
LOOK = 0.5
"""Seconds after which refusals that nobody waits for are kept."""
BUSY = refusal("no_room", "the service is busy; try again", 503)

Pending = tuple[Asked, "asyncio.Future[Reply]"]
Tell = Callable[[str, str], None]
"""Told (event, words) of what a person should know."""


class Desk:
    """Start it once, submit from one event loop, stop it: what was submitted is answered before it ends."""

    def __init__(
        self,
        store: NodeStore,
        dispatcher: Dispatcher,
        terms: Terms,
        *,
        now: Callable[[], datetime],
        tell: Tell,
    ) -> None:
        self._store = store
        self._dispatcher = dispatcher
        self.terms = terms
        self._now = now
        self._tell = tell
        self._waiting: deque[Pending] = deque()
        self._notes: dict[tuple[str, str, RefusalReason], tuple[int, str]] = {}
        self._wake = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, when everything is answered."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def alive(self) -> bool:
        """Whether it works."""
        return self._thread.is_alive()

    async def ask(self, asked: Asked) -> Reply:
        """Wait for a request's answer: when this returns it is committed."""
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        with self._wake:
            if len(self._waiting) >= MOST_WAITING or self._stopping:
                return BUSY
            self._waiting.append((asked, future))
            self._wake.notify()
        return await future

    def note(self, reason: RefusalReason, words: str, *, key: str = "", address: str = "") -> None:
        """Count what was refused before it came to the desk; `key` is the hash of a key that was shown."""
        with self._wake:
            place = (key, address, reason)
            if place not in self._notes and len(self._notes) >= MOST_NOTES:
                place = ("", "", reason)
            self._notes[place] = (self._notes.get(place, (0, ""))[0] + 1, words)

    def _run(self) -> None:
        while True:
            with self._wake:
                if not self._waiting and not self._stopping:
                    self._wake.wait(LOOK)
                if 0 < len(self._waiting) < ENOUGH and not self._stopping:
                    # What comes within a moment shares the transaction; one for each would cost ten times.
                    self._wake.wait_for(lambda: len(self._waiting) >= ENOUGH or self._stopping, GATHER)
                pending = [
                    self._waiting.popleft() for _ in range(min(MOST_AT_ONCE, len(self._waiting)))
                ]
                notes, self._notes = self._notes, {}
                done = self._stopping and not self._waiting
            came = [one for one in pending if isinstance(one[0], CheckIn)]
            brought = [one for one in pending if not isinstance(one[0], CheckIn)]
            if came:
                self._serve(came, {}, relaxed=True)
            if brought or notes:
                self._serve(brought, notes)
            if done:
                return

    def _serve(
        self,
        pending: Sequence[Pending],
        notes: dict[tuple[str, str, RefusalReason], tuple[int, str]],
        *,
        relaxed: bool = False,
    ) -> None:
        try:
            replies = self._sit([asked for asked, _ in pending], notes, relaxed)
        except SekishoError as error:
            self._tell("state", str(error))
            replies = [BUSY] * len(pending)
            self._again(notes)
        except Exception as error:  # noqa: BLE001 - what one request breaks must not cost the others
            if len(pending) <= 1:
                self._tell("internal error", f"{type(error).__name__}: {error}")
                replies = [BUSY] * len(pending)
            else:
                for one in pending:
                    self._serve([one], {}, relaxed=relaxed)
                self._again(notes)
                return
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Reply], Reply]]] = {}
        for (_, future), reply in zip(pending, replies, strict=True):
            by_loop.setdefault(future.get_loop(), []).append((future, reply))
        for loop, own in by_loop.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_resolve, own)

    def _sit(
        self,
        asked: Sequence[Asked],
        notes: dict[tuple[str, str, RefusalReason], tuple[int, str]],
        relaxed: bool,
    ) -> list[Reply]:
        with self._store.batch(relaxed=relaxed) as batch:
            sitting = Sitting(batch, self._dispatcher, self.terms, self._now())
            return sitting.answer(asked, notes)

    def _again(self, notes: dict[tuple[str, str, RefusalReason], tuple[int, str]]) -> None:
        with self._wake:
            for place, (count, words) in notes.items():
                self._notes[place] = (self._notes.get(place, (0, ""))[0] + count, words)


def _resolve(own: Sequence[tuple[asyncio.Future[Reply], Reply]]) -> None:
    for future, reply in own:
        # Whoever asked may have hung up; what was committed stays, and is told apart when it comes again.
        if not future.done():
            future.set_result(reply)
