"""Collect what terminals answered to probes: from the lake's results into the ledger, each once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sekisho.app.containing.alarms import sound
from sekisho.app.containing.forcing import enforced, openings
from sekisho.app.containing.grounds import ground, plan_asked_for, restriction_of
from sekisho.app.containing.plans import current
from sekisho.app.containing.probes import answer, attempts, document, probed, probes
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.workspace import Workspace
from sekisho.audit.causes.words import plural
from sekisho.audit.evidence import rows_of
from sekisho.contain.force import Enforced, Force, Hold
from sekisho.contain.proposal import Ground
from sekisho.fleet.campaigns.trying import came
from sekisho.fleet.words import legible
from sekisho.model.gateways import ProbedPlan
from sekisho.model.probes import Probe, Probed, ProbeDocument, Said
from sekisho.state.nodes import NodeStore
from sekisho.state.plans import PlanStore
from sekisho.store.layout import Layout
from sekisho.store.results import answers_to

LATE, FORGET = timedelta(days=1), timedelta(days=30)
"""How long after its end answers to a probe may come, and may be collected."""
LONGEST = 300


def collected(workspace: Workspace, asked: str, *, now: datetime, by: str) -> ProbeDocument:
    """Take in what was answered since, and say what the probes of a plan come to. Raises RequestError."""
    with open_decisions(workspace) as decisions:
        plan = plan_asked_for(decisions.state.plans(), asked).id
        gather(workspace, decisions, plan, now=now, by=by)
        store = decisions.state.plans()
        force, hold = in_force_or_not(store, plan, ground(workspace, decisions, now=now, by=by))
        return document(plan, probes(store, plan), force, hold, now)


def gather(workspace: Workspace, decisions: Decisions, plan: str, *, now: datetime, by: str) -> bool:
    """Write down what terminals answered and nobody noted; whether there was anything.

    That an answer came across what a plan cuts is told to everybody. Raises FileProblems.
    """
    if not (new := _new(workspace, decisions, plan, now)):
        return False
    on = ground(workspace, decisions, now=now, by=by)
    force, hold = in_force_or_not(decisions.state.plans(), plan, on)
    with decisions.exclusive():
        store = decisions.state.plans()
        state = current(store, plan).state
        for probe in probes(store, plan):
            said = [one for one in new.get(probe.seq, ()) if one.node not in probe.said]
            if not said:
                continue
            fresh = replace(probe, said={one.node: one for one in said})
            crossed = [one for one in attempts([fresh], force, hold) if one.crossed] if hold else []
            reached = [f"{one.hostname} -> {one.trial.asked}" for one in crossed]
            text = (
                f"probe {probe.number}: {len(said)} of {plural(len(probe.asking), 'terminal')} answered"
            )
            body = {
                "plan": plan,
                "state": state,
                "probe": probe.seq,
                "said": [answer(one) for one in said],
                "reached": reached,
                "text": f"{text}; reached: {', '.join(reached[:5])}" if reached else text,
            }
            decisions.decide("plan.probed", body, at=now, by=by)
        sound(workspace, decisions, now=now)
    return True


def probed_of(store: PlanStore, plan: str, on: Ground) -> tuple[Probed, ...]:
    """What probes of a plan come to, by what was collected; nothing where nobody was ever asked."""
    if not (found := probes(store, plan)):
        return ()
    force, hold = in_force_or_not(store, plan, on)
    return probed(found, force, hold, on.now) if hold else ()


def probed_plans(store: PlanStore, on: Ground) -> tuple[ProbedPlan, ...]:
    """The same of all plans in force that terminals were asked to try."""
    found: dict[str, list[Probe]] = defaultdict(list)
    for one in probes(store):
        found[one.plan].append(one)
    if not found:
        return ()
    force = Force(enforced(store), on, openings(store))
    return tuple(
        ProbedPlan(plan=hold.plan, probed=probed(found[hold.plan], force, hold, on.now))
        for hold in force.holds
        if hold.plan in found
    )


def in_force_or_not(store: PlanStore, plan: str, on: Ground) -> tuple[Force, Hold | None]:
    """A plan worked out beside all that are in force, whether or not it is; None where its names mean nothing
    any more."""
    held = list(enforced(store))
    if all(one.plan != plan for one in held):
        restriction = restriction_of(plan_asked_for(store, plan).body["restriction"])
        held.append(Enforced(plan, restriction, {}))
    force = Force(held, on, openings(store))
    return force, next((one for one in force.holds if one.plan == plan), None)


def _new(workspace: Workspace, decisions: Decisions, plan: str, now: datetime) -> dict[int, list[Said]]:
    found: dict[int, list[Said]] = {}
    for probe in probes(decisions.state.plans(), plan):
        if len(probe.said) >= len(probe.asking) or now > probe.until + FORGET:
            continue
        said = [
            one
            for one in _answers(workspace, decisions.state.nodes(), probe)
            if one.node not in probe.said
        ]
        if said:
            found[probe.seq] = said
    return found


def _answers(workspace: Workspace, nodes: NodeStore, probe: Probe) -> list[Said]:
    folder = Layout(workspace.lake).results
    # A file of a day bears the time of its first rows.
    first, last = (at.astimezone(UTC).date() for at in (probe.at, probe.until + LATE))
    for again in (True, False):
        paths = [lot.path for lot in nodes.lots() if first <= lot.at.astimezone(UTC).date() <= last]
        try:
            rows = rows_of(answers_to(folder, paths, probe.seq))
            break
        except FileNotFoundError:
            # It was merged into another meanwhile.
            if not again:
                raise
    by_node: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_node[row["node"]].append(row)
    asking = {one.node: one for one in probe.asking}
    found = []
    for node, own in sorted(by_node.items()):
        if node not in asking:
            continue
        failed = next((row for row in own if row["status"]), None)
        given = [dict(row["columns"]) for row in own if row["columns"] is not None]
        at = min(row["received"] for row in own)
        if failed is not None:
            text = str(failed["message"]) or f"osquery's status {failed['status']}"
            found.append(Said(node, at, failed=legible(text, LONGEST)))
        else:
            found.append(Said(node, at, came(asking[node].trials, given)))
    return found
