"""What of containment is told to everybody at once, decided from the ledger: each thing once.

The verbs ask, and each round of the watch: a kill in between loses nothing and doubles nothing, since an
alarm is named after the entry that it is about.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.app.decisions import Decisions
from sekisho.app.incidents import is_open
from sekisho.app.workspace import Workspace
from sekisho.audit.causes.words import plural
from sekisho.contain.escape_keys import alert_key, told_keys
from sekisho.model.verdicts import Severity
from sekisho.state.plan_records import DraftedPlan, PlanEvent
from sekisho.watch.alerts import TOLD, Alert, AlertKind, alert_id
from sekisho.watch.book import Book
from sekisho.watch.people import people

_BY_ITSELF = ("expired", "confirm")
"""Acts in which it turns out that a gateway took a plan back by itself."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing to be told. `over` says that it is mended: an alarm that was told is told to be. `also` are
    what the watch would tell of the same thing."""

    key: str
    severity: Severity
    title: str
    text: str
    at: datetime
    labels: Mapping[str, str]
    over: bool = False
    also: tuple[str, ...] = ()
    connections: int = 0
    kind: AlertKind = "contain"


def sound(workspace: Workspace, decisions: Decisions, *, now: datetime) -> tuple[Alert, ...]:
    """Raise what the ledger says and nobody was told; the messages wait for the workspace's sinks."""
    sinks = workspace.settings(os.environ).settings.watch.sinks
    return raise_alarms(decisions, {name: own.severity for name, own in sinks.items()}, now)


def raise_alarms(
    decisions: Decisions, sinks: Mapping[str, Severity], now: datetime
) -> tuple[Alert, ...]:
    """Raise what is not raised yet, in one transaction with the messages that wait for `sinks`."""
    state = decisions.state
    plans, incidents = state.plans(), state.incidents()
    drafted = plans.drafted()
    named = {one.body["restriction"]["incident"] for one in drafted}
    worked_on = {one for one in named if one is not None and is_open(incidents, one)}
    return tell(decisions, alarms(drafted, plans.events(), worked_on), sinks, now)


def tell(
    decisions: Decisions, found: Sequence[Alarm], sinks: Mapping[str, Severity], now: datetime
) -> tuple[Alert, ...]:
    """Raise those alarms that nobody was told, in one transaction with the messages that wait for `sinks`."""
    state = decisions.state
    store = state.alerts()
    if not _untold(found, store):
        return ()
    with store.round() as work:
        book = Book(store, work, people(state, now), sinks, now)
        for one in _untold(found, store):
            book.notice(_alert(one, now))
            work.remarked([alert_id(key) for key in one.also], now, now - TOLD)
        return tuple(book.told)


def _untold(found: Sequence[Alarm], store: Any) -> list[Alarm]:
    rows = store.alerts([alert_id(one.key) for one in found])
    left: dict[str, Alarm] = {}
    for one in found:
        row = rows.get(alert_id(one.key))
        if (row is None and not one.over) or (row is not None and one.over and row.status != "cleared"):
            left.setdefault(one.key, one)
    return list(left.values())


def alarms(
    drafted: Iterable[DraftedPlan], events: Iterable[PlanEvent], worked_on: Iterable[str]
) -> list[Alarm]:
    """All alarms of all time, in order. `worked_on` are the incidents that are open."""
    incident_of = {one.id: one.body["restriction"]["incident"] for one in drafted}
    open_ones = set(worked_on)
    found: list[Alarm] = []
    drifts: dict[str, list[Alarm]] = {}
    for event in events:
        incident = incident_of.get(event.plan)
        labels = {"kind": "contain", "plan": event.plan}
        labels |= {"incident": incident} if incident else {}
        if event.action == "breakglass":
            found.append(_breakglass(event, labels))
        elif event.action == "escaped":
            found += _escaped(event, labels)
        elif event.action == "probed":
            found += _reached(event, labels)
        elif event.action == "bypass":
            found.append(_bypass(event, labels))
        elif event.action == "stage":
            found += _halted(event, labels)
        elif event.action == "drift":
            found += _drift(event, drifts.setdefault(event.plan, []), labels)
        else:
            found += _taken_back(event, incident, incident in open_ones, labels)
    return found


def _breakglass(event: PlanEvent, labels: Mapping[str, str]) -> Alarm:
    return Alarm(
        f"contain|breakglass|{event.seq}",
        "critical",
        f"{event.plan} was applied without approvals by {event.by}",
        f"The glass was broken: {event.body.get('text', '')}",
        event.at,
        {**labels, "change": "breakglass"},
    )


def _escaped(event: PlanEvent, labels: Mapping[str, str]) -> list[Alarm]:
    """What a verification found; where the watch saw it first it was told already."""
    if event.body.get("since") is None:
        return []
    key = alert_key(event.plan, datetime.fromisoformat(event.body["since"]))
    count, names = event.body["count"], ", ".join(event.body["findings"][:5])
    asked = event.body.get("asked_for")
    ours = (
        f" Of them {asked} {'was' if asked == 1 else 'were'} asked for by our own probes, or partly so."
        if asked
        else ""
    )
    return [
        Alarm(
            key,
            "critical",
            f"{plural(count, 'connection')} escaped {event.plan}",
            f"They were established after a gateway that cuts them was told: {names}.{ours}"
            f" See `sekisho contain verify {event.plan}`.",
            event.at,
            {**labels, "change": "escaped"},
            also=tuple(told_keys(key, count)),
            connections=count,
        )
    ]


def _reached(event: PlanEvent, labels: Mapping[str, str]) -> list[Alarm]:
    """A terminal that was asked to try what is cut had an answer; once for each probe."""
    reached = event.body["reached"]
    if not reached:
        return []
    return [
        Alarm(
            f"contain|reached|{event.plan}|{event.body['probe']}",
            "critical",
            f"a probe came across what {event.plan} cuts: {reached[0]}",
            f"Our own terminals were asked to try it after the gateways were told, and had answers:"
            f" {', '.join(reached[:5])}. The cut does not hold. See `sekisho contain verify {event.plan}`.",
            event.at,
            {**labels, "change": "reached"},
            connections=len(reached),
        )
    ]


def _bypass(event: PlanEvent, labels: Mapping[str, str]) -> Alarm:
    """A plan that is lifted although a restoration's gates stood before it."""
    names = ", ".join(one["id"] for one in event.body["restorations"])
    shut = [
        f"{one['gate']} ({one['state']})"
        for gates in event.body["gates"].values()
        for one in gates
        if one["state"] != "open"
    ]
    return Alarm(
        f"contain|bypass|{event.seq}",
        "critical",
        f"{event.plan} is lifted past the gates of {names} by {event.by}",
        f"{event.body['why']}. Not open were: {', '.join(shut) or 'none'}.",
        event.at,
        {**labels, "change": "bypass"},
    )


def _halted(event: PlanEvent, labels: Mapping[str, str]) -> list[Alarm]:
    """A plan that is told site by site and stands still."""
    if event.body["came"] != "halted":
        return []
    return [
        Alarm(
            f"contain|halted|{event.seq}",
            "critical",
            f"{event.plan} is halted at stage {event.body['stage']}: no further site is told",
            f"{event.body['why']}. What is not confirmed is taken back by its gateway. See"
            f" `sekisho contain show {event.plan}`; `sekisho contain apply {event.plan}` looks again.",
            event.at,
            {**labels, "change": "halted"},
        )
    ]


def _drift(event: PlanEvent, told: list[Alarm], labels: Mapping[str, str]) -> list[Alarm]:
    """Somebody else changed tables; nothing is left of it once no gateway differs."""
    names = event.body.get("gateways", [])
    if not names:
        over = [
            Alarm(
                one.key,
                one.severity,
                f"{event.plan} is held again as it was told",
                "Every gateway that was asked holds the table as it was told.",
                event.at,
                one.labels,
                over=True,
            )
            for one in told
        ]
        told.clear()
        return over
    alarm = Alarm(
        f"contain|drift|{event.seq}",
        "critical",
        f"somebody changed what {', '.join(names)} holds of {event.plan}",
        f"The table of {', '.join(names)} is not the one that was told: nobody knows what passes. See"
        " `sekisho contain status`, and apply the plan again.",
        event.at,
        {**labels, "change": "drift"},
    )
    told.append(alarm)
    return [alarm]


def _taken_back(
    event: PlanEvent, incident: str | None, worked_on: bool, labels: Mapping[str, str]
) -> list[Alarm]:
    results = event.body.get("results", {})
    names = sorted(name for name, said in results.items() if said["state"] == "rolled_back")
    itself = event.action in _BY_ITSELF
    if not names or not (worked_on or (itself and incident is None)):
        return []
    while_open = f" while {incident} is open" if worked_on else ""
    how = "by the gateway itself, since nobody confirmed it" if itself else f"by {event.by}"
    why = event.body.get("text", "")
    return [
        Alarm(
            f"contain|rollback|{event.seq}",
            "critical" if worked_on else "high",
            f"{event.plan} was taken back at {', '.join(names)}{while_open}",
            f"It was taken back {how}: what it cut passes there again. {why}".strip(),
            event.at,
            {**labels, "change": "rollback"},
        )
    ]


def _alert(one: Alarm, now: datetime) -> Alert:
    values: dict[str, Any] = {
        "id": one.key,
        "revision": 1,
        "delivery": "",
        "change": "cleared" if one.over else "raised",
        "at": now,
        "status": "cleared" if one.over else "open",
        "kind": one.kind,
        "severity": one.severity,
        "title": one.title[:300],
        "text": one.text[:2000],
        "first_seen": one.at,
        "last_seen": one.at,
        "raised_at": now,
        "connections": one.connections,
        "labels": dict(one.labels),
    }
    return Alert.model_validate(values)
