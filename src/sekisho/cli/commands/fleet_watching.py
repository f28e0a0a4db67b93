"""`sekisho fleet status --watch`: the same, again and again, with how fast it goes just now."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sekisho.cli.session import Session

if TYPE_CHECKING:
    from sekisho.model.fleet import FleetDocument

WINDOW = timedelta(minutes=5)
SHARE = 4
"""So many times as long as counting took is waited before it is done again: a watch is not to slow what it
watches."""


def follow(
    ask: Callable[[], FleetDocument],
    show: Callable[[FleetDocument], None],
    *,
    now: Callable[[], datetime],
    wait: Callable[[float], None] = time.sleep,
    every: float = 10.0,
) -> None:
    """Ask and show until nothing is left; `every` so many seconds, or more seldom where asking takes long."""
    from sekisho.fleet.progress import lately

    points: list[tuple[datetime, int]] = []
    while True:
        begun, at = time.monotonic(), now()
        document = ask()
        going = document.progress
        left = 0 if going is None else going.left
        if going is not None:
            points = [p for p in points if at - p[0] <= WINDOW] + [(at, going.answered)]
            if left and (measured := lately(points, left)) is not None:
                document = document.model_copy(
                    update={"notes": (*document.notes, _words(points, *measured))}
                )
        show(document)
        if not left:
            return
        wait(max(every, SHARE * (time.monotonic() - begun)))


def show(run: Session, document: FleetDocument, full: Callable[[], None]) -> None:
    """The whole on a screen that is wiped before; in a pipe a line each time."""
    if sys.stdout.isatty():
        run.out().clear()
        full()
        return
    going = document.progress
    counts = "" if going is None else f"{going.answered:,} checked, {going.left:,} left"
    states = ", ".join(f"{n:,} {state}" for state, n in document.states.items() if n)
    rate = [note for note in document.notes if note.startswith("in the last")]
    slow = [f"least checked {going.slowest[0]}"] if going is not None and going.slowest else []
    line = "; ".join((counts, states, *rate, *slow))
    run.say(f"{run.now():%H:%M:%S} {line}")


def _words(points: list[tuple[datetime, int]], rate: float, done: datetime | None) -> str:
    minutes = (points[-1][0] - points[0][0]) / timedelta(minutes=1)
    end = "not within ten years" if done is None else f"done {done:%Y-%m-%d %H:%M:%S} UTC"
    return f"in the last {minutes:.1f} min {rate / 60:.1f} a minute; at that rate {end}"
