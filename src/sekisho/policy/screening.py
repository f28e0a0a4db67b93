"""Which observed connections may become proposed rules, and why the others may not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.judge import End
from sekisho.policy.observed import Key, Observed, Window, by_key, whole

Reason = Literal[
    "incident", "attempted", "scanner", "unmapped", "unnamed", "permitted", "intra_site", "external"
]
REASONS: dict[Reason, str] = {
    "incident": "in the window of an incident, or begun in it",
    "attempted": "never established",
    "scanner": "from a source that tried very many destinations or ports",
    "unmapped": "an end belongs to no site",
    "unnamed": "an end is outside, in no zone: write a zone for it first",
    "permitted": "a rule permits it already",
    "intra_site": "within one site, where no rule is needed",
    "external": "with the outside, which is not audited",
}
EPHEMERAL = 49_152
"""First dynamic port (RFC 6335, 6)."""
LEAST_TRIED, UNANSWERED = 10, 0.8


@dataclass(slots=True)
class Screened:
    """Connections to write rules from, and those left out by reason, both in a fixed order."""

    chosen: list[Observed] = field(default_factory=list)
    left: dict[Reason, list[Observed]] = field(default_factory=dict)

    def leave(self, reason: Reason, observed: Observed) -> None:
        """Leave one out."""
        self.left.setdefault(reason, []).append(observed)


def screen(
    observed: Iterable[Observed], policy: CompiledPolicy, excluded: Sequence[Window], fan_out: int
) -> Screened:
    """Sort out what must not, or need not, become a rule.

    A piece that touches an excluded window is left out whole, since its flows cannot be told apart; so
    is a connection that no piece shows before the window in which it was seen. To keep a steady
    connection that goes on through an incident, hand in one piece from before and one from after.
    """
    result = Screened()
    pieces = by_key(observed)
    clean: dict[Key, Observed] = {}
    for key, found in pieces.items():
        outside = _outside(found, excluded)
        if outside:
            clean[key] = whole(outside)
        if len(outside) < len(found):
            result.leave("incident", whole([piece for piece in found if piece not in outside]))
    scanners = _scanners([whole(found) for found in pieces.values()], fan_out)
    for connection in clean.values():
        reason = _reason(connection, policy, scanners)
        if reason is None:
            result.chosen.append(connection)
        else:
            result.leave(reason, connection)
    return result


def _outside(pieces: Sequence[Observed], excluded: Sequence[Window]) -> list[Observed]:
    touched = [
        (piece, [w for w in excluded if piece.first_seen < w[1] and w[0] <= piece.last_seen])
        for piece in pieces
    ]
    outside = [piece for piece, windows in touched if not windows]
    first = min((piece.first_seen for piece in outside), default=None)
    seen = [window for _, windows in touched for window in windows]
    if first is None or any(first >= begin for begin, _ in seen):
        return []
    return outside


def _scanners(connections: Iterable[Observed], fan_out: int) -> frozenset[End]:
    """Sources that were hardly answered, and those that reach very many hosts or ports."""
    by_source: dict[End, list[Observed]] = defaultdict(list)
    for connection in connections:
        by_source[connection.source].append(connection)
    return frozenset(source for source, found in by_source.items() if _scans(found, fan_out))


def _scans(found: Sequence[Observed], fan_out: int) -> bool:
    tried = sum(1 for connection in found if not connection.established)
    if tried >= LEAST_TRIED and tried >= UNANSWERED * len(found):
        return True
    hosts: dict[tuple[int, int], set[End]] = defaultdict(set)
    ports: dict[End, set[tuple[int, int]]] = defaultdict(set)
    for connection in found:
        service = connection.protocol, connection.port
        hosts[service].add(connection.destination)
        if connection.port < EPHEMERAL:
            ports[connection.destination].add(service)
    widest = [*map(len, hosts.values()), *map(len, ports.values())]
    return max(widest, default=0) >= fan_out


def _reason(connection: Observed, policy: CompiledPolicy, scanners: frozenset[End]) -> Reason | None:
    ranks = {
        policy.verdict(
            connection.source, connection.destination, connection.protocol, connection.port, at
        )
        for at in (connection.first_seen, connection.last_seen)
    }
    if Rank.UNMAPPED in ranks:
        return "unmapped"
    worst = max(ranks)
    fixed: dict[Rank, Reason] = {
        Rank.AUTHORIZED: "permitted",
        Rank.INTRA_SITE: "intra_site",
        Rank.EXTERNAL: "external",
    }
    if worst in fixed:
        return fixed[worst]
    if connection.source in scanners:
        return "scanner"
    return None if connection.established else "attempted"
