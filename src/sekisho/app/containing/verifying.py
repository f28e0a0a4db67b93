"""Say whether a plan holds: read the gateways back, and look at what the sensors recorded since."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sekisho.app.containing.alarms import sound
from sekisho.app.containing.forcing import enforced, openings
from sekisho.app.containing.gathering import gather, probed_of
from sekisho.app.containing.grounds import ground
from sekisho.app.containing.plans import current
from sekisho.app.containing.probes import probes
from sekisho.app.containing.status import status
from sekisho.app.containing.telling import Step
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.wiring import open_lake, traits_of
from sekisho.app.workspace import Workspace
from sekisho.audit.causes.words import plural
from sekisho.audit.coverage import Coverage
from sekisho.audit.evidence import Key, coverage_of, key_of, rows_of
from sekisho.audit.marks import keys_of
from sekisho.audit.parties import described
from sekisho.audit.sight import Sight
from sekisho.contain.contained import Looked, Lookers, contained
from sekisho.contain.escaped import Crossing, crossings, ends_of, grace_of, passing, probe_of
from sekisho.contain.force import Force
from sekisho.model import protocols
from sekisho.model.containment import (
    Came,
    ContainmentDocument,
    Crossed,
    ReadBack,
    SeveredConnection,
)
from sekisho.model.findings import finding_id, rfc3339
from sekisho.model.gateways import GatewayDocument
from sekisho.model.hops import Evidence
from sekisho.model.plans import PlanDocument, PlanGateway
from sekisho.model.restrictions import IN_FORCE
from sekisho.model.services import service_label
from sekisho.store.lake import Lake

BEFORE = timedelta(days=30)
"""How far back connections are looked for that the plan ended."""
MOST = 1000
"""Connections that are listed of each kind."""
SHOWN, RECORDS = 50, 5
"""Escaped connections whose records are named, and records of each."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the sensors recorded."""

    crossed: tuple[Crossed, ...] = ()
    severed: tuple[SeveredConnection, ...] = ()
    looked: Looked = field(default_factory=Looked)
    until: datetime | None = None
    grace: timedelta = timedelta(0)
    notes: tuple[str, ...] = ()


def verify(
    workspace: Workspace,
    asked: str,
    *,
    now: datetime,
    by: str,
    keys: Sequence[str] = (),
    step: Step | None = None,
) -> ContainmentDocument:
    """Whether a plan holds, by evidence. The answer goes into the ledger. Raises RequestError."""
    with open_decisions(workspace) as decisions:
        plan = current(decisions.state.plans(), asked)
    said = {one.name: one for one in status(workspace, now=now, by=by, keys=keys, step=step).gateways}
    with open_decisions(workspace) as decisions:
        store = decisions.state.plans()
        plan = current(store, plan.id)
        mine = [one for one in enforced(store) if one.plan == plan.id]
        gather(workspace, decisions, plan.id, now=now, by=by)
        on = ground(workspace, decisions, now=now, by=by)
        force = Force(mine, on, openings(store), probes(store))
        tried = probed_of(store, plan.id, on)
    since = dict(mine[0].since) if mine else {}
    gateways = tuple(_read_back(plan, one, said.get(one.name), since) for one in plan.gateways)
    seen = _seen(workspace, force, now, step) if force.holds else _Seen()
    word, why = contained(gateways, seen.crossed, seen.looked, tried)
    if plan.state not in IN_FORCE:
        word, why = "no", (f"{plan.id} is {plan.state}: no gateway is to hold it",)
    elif not force.holds and word == "yes":
        word, why = "not_known", tuple(force.unknown.values())
    document = ContainmentDocument(
        plan=plan.id,
        hash=plan.hash,
        state=plan.state,
        contained=word,
        why=why,
        at=now,
        since=min(since.values(), default=None),
        until=seen.until,
        grace=round(seen.grace.total_seconds()),
        escaped=tuple(one for one in seen.crossed if one.came == "escaped"),
        attempts=sum(one.flows for one in seen.crossed if one.came == "dropped"),
        crossed=tuple(one for one in seen.crossed if one.came != "escaped"),
        gateways=gateways,
        sensors=seen.looked.sensors,
        unwatched=seen.looked.unwatched,
        severed=seen.severed,
        probed=tried,
        notes=(*seen.notes, *(f"{name}: {text}" for name, text in force.unknown.items())),
    )
    with open_decisions(workspace) as decisions:
        _note(decisions, document, now, by)
        sound(workspace, decisions, now=now)
    return document


def _read_back(
    plan: PlanDocument,
    one: PlanGateway,
    said: GatewayDocument | None,
    since: Mapping[str, datetime],
) -> ReadBack:
    fields: dict[str, Any] = {"name": one.name, "deliver": one.deliver, "state": one.state}
    fields["since"] = since.get(one.name)
    if said is None or not said.reached:
        why = said.why if said else "it is not in gateways.yaml any more"
        return ReadBack(**fields, why=why)
    prefix = plan.id.replace("-", "").lower()
    counters = tuple(c for c in said.counters if c.name.startswith(f"{prefix}_"))
    dropped = next((c.packets for c in counters if c.name == f"{prefix}_cut"), None)
    holds: bool | None = said.as_told
    why = None
    if not holds and dropped is None:
        why = f"it has no table of {plan.id}"
    elif not holds:
        # Of the plan something is held: whether it is what the register of now says cannot be told.
        holds, why = None, "its text is not what the register and the plans come to now"
    return ReadBack(
        **fields,
        reached=True,
        holds=holds,
        drift=said.drift,
        why=why,
        dropped=dropped,
        counters=counters,
        logged=tuple(line for line in said.logs if f"sekisho {plan.id} " in line),
    )


def _seen(workspace: Workspace, force: Force, now: datetime, step: Step | None) -> _Seen:
    if not workspace.lake.is_dir():
        looked = _looked(None, force, now, now)
        return _Seen(looked=looked, notes=("nothing was ever ingested here",))
    (hold,) = force.holds
    first = min(hold.since.values())
    inventory = force.atlas.inventory
    with open_lake(workspace, create=False) as lake:
        lake.refresh(traits_of(inventory), progress=step)
        grace = grace_of(lake.offsets())
        found = [*crossings(lake, force), *passing(lake, force, first + grace)]
        names = _records(lake, found, first + grace)
        looked = _looked(lake, force, first + grace, now)
        before = _before(lake, force, first)
        until = max((at for at in _last(lake).values()), default=None)
    listed = tuple(_crossed(one, force, now, names.get(one.key, ())) for one in found[:MOST])
    notes = []
    if len(found) > MOST:
        notes.append(f"{len(found):,} severed connections were seen since; {MOST:,} are listed")
    if len(before) > MOST:
        notes.append(f"{len(before):,} were seen in the month before; {MOST:,} are listed")
    after = {one.key: one for one in found}
    severed = tuple(_severed(row, after.get(key_of(row)), force, now) for row in before[:MOST])
    return _Seen(listed, severed, looked, until, grace, tuple(notes))


def _looked(lake: Lake | None, force: Force, start: datetime, now: datetime) -> Looked:
    inventory = force.atlas.inventory
    (hold,) = force.holds
    if lake is None:
        return Lookers(Coverage({}, 0, 0), Sight(inventory.sensors), {}, start, now).at(
            hold, force.atlas
        )
    coverage = coverage_of(lake, inventory, now=now, end=now)
    return Lookers(coverage, Sight(inventory.sensors), _last(lake), start, now).at(hold, force.atlas)


def _last(lake: Lake) -> dict[str, datetime]:
    """Each sensor's latest evidence: the end of what a file spans, or the hour of a record."""
    found: dict[str, datetime] = {}
    for table, column in ((lake.spans(), "end"), (lake.hours(), "hour")):
        for row in rows_of(table):
            found[row["sensor"]] = max(row[column], found.get(row["sensor"], row[column]))
    return found


def _before(lake: Lake, force: Force, first: datetime) -> list[dict[str, Any]]:
    """What the plan cuts and was seen in the month before, the last seen first."""
    with lake.stage(first - BEFORE, first) as stage:
        rows = rows_of(stage.judge(force).violations)
    return sorted(rows, key=lambda row: row["last_seen"], reverse=True)


def _records(lake: Lake, found: Iterable[Crossing], start: datetime) -> dict[Key, tuple[Evidence, ...]]:
    """Records of the first connections that escaped."""
    names: dict[Key, list[Evidence]] = {}
    wanted = [one for one in found if one.came in ("escaped", "passing")][:SHOWN]
    for one in wanted:
        records = lake.flows_of(keys_of({one.key: None}), start, None, RECORDS)
        names[one.key] = [
            Evidence(
                path=row["path"],
                sha256=row["sha256"],
                row=row["row"],
                sensor=row["sensor"],
                at=row["start"],
            )
            for row in rows_of(records.flows)
        ]
    return {key: tuple(rows) for key, rows in names.items()}


def _ends(key: Key, force: Force, now: datetime) -> dict[str, Any]:
    src, dst = ends_of(key)
    inventory = force.atlas.inventory
    protocol = protocols.name(key[6])
    return {
        "src": described(inventory, *src, now)[0],
        "dst": described(inventory, *dst, now)[0],
        "service": service_label(key[6], key[7]),
        "finding": finding_id(str(src[1]), str(dst[1]), protocol, key[7], src[0], dst[0]),
    }


def _crossed(one: Crossing, force: Force, now: datetime, evidence: tuple[Evidence, ...]) -> Crossed:
    came: Came = one.came
    return Crossed(
        **_ends(one.key, force, now),
        came=came,
        protocol=protocols.name(one.key[6]),
        port=one.key[7],
        gateways=one.gateways,
        since=one.since if one.gateways else None,
        flows=one.flows,
        established=one.established,
        first=one.first,
        last=one.last,
        sensors=one.sensors,
        evidence=evidence,
        probe=probe_of(one, force.probes),
    )


def _severed(
    row: Mapping[str, Any], after: Crossing | None, force: Force, now: datetime
) -> SeveredConnection:
    return SeveredConnection(
        **_ends(key_of(row), force, now),
        last_before=row["last_seen"],
        last_after=after.last if after else None,
        came=after.came if after else None,
    )


def _note(decisions: Decisions, document: ContainmentDocument, now: datetime, by: str) -> None:
    """The answer, and connections that escaped and were not noted before."""
    with decisions.exclusive():
        store = decisions.state.plans()
        events = store.events(document.plan)
        known = {name for e in events if e.action == "escaped" for name in e.body["findings"]}
        new = [one.finding for one in document.escaped if one.finding not in known]
        body: dict[str, Any] = {"plan": document.plan, "state": current(store, document.plan).state}
        if new:
            told: dict[str, Any] = {"findings": new, "count": len(known) + len(new)}
            told["asked_for"] = sum(one.probe is not None for one in document.escaped)
            told["since"] = rfc3339(document.since) if document.since else None
            told["text"] = f"{plural(len(new), 'connection')} escaped"
            decisions.decide("plan.escaped", body | told, at=now, by=by)
        counters = {one.name: one.dropped for one in document.gateways if one.dropped is not None}
        seen = hashlib.sha256(document.model_dump_json(by_alias=True).encode()).hexdigest()
        text = f"contained: {document.contained}"
        body |= {"contained": document.contained, "dropped": counters, "seen": seen, "text": text}
        decisions.decide("plan.read_back", body, at=now, by=by)
