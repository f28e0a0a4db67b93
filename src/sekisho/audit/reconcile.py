"""Both ends compared: what one recorded and the other did not, and what explains it.

Each connection between two sites with sensors at their edge should be recorded at both. By the day, from
roll-ups; what these leave unexplained is looked at record by record.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp, log
from typing import Any, Literal

from sekisho.audit import matching
from sekisho.audit.edges import Edges, edges
from sekisho.audit.evidence import Key, key_of, rows_of
from sekisho.audit.marks import Judged, Mark
from sekisho.audit.scope import Scope
from sekisho.audit.stretches import hour_of
from sekisho.audit.translated import Translations
from sekisho.model.findings import Check, Lacking
from sekisho.model.reconciliation import (
    EXPLANATIONS,
    Clock,
    Explanation,
    PairReconciliation,
    Reconciliation,
)
from sekisho.store.base import ClockOffset
from sekisho.store.queries.columns import DAY
from sekisho.store.queries.reconciling import BLOCKED, ELSEWHERE, OUTAGE, PERHAPS_OUTAGE, SAMPLING
from sekisho.store.reconciled import Compared

CHECK = "one_sided"
CHANCE = 0.05
"""What a sensor that loses records at its usual rate would miss somewhere in the window with at least this
chance is no more than that."""
SPREAD_LEAST = 10
"""Connection-days that lack an hour, in at least half as many hours as chance would spread them over, show
that a sensor loses records all the time."""
MOST = 20_000
"""Connection-days that are looked at one by one."""
_AGREED: Literal["agreed"] = "agreed"
"""Neither edge lacks what the other has; others saw more."""
_Found = Explanation | Literal["agreed"]
_WHY: dict[int, _Found] = {
    SAMPLING: "sampling",
    OUTAGE: "outage",
    BLOCKED: "blocked",
    PERHAPS_OUTAGE: "outage",
    ELSEWHERE: _AGREED,
}
"""What explains a difference of which records say nothing else."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What the document says of both ends, the marks of what nothing explains, and notes."""

    document: Reconciliation
    marks: tuple[Mark, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Lacking:
    """Flows of a connection-day that one end has nothing of, and nothing explains."""

    row: Mapping[str, Any]
    flows: int
    first: datetime
    last: datetime


def reconcile(judged: Judged, asked: Scope, translations: Translations) -> Reconciled:
    """Compare both ends of every connection of the window between two sites of the scope."""
    site_of = [label.site for label in judged.compiled.classes]
    clocks = judged.lake.clocks(judged.begin, judged.end)
    found = edges(judged.inventory.sensors, judged.coverage, _losses(judged), judged.stage.sampled())
    compared = judged.stage.compare(found.ends(site_of), MOST)
    candidates = rows_of(compared.candidates)
    explained, lacking = _explain(judged, found, clocks, compared, candidates, translations)
    counts = _counts(compared, found, candidates, explained)
    pairs = tuple(pair for pair in counts if asked.holds(pair.src_site, pair.dst_site))
    left = sum(pair.one_sided for pair in counts) - len(lacking)
    notes = [*translations.notes()]
    if left > 0:
        notes.append(_too_many(left))
    return Reconciled(
        Reconciliation(pairs=pairs, clocks=tuple(_clock(one) for one in clocks)),
        tuple(_marks(lacking, found)),
        tuple(notes),
    )


def _losses(judged: Judged) -> Iterable[tuple[str, int]]:
    for row in rows_of(judged.lake.losses()):
        if row["lost"] + row["dropped"] > 0:
            yield row["sensor"], hour_of(row["hour"])


def _explain(
    judged: Judged,
    found: Edges,
    clocks: Sequence[ClockOffset],
    compared: Compared,
    candidates: Sequence[Mapping[str, Any]],
    translations: Translations,
) -> tuple[list[_Found | None], list[_Lacking]]:
    """What explains each candidate, and those that nothing does."""
    ahead = {one.sensor: timedelta(microseconds=one.offset) for one in clocks}
    loses = _losing(compared, found)
    tests = max(1, sum(compared.whole["connection_days"].to_pylist()))
    explained: list[_Found | None] = []
    lacking: list[_Lacking] = []
    records = matching.Records({}, frozenset())
    if candidates:
        begin = min(row["first"] for row in candidates)
        end = max(row["last"] for row in candidates)
        keys = map(key_of, candidates)
        records = matching.read(judged.lake, keys, ahead, begin, end)
    for row in candidates:
        left = _single(row, found, records, translations)
        if isinstance(left, _Lacking):
            rate = loses.get(_missing_site(row, found))
            if _by_loss(left, row["flows"], rate, tests):
                left = "loss"
        if isinstance(left, _Lacking):
            lacking.append(left)
        explained.append(None if isinstance(left, _Lacking) else left)
    return explained, lacking


def _missing_site(row: Mapping[str, Any], found: Edges) -> str:
    return found.name(row["site"])


def _other_site(row: Mapping[str, Any], found: Edges) -> str:
    return found.name(row["src_site"] + row["dst_site"] - row["site"])


def _single(
    row: Mapping[str, Any], found: Edges, records: matching.Records, translations: Translations
) -> _Found | _Lacking:
    """What explains one connection-day when its records are laid side by side; else what is lacking."""
    key, site = key_of(row), _missing_site(row, found)
    other = _other_site(row, found)
    if key in records.short:
        if row["why"] == ELSEWHERE:
            return _AGREED
        if found.is_dark(site, row["first"], row["last"]):
            return "outage"
        return _Lacking(row, row["missing"], row["first"], row["last"])
    begin = _EPOCH + timedelta(microseconds=row["span"])
    day = begin + timedelta(microseconds=DAY - row["span"] % DAY)
    there, here = frozenset(found.sensors[other]), frozenset(found.sensors[site])
    missed = records.missed(key, there, here, begin - matching.NEAR, day + matching.NEAR)
    flows = [one for one in missed.flows if not found.is_dark(site, one.start, one.end)]
    if row["why"] == ELSEWHERE and not missed.flows and not missed.astray:
        return _AGREED
    if not flows:
        return "outage" if missed.flows else "clock"
    if row["why"] == ELSEWHERE and site in found.one_in:
        return "sampling"
    if row["missing_at"] == "dst" and row["answered"] == 0:
        return "blocked"
    if translations.unsettled(row, here, flows[0].start):
        return "nat"
    count = min(len(flows), row["missing"])
    return _Lacking(row, count, flows[0].start, max(one.end for one in flows))


def _losing(compared: Compared, found: Edges) -> dict[str, float]:
    """The share of flows that a site's edge misses all the time, of edges that do."""
    flows: Counter[int] = Counter()
    for row in compared.whole.to_pylist():
        flows[row["src_site"]] += row["flows"]
        flows[row["dst_site"]] += row["flows"]
    hours: dict[int, set[tuple[int, int]]] = defaultdict(set)
    partly: Counter[int] = Counter()
    missing: Counter[int] = Counter()
    for row in compared.spread.to_pylist():
        partly[row["site"]] += row["partly"]
        missing[row["site"]] += row["missing"]
        hours[row["site"]] |= {(row["day"], h) for h in range(24) if row["without"] >> h & 1}
    losing = {}
    for number, site in enumerate(found.sites, 1):
        rows, lit = partly[number], max(1, found.hours - len(found.dark[site]))
        chance = lit * (1 - (1 - 1 / lit) ** rows)
        if rows >= SPREAD_LEAST and len(hours[number]) >= chance / 2:
            losing[site] = missing[number] / max(1, flows[number])
    return losing


def _by_loss(left: _Lacking, flows: int, rate: float | None, tests: int) -> bool:
    """Whether as many flows would be lost by chance somewhere in the window (Chernoff's bound)."""
    if not rate:
        return False
    share = left.flows / flows
    if share <= rate:
        return True
    far = share * log(share / rate)
    if share < 1:
        far += (1 - share) * log((1 - share) / (1 - rate))
    return exp(-flows * far) * tests >= CHANCE


def _counts(
    compared: Compared,
    edges_of: Edges,
    candidates: Sequence[Mapping[str, Any]],
    explained: Sequence[_Found | None],
) -> list[PairReconciliation]:
    """Connection-days of each pair of sites, in their order; `explained` is what explains the candidates."""
    only: Counter[tuple[int, int, str]] = Counter()
    why: dict[tuple[int, int], Counter[_Found | None]] = defaultdict(Counter)
    agreed = _agreed(compared, candidates, explained)
    for row in compared.uneven.to_pylist():
        pair, days = (row["src_site"], row["dst_site"]), row["connection_days"]
        if not row["partly"]:
            only[*pair, row["missing_at"]] += days
        why[pair][_WHY.get(row["why"])] += days
    for row, explanation in zip(candidates, explained, strict=True):
        pair = row["src_site"], row["dst_site"]
        why[pair][_WHY.get(row["why"])] -= row["days"]
        why[pair][explanation] += row["days"]
    found = []
    for row in compared.whole.to_pylist():
        pair = row["src_site"], row["dst_site"]
        at_source, at_destination = only[*pair, "dst"], only[*pair, "src"]
        both = row["even"] + agreed[pair]
        alone = at_source + at_destination + row["neither"]
        found.append(
            PairReconciliation(
                src_site=edges_of.name(pair[0]),
                dst_site=edges_of.name(pair[1]),
                connection_days=row["connection_days"],
                both=both,
                partly=row["connection_days"] - both - alone,
                source_only=at_source,
                destination_only=at_destination,
                neither=row["neither"],
                explained={name: why[pair][name] for name in EXPLANATIONS},
                one_sided=why[pair][None],
            )
        )
    return sorted(found, key=lambda pair: (pair.src_site, pair.dst_site))


def _agreed(
    compared: Compared,
    candidates: Sequence[Mapping[str, Any]],
    explained: Sequence[_Found | None],
) -> Counter[tuple[int, int]]:
    """Connection-days of each pair of which both edges have the same, although others saw more."""
    days: Counter[tuple[int, int]] = Counter()
    for row in compared.uneven.to_pylist():
        # Such a day has a row for either end.
        if row["why"] == ELSEWHERE and row["alike"] and row["missing_at"] == "dst":
            days[row["src_site"], row["dst_site"]] += row["connection_days"]
    differ = {
        (row["level"], row["span"], *key_of(row)): (row["src_site"], row["dst_site"], row["days"])
        for row, explanation in zip(candidates, explained, strict=True)
        if row["why"] == ELSEWHERE and row["alike"] and explanation != _AGREED
    }
    for src, dst, number in differ.values():
        days[src, dst] -= number
    return days


def _marks(lacking: Sequence[_Lacking], found: Edges) -> Iterable[Mark]:
    """One mark a connection and end that lacks some of it."""
    by_end: dict[tuple[Key, str], list[_Lacking]] = defaultdict(list)
    for one in lacking:
        by_end[key_of(one.row), one.row["missing_at"]].append(one)
    for (key, _end), rows in by_end.items():
        first, last = min(one.first for one in rows), max(one.last for one in rows)
        wholly = any(one.row["here"] == 0 for one in rows)
        site = _missing_site(rows[0].row, found)
        said = Lacking(
            site=site,
            sensors=found.sensors[site],
            recorded_at=_other_site(rows[0].row, found),
            flows=sum(one.flows for one in rows),
            days=tuple(
                sorted({(_EPOCH + timedelta(microseconds=one.row["span"])).date() for one in rows})
            ),
            whole=wholly,
        )
        yield Mark(
            key,
            "one_sided",
            "medium" if wholly else "low",
            Check(id=CHECK, text=_text(rows, found, first, last)),
            since=first,
            until=last,
            lacking=said,
        )


def _text(rows: Sequence[_Lacking], found: Edges, first: datetime, last: datetime) -> str:
    row = rows[0].row
    site = _missing_site(row, found)
    other = _other_site(row, found)
    flows, days = sum(one.flows for one in rows), len({one.row["span"] // DAY for one in rows})
    whole = all(one.row["here"] == 0 for one in rows)
    count = "1 flow" if flows == 1 else f"{flows} flows"
    when = f"{first:%Y-%m-%d %H:%M}"
    if last - first > timedelta(minutes=1):
        when += f" to {last:%Y-%m-%d %H:%M}"
    of_days = "" if days == 1 else f" on {days} days"
    rest = "" if whole else ", although it has others of this connection"
    return (
        f"recorded at {other} only: {', '.join(found.sensors[site])} at {site} was recording and has nothing"
        f" of {count}{of_days}, {when} UTC{rest}; no sampling, outage, clock, block, translation or usual"
        " loss explains that"
    )


def _clock(one: ClockOffset) -> Clock:
    measured = one.pairs > 0
    return Clock(
        sensor=one.sensor,
        offset=one.offset / 1_000_000 if measured else None,
        spread=one.spread / 1_000_000,
        flows=one.pairs,
    )


def _too_many(left: int) -> str:
    return (
        f"{left} more connection-days were recorded at one end only than were looked at record by record:"
        " narrow the window or the sites"
    )
