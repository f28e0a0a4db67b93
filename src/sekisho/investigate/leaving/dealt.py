"""Volumes of connections whose sessions were dealt out to a relay's clients, session by session.

The roll-up of such a connection is all that the relay exchanged with the other end, for whomever: of a client
only its own sessions count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sekisho.investigate.leaving.moves import Moved
from sekisho.investigate.moments import DAY, HOUR
from sekisho.investigate.relays.base import TOLD, Stitch
from sekisho.investigate.talks import Talk


def dealt(
    stitches: Mapping[int, Stitch], talks: Mapping[int, Sequence[Talk]]
) -> dict[int, Sequence[Talk]]:
    """Sessions by row: of rows that stand for a client that is told, none of those that may be anybody's,
    and of relays' own connections what is left of them."""
    found: dict[int, Sequence[Talk]] = {}
    for row, stitch in stitches.items():
        sure = not stitch.hidden and stitch.share >= TOLD
        found[row] = talks.get(row, ()) if sure else ()
        found[stitch.out] = talks.get(stitch.out, ())
    return found


def by_day(talks: Iterable[Talk], whole: Sequence[Moved], *, pulled: bool) -> tuple[Moved, ...]:
    """Days of some of the sessions of a connection whose days are `whole`: how uncertain these are is taken
    over in proportion."""
    low, spread = sum(day.low for day in whole), sum(day.spread for day in whole)
    flags = 0
    for day in whole:
        flags |= day.flags
    found: dict[int, Moved] = {}
    for talk in talks:
        out, back = (talk.received, talk.sent) if pulled else (talk.sent, talk.received)
        number, hour = talk.start // DAY, 1 << talk.start % DAY // HOUR
        more = round(out * spread / low) if low else 0
        one = Moved(number, out, more, back, talk.start, talk.end, 1, hour, flags)
        before = found.get(number)
        found[number] = one if before is None else _both(before, one)
    return tuple(found[number] for number in sorted(found))


def _both(one: Moved, other: Moved) -> Moved:
    return replace(
        one,
        low=one.low + other.low,
        spread=one.spread + other.spread,
        back=one.back + other.back,
        first=min(one.first, other.first),
        last=max(one.last, other.last),
        flows=one.flows + other.flows,
        hours=one.hours | other.hours,
    )
