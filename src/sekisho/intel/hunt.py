"""The hunt: every indicator against the whole history, and what is found told by connection."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sekisho.audit.coverage import Coverage
from sekisho.audit.evidence import Key, coverage_of, key_of, rows_of, window_of
from sekisho.audit.onset import onset
from sekisho.audit.parties import described
from sekisho.audit.recorded import named_in
from sekisho.audit.sight import Sight
from sekisho.audit.volume import byte_range
from sekisho.intel.loading import Loaded, asked_of
from sekisho.intel.lookups import Lookups, without_flows
from sekisho.intel.screening import LISTED, Screen
from sekisho.inventory.register import Inventory
from sekisho.model import protocols
from sekisho.model.addresses import address_of, number, text_of
from sekisho.model.findings import finding_id
from sekisho.model.hunts import Hit, HuntDocument, Matched, NamedOnly
from sekisho.model.indicators import IndicatorKind
from sekisho.model.verdicts import SEVERITIES, Severity
from sekisho.store.hunting import Hunted
from sekisho.store.lake import Lake

MOST = 10_000
"""Matches of each kind that are told."""
MOST_LISTS = 20
"""Warning lists that are told to have kept something from raising an alarm."""
EACH = 20
"""Indicators of one connection that are told."""
SLACK = timedelta(minutes=1)
"""What is seen in a connection so soon after its first flow came with that."""
_ENDS_NAMED = (IndicatorKind.ADDRESS, IndicatorKind.PREFIX, IndicatorKind.URL)
_ENDS = ("src_realm", "src_hi", "src_lo", "dst_realm", "dst_hi", "dst_lo")
Row = Mapping[str, Any]


@dataclass(slots=True)
class Contact:
    """A connection that indicators name: what the store measured of it, which (number, via, found), and the
    sightings of names in it."""

    row: Row
    named: list[tuple[int, str, str]] = field(default_factory=list)
    said: list[Row] = field(default_factory=list)

    @property
    def since(self) -> datetime | None:
        """Since when names in it are indicators, where nothing else of it is and it is older than that."""
        if not self.said or any(via in _ENDS_NAMED for _, via, _ in self.named):
            return None
        first: datetime = min(row["first"] for row in self.said)
        return first if first - self.row["first"] > SLACK else None

    @property
    def until(self) -> datetime:
        """When a name in it was last an indicator; there is one."""
        last: datetime = max(row["last"] for row in self.said)
        return last

    @property
    def established(self) -> int:
        """How much more than a try it is: a name in it was said, if nothing else."""
        return int(self.row["established"] or len(self.said))

    def add(self, rows: Iterable[Row]) -> None:
        """Sightings of names in it."""
        for row in rows:
            self.said.append(row)
            self.named.append((row["number"], row["kind"], row["value"]))


def find(
    lake: Lake,
    loaded: Loaded,
    inventory: Inventory,
    begin: datetime | None,
    end: datetime | None,
    limit: int = MOST,
    passed: Counter[str] | None = None,
) -> tuple[Hunted, dict[Key, Contact], list[Row]]:
    """What the store found, the same by connection, and the names of which no flow is on record: those that
    say in which connection they were seen are by connection as well, with no flows. `passed` counts ends by
    what kept them from raising anything."""
    screen = Screen.of(inventory, loaded.lists)

    def keeps(hi: int, lo: int) -> bool:
        why = screen.passes(number(address_of(hi, lo)))
        if why and passed is not None:
            passed[why] += 1
        return not why

    hunted = lake.hunting.find(asked_of(loaded.rows), keeps, begin, end, limit)
    found: dict[Key, Contact] = {}
    kinds = loaded.rows["kind"]
    for row in rows_of(hunted.contacts) if hunted.contacts is not None else ():
        # A site's prefix may be newer than the feed: one's own address is no indicator any more.
        if not keeps(row["hi"], row["lo"]):
            continue
        via = kinds[row["number"]].as_py()
        contact = found.setdefault(key_of(row), Contact(row))
        contact.named.append((row["number"], via, text_of(row["hi"], row["lo"])))
    said: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows_of(hunted.sightings) if hunted.sightings is not None else ():
        said[(row["number"], *(row[name] for name in _ENDS))].append(row)
    left = dict(said)
    for row in rows_of(hunted.carriers) if hunted.carriers is not None else ():
        place = (row["number"], *(row[name] for name in _ENDS))
        left.pop(place, None)
        found.setdefault(key_of(row), Contact(row)).add(said.get(place, ()))
    unseen = [row for rows in left.values() for row in rows]
    for key, rows in _by_connection(unseen).items():
        found.setdefault(key, Contact(without_flows(key, rows))).add(rows)
    return hunted, found, unseen


def _by_connection(rows: Iterable[Row]) -> dict[Key, list[Row]]:
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        if (key := named_in(row)) is not None:
            found[key].append(row)
    return found


def hunt(
    lake: Lake,
    inventory: Inventory,
    loaded: Loaded,
    *,
    begin: datetime | None,
    end: datetime | None,
    now: datetime,
    limit: int = MOST,
) -> HuntDocument:
    """All of the indicators against all flows of the days that touch a window (aware UTC; None: all)."""
    passed: Counter[str] = Counter()
    hunted, found, unseen = find(lake, loaded, inventory, begin, end, limit, passed)
    coverage = coverage_of(lake, inventory, now=now, begin=begin, end=end)
    sight = Sight(inventory.sensors)
    teller = _Teller(inventory, coverage, loaded, sight, Lookups(hunted, inventory, sight, coverage))
    hits = [teller.hit(contact) for contact in found.values() if contact.row["flows"]]
    hits.sort(key=lambda one: (not one.raised, _rank(one.severity), one.onset.at, one.finding))
    names = [teller.named(row) for row in unseen]
    names.sort(key=lambda one: (one.indicator.expired, one.first_seen, one.indicator.value))
    tables = (hunted.contacts, hunted.carriers, hunted.sightings)
    totals = [one["total"][0].as_py() if one is not None and one.num_rows else 0 for one in tables]
    return HuntDocument(
        made=now,
        window=window_of(coverage, begin, end),
        feeds=loaded.feeds,
        hunted=dict(sorted(Counter(loaded.rows["kind"].to_pylist()).items())),
        recorded=hunted.recorded,
        named=hunted.named,
        total=sum(totals),
        hits=tuple(hits),
        names=tuple(names),
        notes=(*_notes(hunted, totals, limit, loaded, passed), *loaded.notes),
    )


def severity_of(matched: Iterable[Matched], established: int) -> Severity | None:
    """How bad it is that indicators are in a connection; None where all of them are expired.

    By the one that is believed most; a try that nobody answered, a host of a URL and a stale feed weigh
    one step less.
    """
    steps: Sequence[Severity] = ("low", "medium", "high")
    best: int | None = None
    for one in matched:
        if one.expired:
            continue
        step = 2 if one.confidence >= 75 else 1 if one.confidence >= 40 else 0
        step -= (not established) + (one.kind is IndicatorKind.URL) + (one.feed_standing == "stale")
        best = max(best or 0, step, 0)
    return None if best is None else steps[best]


def _rank(severity: Severity | None) -> int:
    return len(SEVERITIES) if severity is None else SEVERITIES.index(severity)


def _notes(
    hunted: Hunted, totals: Sequence[int], limit: int, loaded: Loaded, passed: Counter[str]
) -> Iterable[str]:
    if not hunted.recorded:
        yield "no flows are on record for this time: nothing found says nothing"
    if not hunted.named and any(
        kind not in ("address", "prefix", "vulnerability")
        for kind in loaded.rows["kind"].unique().to_pylist()
    ):
        yield "no names are on record for this time: names, hashes and fingerprints were looked for in nothing"
    if any(total > limit for total in totals):
        yield f"of {max(totals):,} matches {limit:,} are told: ask for one feed, or a shorter time"
    if hunted.damage:
        yield f"{len(hunted.damage)} damaged files of the store could not be asked"
    if hunted.passed:
        yield f"addresses in prefixes that were passed over as common or our own: {hunted.passed}"
        lists = {why: count for why, count in passed.items() if why.startswith(LISTED)}
        for why, count in sorted(lists.items(), key=lambda one: (-one[1], one[0]))[:MOST_LISTS]:
            yield f"of these {count} {why}"


def matches(loaded: Loaded, named: Iterable[tuple[int, str, str]]) -> tuple[Matched, ...]:
    """Indicators by (number, via, found), those that count and are believed most first."""
    rows = {one: loaded.rows.slice(one[0], 1).to_pylist()[0] for one in dict.fromkeys(named)}
    said = [_matched(loaded, row, via, found) for (_, via, found), row in rows.items()]
    said.sort(
        key=lambda one: (one.expired, -one.confidence, one.found != one.value, one.feed, one.value)
    )
    return tuple(said[:EACH])


def _matched(loaded: Loaded, row: Row, via: str, found: str) -> Matched:
    feed = loaded.feed(row["feed"])
    return Matched(
        kind=row["kind"],
        value=row["value"],
        via=via,
        found=found,
        feed=feed.name,
        feed_standing=feed.standing,
        feed_age_seconds=feed.age_seconds,
        licence=feed.licence,
        confidence=row["confidence"],
        tlp=row["tlp"],
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        expired=row["expired"],
        source=row["source"],
        says=row["says"],
    )


@dataclass(slots=True)
class _Teller:
    inventory: Inventory
    coverage: Coverage
    loaded: Loaded
    sight: Sight
    lookups: Lookups

    def hit(self, contact: Contact) -> Hit:
        row = contact.row
        first = row["first"]
        ends = [
            described(
                self.inventory,
                row[f"{end}_realm"],
                address_of(row[f"{end}_hi"], row[f"{end}_lo"]),
                first,
            )
            for end in ("src", "dst")
        ]
        (src, here), (dst, there) = ends
        sensors = tuple(row["sensors"] or ())
        able = self.sight.able(here.site, there.site, here.outside or there.outside) | set(sensors)
        matched = matches(self.loaded, contact.named)
        severity = severity_of(matched, contact.established)
        protocol = protocols.name(row["protocol"])
        return Hit(
            finding=finding_id(
                src.address, dst.address, protocol, row["port"], row["src_realm"], row["dst_realm"]
            ),
            raised=severity is not None,
            severity=severity,
            indicators=matched,
            src=src,
            dst=dst,
            protocol=protocol,
            port=row["port"],
            first_seen=first,
            last_seen=row["last"],
            days_active=row["days"],
            flows=row["flows"],
            established=row["established"],
            bytes_out=byte_range(row["bytes_out"], row["bytes_out_spread"], row["flags"]),
            bytes_in=byte_range(row["bytes_in"], row["bytes_in_spread"], row["flags"]),
            onset=onset(
                contact.since or first,
                None if contact.since else row["first_established"],
                frozenset(able),
                self.coverage,
            ),
            sensors=sensors,
            lookups=self.lookups.of(contact.said),
        )

    def named(self, row: Row) -> NamedOnly:
        (matched,) = matches(self.loaded, [(row["number"], row["kind"], row["value"])])
        said: dict[str, Any] = {
            end: described(
                self.inventory,
                row[f"{end}_realm"],
                address_of(row[f"{end}_hi"], row[f"{end}_lo"]),
                row["first"],
            )[0]
            for end in ("src", "dst")
            if row[f"{end}_hi"] is not None
        }
        if (key := named_in(row)) is not None:
            hit = self.hit(Contact(without_flows(key, [row]), said=[row]))
            severity = severity_of([matched], 1)
            said |= {
                "finding": hit.finding,
                "raised": severity is not None,
                "severity": severity,
                "protocol": hit.protocol,
                "port": hit.port,
                "onset": hit.onset,
                "lookup": next(iter(hit.lookups), None),
            }
        return NamedOnly(
            indicator=matched,
            times=row["times"],
            first_seen=row["first"],
            last_seen=row["last"],
            sensors=tuple(row["sensors"]),
            path=row["path"],
            sha256=row["sha256"],
            row=row["row"],
            **said,
        )
