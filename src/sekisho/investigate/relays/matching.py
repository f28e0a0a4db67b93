"""Which session into a relay belongs to one that it opened: by overlap, beginning, and conserved bytes.

Stepping-stone detection correlates the two sides of a host by timing (Zhang and Paxson 2000); of that, flows
leave beginning, end and bytes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate
from math import log10

from sekisho.investigate.relays.base import Leg
from sekisho.investigate.talks import Talk
from sekisho.model.sites import RelayKind

CLOCK = 5_000_000
"""Microseconds by which the two sides' clocks may still differ."""
LOOKED, KEPT = 4096, 16
"""Sessions before one that are looked through, and clients that are kept of it."""
PASSES_BYTES = frozenset({"proxy", "load_balancer", "nat"})
PROMPT, LATE, ALIKE, UNLIKE, OUTLIVES = 0.6, -0.4, 1.0, -1.0, -0.7
SOME = 2000
"""Bytes: a proxy's own words to its client."""


class Inward:
    """Sessions into a relay in order of time: (client, row, session) each."""

    def __init__(self, sessions: Iterable[tuple[int, int, Talk]]) -> None:
        self.all = sorted(sessions, key=lambda one: (one[2].start, one[1]))
        self._starts = [talk.start for _, _, talk in self.all]
        self._latest = list(accumulate((talk.end for _, _, talk in self.all), max))

    def open_at(self, at: int) -> list[tuple[int, int, Talk]]:
        """Those that were open at `at`, the latest begun first."""
        found = []
        place = bisect_right(self._starts, at + CLOCK) - 1
        for n in range(place, max(-1, place - LOOKED), -1):
            if self._latest[n] < at - CLOCK:
                break
            if self.all[n][2].end >= at - CLOCK:
                found.append(self.all[n])
        return found


def legs(kind: RelayKind, out: Talk, inward: Inward) -> list[Leg]:
    """Of each client the session that fits `out` best, the best first; shares are not yet set."""
    best: dict[int, Leg] = {}
    for client, row, talk in inward.open_at(out.start):
        fit = _fit(kind, out, talk)
        if fit is not None and (client not in best or fit[0] > best[client].score):
            best[client] = Leg(client, row, talk, *fit)
    return sorted(best.values(), key=lambda leg: (-leg.score, leg.client))[:KEPT]


def shared(found: Sequence[Leg], *, unseen: bool) -> list[Leg]:
    """With their shares. `unseen`: somebody whose session no sensor could see is as likely as a client of
    whose sessions nothing more speaks."""
    odds = [10.0**leg.score for leg in found]
    whole = sum(odds) + (1.0 if unseen else 0.0)
    return [replace(leg, share=one / whole) for leg, one in zip(found, odds, strict=True)]


def _fit(kind: RelayKind, out: Talk, talk: Talk) -> tuple[float, str] | None:
    """What speaks for one session being the other half, and the words; None where it cannot be."""
    away = max(0, out.start - talk.start)
    alike = min(_alike(out.sent, talk.sent), _alike(out.received, talk.received))
    if kind == "nat":
        if abs(out.start - talk.start) > CLOCK or alike < 0.8:
            return None
        return ALIKE, f"the same session on both sides: bytes agree to {alike:.0%}"
    said = f"it had a session into it that began {_seconds(away)} before"
    score = PROMPT if away <= CLOCK else max(LATE, PROMPT - 0.4 * log10(away / CLOCK))
    if kind not in PASSES_BYTES:
        # Who works on a jump host opens sessions at any time: only a prompt one speaks for anybody.
        score = max(0.0, score)
    if out.end > talk.end + CLOCK + (out.end - out.start) // 10:
        score += OUTLIVES
        said += ", and ended first"
    if alike >= 0.8 and out.sent + out.received > SOME:
        return score + ALIKE, f"{said}; bytes in and out agree to {alike:.0%}"
    if kind in PASSES_BYTES and (
        out.sent > 1.25 * talk.sent + SOME or out.received > 1.25 * talk.received + SOME
    ):
        return score + UNLIKE, f"{said}; more bytes went out than came in"
    return score, said


def _alike(one: int, other: int) -> float:
    return min(one, other) / max(one, other) if max(one, other) > 0 else 1.0


def _seconds(micros: int) -> str:
    seconds = micros / 1e6
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
