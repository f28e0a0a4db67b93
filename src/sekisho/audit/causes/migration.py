"""`migration`: a host that moved to a new address, or its clients to a new host.

An end N has at least three established findings, four in five of which another end O used to have: with
the same peers, on the same services, and no findings. O stopped with them when N began, a week of
overlap allowed. Then the register still speaks of O, and one change of it explains them all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from sekisho.audit.base import Claim, Claims, Neighbour
from sekisho.audit.causes.words import address_key, plural
from sekisho.model.findings import CauseKind, Finding
from sekisho.model.verdicts import FindingKind

LEAST = 3
SHARED = 0.8
OVERLAP = timedelta(days=7)
SILENT = timedelta(days=1)
"""O is known to have stopped only where N went on for so long without it."""

Address = tuple[str, str]
Line = tuple[Address, str, int]
"""What a moved end takes along: peer, protocol and port."""
Side = Literal["src", "dst"]


class MigrationCause:
    """Groups the findings of a moved end by where it moved from."""

    kind: CauseKind = "migration"
    of: FindingKind = "verdict"

    def claim(self, findings: Sequence[Finding], neighbours: Sequence[Neighbour]) -> Claims:
        """One claim a move; a finding whose both ends moved goes to the moved destination."""
        claims: list[Claim] = []
        taken: set[str] = set()
        for side in ("dst", "src"):
            free = [f for f in findings if f.id not in taken]
            for claim in _moves(side, free, neighbours):
                claims.append(claim)
                taken |= claim.members
        return Claims(tuple(claims))


def candidates(findings: Sequence[Finding]) -> list[Finding]:
    """Findings that a migration could explain, so that only their neighbours need be looked up."""
    found: dict[str, Finding] = {}
    for side in ("dst", "src"):
        for rows in _lines_of(side, findings).values():
            if len(rows) >= LEAST:
                found.update((f.id, f) for f in rows.values())
    return list(found.values())


def _moves(side: Side, findings: Sequence[Finding], neighbours: Sequence[Neighbour]) -> list[Claim]:
    old_lines: dict[Line, dict[Address, Neighbour]] = defaultdict(dict)
    for known in neighbours:
        end, peer = (known.dst, known.src) if side == "dst" else (known.src, known.dst)
        old_lines[peer, known.protocol, known.port][end] = known
    claims = []
    for new, rows in sorted(_lines_of(side, findings).items()):
        if len(rows) >= LEAST and (found := _origin(new, rows, old_lines)):
            old, members = found
            began = min(f.first_seen for f in members)
            verb = "clients of" if side == "dst" else "connections from"
            text = (
                f"{verb} {old[1]} moved to {new[1]} about {began:%Y-%m-%d}: "
                f"{plural(len(members), 'connection')} with the same peers and services"
            )
            key = "|".join((side, *old, *new))
            claims.append(Claim(key, text, frozenset(f.id for f in members)))
    return claims


def _lines_of(side: Side, findings: Sequence[Finding]) -> Mapping[Address, dict[Line, Finding]]:
    """The lines of every end that has enough of them to have moved."""
    of_end: dict[Address, list[Finding]] = defaultdict(list)
    for f in findings:
        if f.established and f.verdict in ("unauthorized", "lapsed"):
            of_end[address_key(f.dst if side == "dst" else f.src)].append(f)
    return {
        end: {(address_key(f.src if side == "dst" else f.dst), f.protocol, f.port): f for f in rows}
        for end, rows in of_end.items()
        if len(rows) >= LEAST
    }


def _origin(
    new: Address, rows: Mapping[Line, Finding], old_lines: Mapping[Line, Mapping[Address, Neighbour]]
) -> tuple[Address, list[Finding]] | None:
    """The end that had most of these lines before and stopped with them, and what that explains."""
    shared: dict[Address, list[Line]] = defaultdict(list)
    for line in rows:
        for old in old_lines.get(line, ()):
            if old != new:
                shared[old].append(line)
    best: tuple[int, Address, list[Finding]] | None = None
    for old, lines in sorted(shared.items()):
        members = [rows[line] for line in lines]
        stopped: datetime = max(old_lines[line][old].last for line in lines)
        enough = len(lines) >= max(LEAST, SHARED * len(rows))
        began, went_on = min(f.first_seen for f in members), max(f.last_seen for f in members)
        moved = stopped <= began + OVERLAP and stopped + SILENT <= went_on
        before = min(old_lines[line][old].first for line in lines) < began
        if enough and moved and before and (best is None or len(lines) > best[0]):
            best = (len(lines), old, members)
    return (best[1], best[2]) if best else None
