"""Ask a few terminals to try what a plan cuts, and what it keeps: before it is cut, and after."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from ipaddress import IPv4Address, ip_address
from itertools import islice
from typing import Any

from sekisho.app.containing.forcing import held_since
from sekisho.app.containing.gathering import collected, gather, in_force_or_not
from sekisho.app.containing.grounds import ground, plan_asked_for
from sekisho.app.containing.plans import current
from sekisho.app.containing.probe_evidence import LATELY, place_of, services
from sekisho.app.containing.probes import probes, written
from sekisho.app.containing.telling import Step
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.settings.forwarding import place
from sekisho.app.terminals import resolved
from sekisho.app.workspace import Workspace
from sekisho.audit.causes.words import plural
from sekisho.contain.force import Force, Hold
from sekisho.contain.points import Points
from sekisho.contain.probing.choosing import Agent, Choice, Service, Terms, chosen
from sekisho.contain.probing.directions import Way, directions
from sekisho.contain.probing.services import named
from sekisho.contain.proposal import Ground
from sekisho.contain.severing import End
from sekisho.errors import Refused, RequestError
from sekisho.fleet.campaigns.trying import question
from sekisho.fleet.states import exclusion
from sekisho.fleet.words import legible
from sekisho.model.findings import rfc3339
from sekisho.model.probes import Probe, ProbeDocument, Trial
from sekisho.model.protocols import TCP
from sekisho.model.sites import DEFAULT_REALM
from sekisho.model.terminals import TerminalDecision
from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.ports import covers, key, spans_of
from sekisho.restore.recontaining import must_run
from sekisho.state.plans import PlanStore

LASTS = timedelta(minutes=15)
"""How long terminals are handed a probe. One that connects to what drops its packets is away for minutes."""
POLL = 1.0
MOST_NAMED = 20
MOST_UNTRIED = 5000
"""Directions of which the ledger keeps why nobody tries them."""
LONGEST = 100
"""Characters of a terminal's name, which it says itself."""


def ask(
    workspace: Workspace,
    asked: str,
    names: Sequence[str] = (),
    *,
    now: datetime,
    by: str,
    step: Step | None = None,
) -> ProbeDocument:
    """Ask. `names` are services of a person's choice. What is asked is in the ledger before any terminal is.

    Raises Refused while terminals that were asked before may still answer, RequestError.
    """
    if len(names) > MOST_NAMED:
        raise RequestError(f"more than {MOST_NAMED} services are named", "probe several times")
    with open_decisions(workspace) as decisions:
        plan = plan_asked_for(decisions.state.plans(), asked).id
        gather(workspace, decisions, plan, now=now, by=by)
        _may(decisions, plan, now)
        on = ground(workspace, decisions, now=now, by=by)
        force, hold = in_force_or_not(decisions.state.plans(), plan, on)
        if hold is None:
            raise RequestError(force.unknown.get(plan, f"{plan} cuts nothing"), "check sites.yaml")
        choice = _choice(workspace, decisions, on, force, hold, names, step)
        with decisions.exclusive():
            store = decisions.state.plans()
            _may(decisions, plan, now)
            number = len(probes(store, plan)) + 1
            body = {"plan": plan, "state": current(store, plan).state, "number": number}
            name = _free(decisions, f"{plan} probe {number}")
            body |= _written(plan, number, name, choice, now)
            decisions.decide("plan.probe", body, at=now, by=by)
    return collected(workspace, plan, now=now, by=by)


def wait(
    workspace: Workspace,
    asked: str,
    seconds: float,
    *,
    clock: Callable[[], datetime],
    pause: Callable[[float], None],
    by: str,
    step: Step | None = None,
) -> ProbeDocument:
    """Wait until all that were asked have answered, for so long at most. Raises RequestError."""
    end = clock() + timedelta(seconds=seconds)
    with open_decisions(workspace) as decisions:
        plan = plan_asked_for(decisions.state.plans(), asked).id
        while True:
            decisions.follow()
            gather(workspace, decisions, plan, now=clock(), by=by)
            last = _last(decisions.state.plans(), plan)
            if last is None or len(last.said) >= len(last.asking):
                break
            if step is not None:
                step("terminals that answered", len(last.said), len(last.asking))
            if clock() >= min(end, last.until):
                break
            pause(POLL)
    return collected(workspace, plan, now=clock(), by=by)


def _last(store: PlanStore, plan: str) -> Probe | None:
    return next(reversed(probes(store, plan)), None)


def _may(decisions: Decisions, plan: str, now: datetime) -> None:
    store = decisions.state.plans()
    state = current(store, plan).state
    if state == "lifted":
        raise Refused(f"{plan} is lifted: it cuts nothing any more")
    last = _last(store, plan)
    ended = {e.campaign for e in decisions.state.campaigns().events() if e.action == "end"}
    if last is None or last.seq in ended:
        return
    if now < last.until and len(last.said) < len(last.asking):
        events = list(store.events(plan))
        since = held_since(plan_asked_for(store, plan), events).values()
        # Asked before the cut, it says nothing of what is after it.
        if all(at <= last.at for at in since):
            raise Refused(
                f"probe {last.number} of {plan} is on its way: {len(last.said)} of {len(last.asking)}"
                " terminals have answered",
                f"sekisho contain probe {plan} --collect; another one may be asked from"
                f" {last.until:%H:%M} UTC",
            )


def _free(decisions: Decisions, name: str) -> str:
    """The name, or one like it that no campaign has."""
    taken = {one.name for one in decisions.state.fleet().asking()}
    free = (name, *(f"{name} ({n})" for n in range(2, len(taken) + 3)))
    return next(one for one in free if one not in taken)


def _written(plan: str, number: int, name: str, choice: Choice, now: datetime) -> dict[str, Any]:
    asking = choice.asking
    questions = {f"try_{n}": one for n, one in enumerate(asking)}
    tries = sum(len(one.cut) for one in asking)
    untried: dict[str, list[Way]] = {}
    for way, why in islice(choice.untried.items(), MOST_UNTRIED):
        untried.setdefault(why, []).append(way)
    return {
        "name": name,
        "why": f"probe {number} of {plan}",
        "until": rfc3339(now + LASTS),
        "queries": {name: question(one.trials) for name, one in questions.items()},
        "only": {name: [str(one.node)] for name, one in questions.items()},
        "asking": [written(one, name) for name, one in questions.items()],
        "untried": [{"why": why, "ways": list(map(list, ways))} for why, ways in untried.items()],
        "unpermitted": list(choice.unpermitted),
        "text": f"probe {number}: {plural(len(asking), 'terminal')} asked to try"
        f" {plural(tries, 'connection')} that it cuts",
    }


def _choice(
    workspace: Workspace,
    decisions: Decisions,
    on: Ground,
    force: Force,
    hold: Hold,
    names: Sequence[str],
    step: Step | None,
) -> Choice:
    inventory, now = on.inventory, on.now
    # What answered since the cut is not what it cuts.
    end = min(hold.since.values(), default=now)
    found = services(workspace, force, hold, end, step)
    proven = frozenset(
        (said.node, trial)
        for probe in probes(decisions.state.plans(), hold.plan)
        for said in probe.said.values()
        for trial in said.came
    )
    seen = {one.trial: one for one in found}
    # What answered a probe once is tried again, also when the flows of that time are gone.
    found += [_named(force, trial) for trial in sorted({t for _, t in proven} - set(seen))]
    trials = dict.fromkeys(named(text, inventory) for text in names)
    given = [seen.get(trial) or _named(force, trial) for trial in trials]
    minutes = workspace.settings(os.environ).settings.fleet.service.offline_minutes
    agents = _agents(decisions, force, now - timedelta(minutes=minutes), now)
    of = cache(lambda end: force.atlas.class_of(*end))
    terms = Terms(
        cut=lambda a, b, port: hold.cutting.cut(of(a), of(b), TCP, port),
        kept=lambda a, b, port: not force.cut(of(a), of(b), TCP, port),
        permitted=_permitted(on),
        off=_off(on.points, force),
        resting=must_run(inventory, now),
        proven=proven,
        own=_own(workspace),
        lately=f"in the {LATELY.days} days before",
        heard=f"in the last {minutes:g} minutes",
    )
    return chosen(directions(hold.severed, force.atlas), agents, found, given, terms)


def _named(force: Force, trial: Trial) -> Service:
    address = ip_address(trial.address)
    return Service(trial, (DEFAULT_REALM, address), place_of(force, address))


def _agents(decisions: Decisions, force: Force, fresh: datetime, now: datetime) -> list[Agent]:
    """Terminals that were heard since, the last heard first; those that nobody checks are asked nothing."""
    nodes = [n for n in decisions.state.nodes().nodes() if n.seen >= fresh]
    decided: dict[str, list[TerminalDecision]] = defaultdict(list)
    for one in decisions.state.fleet().decisions():
        decided[one.terminal].append(one)
    some = any(exclusion(of, now) for of in decided.values())
    known = resolved(decisions, force.atlas.inventory, now) if some else None
    found = []
    for node in sorted(nodes, key=lambda n: (n.seen, n.id), reverse=True):
        try:
            address = IPv4Address(node.address)
        except ValueError:
            continue
        home = known.match(node.who) if known is not None else None
        # Of what was merged the last decision counts, whichever of them it was about.
        of = [one for name in (home.ids if home else ()) for one in decided.get(name, ())]
        if exclusion(sorted(of, key=lambda one: one.seq), now):
            continue
        said = node.who.hostname or node.identifier or str(node.id)
        name = legible(said, LONGEST)
        where = place_of(force, address)
        found.append(Agent(node.id, name, (DEFAULT_REALM, address), where))
    return found


def _permitted(on: Ground) -> Callable[[End, End, int], bool]:
    compiled = CompiledPolicy(on.policy, on.inventory)
    fine = (Rank.AUTHORIZED, Rank.INTRA_SITE, Rank.EXTERNAL)
    return lambda a, b, port: compiled.verdict(a, b, TCP, port, on.now) in fine


def _off(points: Points, force: Force) -> Callable[[Service], bool]:
    """Whether a service is one that must never be cut, or stands where one is."""
    kept = [
        (
            force.atlas.all_selected(path.destinations),
            any(one.kind == "any" for one in path.destinations),
            spans_of(path.services),
        )
        for path in points.never_cut.values()
    ]

    def off(service: Service) -> bool:
        value = key(TCP, service.trial.port)
        return any(
            region.holds(*service.end) and (not anywhere or covers(spans, value))
            for region, anywhere, spans in kept
        )

    return off


def _own(workspace: Workspace) -> Trial | None:
    """The service for terminals itself, where the settings name its address."""
    host, port = place(workspace.settings(os.environ).settings.fleet.service.listen)
    try:
        address = IPv4Address(host)
    except ValueError:
        return None
    return None if address.is_unspecified or not port else Trial("tls", host, port)
