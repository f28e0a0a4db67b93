"""Both ends compared, in words: how clocks stand, which pairs differ, and one sentence on all of them."""

from __future__ import annotations

from sekisho.model.reconciliation import EXPLANATIONS, Clock, PairReconciliation, Reconciliation
from sekisho.reports.units import count, counted


def word(explanation: str) -> str:
    """An explanation as people write it."""
    return "NAT" if explanation == "nat" else explanation


def clock_text(clock: Clock) -> str:
    """`137.0 s ahead`, `0.840 s behind`, `not measured`."""
    if clock.offset is None:
        return "not measured: it shares no flow with another sensor"
    size = abs(clock.offset)
    if size < 0.001:
        return "right to a millisecond"
    return f"{size:.3g} s {'ahead' if clock.offset > 0 else 'behind'}"


def differing(found: Reconciliation | None) -> list[PairReconciliation]:
    """Pairs of which an end lacks something, those with something unexplained first."""
    pairs = [pair for pair in (found.pairs if found else ()) if pair.both < pair.connection_days]
    return sorted(pairs, key=lambda pair: (-pair.one_sided, pair.src_site, pair.dst_site))


def summary(found: Reconciliation) -> str:
    """One sentence on all pairs."""
    days = sum(pair.connection_days for pair in found.pairs)
    if not days:
        return "No connection could be compared at both ends: no two sites have sensors at their edge."
    both = sum(pair.both for pair in found.pairs)
    text = f"{count(both)} of {counted(days, 'connection-day')} were recorded whole at both ends"
    reasons = []
    for name in EXPLANATIONS:
        number = sum(pair.explained.get(name, 0) for pair in found.pairs)
        if number:
            reasons.append(f"{count(number)} by {word(name)}")
    if reasons:
        text += f"; differences explained: {', '.join(reasons)}"
    if neither := sum(pair.neither for pair in found.pairs):
        text += f"; {count(neither)} seen inside or in transit only, at neither edge"
    open_ = sum(pair.one_sided for pair in found.pairs)
    return f"{text}; {count(open_) if open_ else 'none'} unexplained."
