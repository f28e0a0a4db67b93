"""`missing_records`: one reason why an end lacks records of many connections.

A sensor that a route goes around, a filter, a batch that a collector dropped: an end lacks records of
connections with the same other end in the same days. At least three of them, each of which shares the
network (/24, IPv6 /64) of an end with two others; days less than four apart are one time. What shares
nothing with the rest, or is worse than that its records are missing, stays a row of its own: a record
that somebody took out must not hide behind a sensor that is misplaced.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from ipaddress import ip_network

from sekisho.audit.base import Claim, Claims, Neighbour
from sekisho.audit.causes.words import address_key, name, plural
from sekisho.model.findings import CauseKind, End, Finding, Lacking
from sekisho.model.verdicts import FindingKind, Severity

LEAST = 3
APART = timedelta(days=4)
"""Days that lie closer are one time: a long weekend without traffic does not make two of it."""
WORSE: tuple[Severity, ...] = ("critical", "high")
_Row = tuple[Finding, Lacking]
_Path = tuple[str, tuple[str, ...], str, bool]


class MissingRecordsCause:
    """Groups what one end lacks by the sensors, the other end and the time."""

    kind: CauseKind = "missing_records"
    of: FindingKind = "one_sided"

    def claim(self, findings: Sequence[Finding], neighbours: Sequence[Neighbour]) -> Claims:
        """One claim a (lacking end, other end, time, whether it has other records of the same days)."""
        by_path: dict[_Path, list[_Row]] = defaultdict(list)
        for finding in findings:
            lacking = finding.lacking
            if lacking is not None and finding.severity not in WORSE:
                path = lacking.site, lacking.sensors, lacking.recorded_at, lacking.whole
                by_path[path].append((finding, lacking))
        claims = []
        for (site, sensors, other, whole), rows in by_path.items():
            for of_time in _times(rows):
                alike = _alike(of_time)
                if len(alike) < LEAST:
                    continue
                days = sorted({day for _, lacking in alike for day in lacking.days})
                key = "|".join((site, *sensors, other, str(whole), days[0].isoformat()))
                text = _text(alike, days)
                claims.append(Claim(key, text, frozenset(finding.id for finding, _ in alike)))
        return Claims(tuple(claims))


def _times(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """The rows of each time: days of which one follows the other closely, or one connection lacks both."""
    days = sorted({day for _, lacking in rows for day in lacking.days})
    runs: dict[date, int] = {}
    for before, day in zip([None, *days], days, strict=False):
        close = before is not None and day - before < APART
        runs[day] = runs[before] if close and before is not None else len(runs)
    of: dict[int, int] = {run: run for run in runs.values()}

    def root(run: int) -> int:
        while of[run] != run:
            run = of[run]
        return run

    for _, lacking in rows:
        first = root(runs[lacking.days[0]])
        for day in lacking.days:
            of[root(runs[day])] = first
    found: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        found[root(runs[row[1].days[0]])].append(row)
    yield from found.values()


def _alike(rows: Sequence[_Row]) -> list[_Row]:
    """Those that share the network of an end with at least two others."""
    networks = Counter(network for finding, _ in rows for network in _networks(finding))
    return [row for row in rows if any(networks[one] >= LEAST for one in _networks(row[0]))]


def _text(rows: Sequence[_Row], days: Sequence[date]) -> str:
    lacking = rows[0][1]
    flows = sum(one.flows for _, one in rows)
    when = f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"
    lead = "has nothing of" if lacking.whole else "lacks part of"
    return (
        f"{', '.join(lacking.sensors)} at {lacking.site} {lead} {plural(len(rows), 'connection')}"
        f" ({plural(flows, 'flow')}) with {lacking.recorded_at}{_common(rows, lacking.site)}, {when}: a path"
        " around it, a filter, a lost batch, or records taken out"
    )


def _common(rows: Sequence[_Row], site: str) -> str:
    """`, all of 10.40.7.0/24`: the host, else the network, that all have in common; the far end's first."""
    sides = [
        [finding.src if (finding.src.site == site) is here else finding.dst for finding, _ in rows]
        for here in (False, True)
    ]
    for ends in sides:
        if len({address_key(end) for end in ends}) == 1:
            return f", all of {name(ends[0])}"
    for ends in sides:
        if len(found := {_network(end) for end in ends}) == 1:
            ((realm, network),) = found
            return f", all of {network}{f' in realm {realm}' if realm else ''}"
    return ""


def _networks(finding: Finding) -> Iterable[tuple[str, str]]:
    return {_network(finding.src), _network(finding.dst)}


def _network(end: End) -> tuple[str, str]:
    length = 64 if ":" in end.address else 24
    return end.realm or "", str(ip_network(f"{end.address}/{length}", strict=False))
