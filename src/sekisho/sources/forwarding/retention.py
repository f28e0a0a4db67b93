"""What a site may no longer keep: the oldest, and what the centre has before what it has not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from sekisho.sources.forwarding.wire import Why
from sekisho.sources.journal.segments import SealedSegment


@dataclass(frozen=True, slots=True)
class Doomed:
    """What goes. `forwarded` is at the centre; of `pending` each is a loss, with its reason."""

    forwarded: tuple[SealedSegment, ...]
    pending: tuple[tuple[SealedSegment, Why], ...]


def doomed(
    pending: Sequence[SealedSegment],
    forwarded: Sequence[SealedSegment],
    *,
    before: int,
    limit: int,
    clock_holds: bool = True,
) -> Doomed:
    """What goes so that nothing was begun before `before` and all together is at most `limit` bytes.

    `before` in microseconds UTC; both sequences are in order. What is pending goes oldest first, so that
    what is lost is all up to one name. Where the clock may be wrong nothing pending goes for its age.
    """
    size = sum(one.size for one in chain(pending, forwarded))
    gone: list[SealedSegment] = []
    for one in forwarded:
        if size <= limit and one.begun_at >= before:
            break
        gone.append(one)
        size -= one.size
    lost = _lost(pending, before if clock_holds else 0, size - limit)
    return Doomed(tuple(gone), tuple(lost))


def _lost(
    pending: Sequence[SealedSegment], before: int, over: int
) -> Iterator[tuple[SealedSegment, Why]]:
    for one in pending:
        if one.begun_at < before:
            yield one, "age"
        elif over > 0:
            yield one, "size"
        else:
            return
        over -= one.size
