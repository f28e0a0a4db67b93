"""What left the assets in scope: asked of the lake, weighed, and told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from sekisho.audit.evidence import Key, key_of, rows_of
from sekisho.inventory.register import Inventory
from sekisho.investigate.fabric import FRESH, Fabric
from sekisho.investigate.leaving import moves, named
from sekisho.investigate.leaving.dealt import by_day, dealt
from sekisho.investigate.leaving.excess import Excess, excess
from sekisho.investigate.leaving.judging import Incident, Item, judge
from sekisho.investigate.leaving.parties import Party, clouds
from sekisho.investigate.leaving.telling import Writer, timeline, with_party
from sekisho.investigate.leaving.watched import Subject, hidden, statements
from sekisho.investigate.moments import DAY, micros, moment
from sekisho.investigate.placing import placed
from sekisho.investigate.proof import records_of
from sekisho.investigate.steps import Scored
from sekisho.investigate.talks import Talk
from sekisho.investigate.telling import Teller
from sekisho.model.addresses import parse_address
from sekisho.model.hops import Evidence
from sekisho.model.incidents import Exfiltration, Leaving, TimelineItem, Unobservable
from sekisho.store.lake import Lake

TOLD = 200
"""Of what went from host to host, so many are told: the likeliest."""


@dataclass(frozen=True, slots=True)
class Left:
    """What left, whether it could have been seen, what belongs into the timeline, and what was hidden."""

    exfiltration: tuple[Exfiltration, ...]
    statements: tuple[Leaving, ...]
    timeline: tuple[TimelineItem, ...]
    unobservable: tuple[Unobservable, ...]
    notes: tuple[str, ...] = ()


def leaving(
    lake: Lake,
    inventory: Inventory,
    teller: Teller,
    steps: Sequence[Scored],
    seeds: Iterable[int],
    window: tuple[datetime | None, datetime | None],
    known: Sequence[Unobservable] = (),
) -> Left:
    """What left the hosts of the steps, and the hosts of the company among the `seeds`, in a window (aware
    UTC; None: as far as evidence goes). `known` is what is already told to be unobservable."""
    fabric = teller.fabric
    begin = micros(window[0]) if window[0] else fabric.begin
    stop = micros(window[1]) if window[1] else fabric.end
    since = reached(fabric, steps)
    for host in seeds:
        if _asset(fabric, host):
            since.setdefault(host, begin)
    if not since:
        return Left((), (), (), ())
    rows = frozenset(scored.step.row for scored in steps)
    chosen, cut = moves.rows_of(fabric, since.keys(), rows)
    incident = Incident(
        fabric,
        since,
        rows,
        frozenset(
            host
            for scored in steps
            for host in (scored.step.tail, scored.step.head)
            if not fabric.internal(host)
        ),
        {},
    )
    days = begin // DAY, -(-stop // DAY)
    zones = {name: ZoneInfo(site.timezone) for name, site in inventory.sites.items()}
    passed = teller.passed
    own = dealt(passed.stitches, passed.talks)
    counted = list(_counted(lake, incident, zones, chosen, days, own))
    relays = frozenset(stitch.host for stitch in passed.stitches.values())
    parties = _parties(inventory, incident, counted)
    incident = replace(incident, parties=parties, relays=relays)
    items = judge(counted, incident)
    notes = (
        [f"{cut} connections of assets in scope were not asked for what left: too many"] if cut else []
    )
    if len(items) > TOLD:
        notes.append(f"of {len(items)} moves of data the {TOLD} likeliest are told")
        likeliest = sorted(items, key=lambda one: -one.total)[:TOLD]
        kept = {(one.src, one.dst) for one in likeliest}
        items = [one for one in items if (one.src, one.dst) in kept]
    left = _told(lake, inventory, teller, incident, items)
    end = window[1] or moment(stop)
    subjects = [_subject(inventory, fabric, host, at) for host, at in _ordered(since)]
    said = tuple(statements(subjects, left, teller.sight, teller.coverage, end))
    return Left(
        left,
        said,
        tuple(timeline(left)),
        tuple(hidden(said, known, teller.coverage, end)),
        tuple(notes),
    )


def reached(fabric: Fabric, steps: Iterable[Scored]) -> dict[int, int]:
    """When control first came to each host of the company, or went out from it (microseconds)."""
    since: dict[int, int] = {}
    for scored in sorted(steps, key=lambda one: one.at):
        for host in (scored.step.tail, scored.step.head):
            if _asset(fabric, host):
                since.setdefault(host, scored.at)
    return since


def _asset(fabric: Fabric, host: int) -> bool:
    """Whether it is a host of the company, and known: nobody says what left whoever is hidden."""
    return fabric.internal(host) and not fabric.hidden(host)


def _ordered(since: dict[int, int]) -> list[tuple[int, int]]:
    return sorted(since.items(), key=lambda item: (item[1], item[0]))


def _counted(
    lake: Lake,
    incident: Incident,
    zones: Mapping[str, tzinfo],
    rows: list[int],
    days: tuple[int, int],
    own: Mapping[int, Sequence[Talk]],
) -> Iterable[Excess]:
    fabric, since = incident.fabric, incident.since
    first = min(since.values())
    for whole in moves.ways(lake, fabric, rows, since.keys()):
        way = whole
        if whole.row in own:
            way = replace(whole, days=by_day(own[whole.row], whole.days, pulled=whole.pulled))
            if sum(day.low + day.spread for day in way.days) < moves.FLOOR:
                continue
        # Of what goes out its source was reached; of what is gathered whoever gathers it.
        host = way.src if way.dst not in since or not fabric.internal(way.dst) else way.dst
        found = excess(
            way,
            since=since[host],
            incident=first,
            known_from=fabric.begin + FRESH,
            window=days,
            zone=zones.get(fabric.site(host) or "", UTC),
            party=way.dst in incident.steering,
        )
        if found is not None:
            yield found


def _parties(inventory: Inventory, incident: Incident, counted: Iterable[Excess]) -> dict[int, Party]:
    """Who stands behind addresses outside: the company's own zones come before the list."""
    fabric = incident.fabric
    found: dict[int, Party] = {}
    for one in counted:
        host = one.way.dst
        if fabric.internal(host) or host in found:
            continue
        zones = placed(inventory, fabric, host, one.first).zones
        party = (
            Party(f"zone {zones[0]}", "zone", f"it is in the zone {zones[0]} of the inventory")
            if zones
            else clouds().of_address(parse_address(fabric.address(host)))
        )
        if party is not None:
            found[host] = party
    return found


def _told(
    lake: Lake, inventory: Inventory, teller: Teller, incident: Incident, items: Sequence[Item]
) -> tuple[Exfiltration, ...]:
    if not items:
        return ()
    fabric = incident.fabric
    rows = sorted({row for item in items for row in item.rows})
    table = fabric.table(rows)
    keys: dict[int, Key] = dict(zip(rows, map(key_of, rows_of(table)), strict=True))
    span = moment(min(one.first for one in items)), moment(max(one.last for one in items) + 1)
    evidence: dict[Item, tuple[Evidence, ...]] = {}
    parties: dict[Item, Party] = {}
    told: list[Item] = []
    inner = [one for one in items if not incident.outside(one.dst)]
    shares = named.opened(lake, fabric, inventory, inner)
    outward = sorted((one for one in items if incident.outside(one.dst)), key=lambda one: -one.low)[
        : named.LOOKED_AT
    ]
    for item in items:
        one = item
        if item in outward:
            servers, seen = named.names_of(lake, fabric, item)
            party = clouds().of_names(servers)
            one = with_party(item, party)
            evidence[one] = seen
            if party is not None:
                parties[one] = party
        elif item in shares:
            evidence[one] = shares[item]
        told.append(one)
    writer = Writer(
        incident,
        inventory,
        teller,
        keys,
        records_of(lake, table, *span),
        evidence,
        parties,
    )
    return tuple(writer.item(one) for one in told)


def _subject(inventory: Inventory, fabric: Fabric, host: int, at: int) -> Subject:
    asset = placed(inventory, fabric, host, at).asset
    return Subject(
        fabric.address(host),
        fabric.realm(host) or None,
        asset.hostname if asset else None,
        fabric.site(host),
        moment(at),
    )
