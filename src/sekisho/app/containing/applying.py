"""Apply, confirm, roll back and lift a plan: in the ledger before a gateway is told, and what came of it after.

A kill in between leaves gateways with a timer that takes back what nobody confirmed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sekisho.app.containing.alarms import sound
from sekisho.app.containing.approving import check_approved
from sekisho.app.containing.exempting import active, retell
from sekisho.app.containing.grounds import ground, plan_asked_for, restriction_of
from sekisho.app.containing.planning import refuse
from sekisho.app.containing.plans import current, outcome_entry
from sekisho.app.containing.telling import Step, alone, deliverers, each
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.workspace import Workspace
from sekisho.contain.gateways.base import Outcome
from sekisho.contain.points import Gateway
from sekisho.contain.proposal import Ground, Told, propose, tell
from sekisho.contain.staging import stands_at
from sekisho.contain.windows import next_open, open_now
from sekisho.errors import Refused, RequestError
from sekisho.model.plans import HELD, GatewayState, PlanDocument
from sekisho.model.restrictions import IN_FORCE


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """Applying without approvals, because waiting for them is worse. `why` is told to everybody."""

    why: str


@dataclass(frozen=True, slots=True)
class Part:
    """The gateways of a plan that are told now, by name, with the seconds after which they take it back."""

    gateways: Sequence[str]
    seconds: int


def apply(
    workspace: Workspace,
    asked: str,
    *,
    now: datetime,
    by: str,
    keys: Sequence[str] = (),
    sites: Sequence[str] = (),
    break_glass: BreakGlass | None = None,
    outside_window: str = "",
    stage: Part | None = None,
    step: Step | None = None,
) -> PlanDocument:
    """Tell every gateway of a plan that we may tell, or those at `sites` alone. Those told already are left
    alone. `outside_window` is why it cannot wait until their windows open.

    Raises Refused for a plan that was not seen as it is now, or not approved so; for one that would cut
    what must not be cut, or that a platform has no words for: then no gateway is told. A plan in stages is
    told one `stage` at a time.
    """
    with alone(workspace), open_decisions(workspace) as decisions:
        plan = plan_asked_for(decisions.state.plans(), asked)
        on = ground(workspace, decisions, now=now, by=by, without=plan.id)
        proposal = propose(plan.id, restriction_of(plan.body["restriction"]), on)
        refuse(proposal)
        with decisions.exclusive():
            store = decisions.state.plans()
            document = current(store, plan.id)
            if document.state not in ("previewed", "approved", "partial", "failed"):
                raise Refused(f"{plan.id} is {document.state}: it cannot be applied")
            if document.staging is not None and stage is None:
                raise Refused(
                    f"{plan.id} is told in stages, as it was approved",
                    f"sekisho contain apply {plan.id}, without --site and --break-glass; or draft a plan"
                    " without stages",
                )
            if proposal.hash != document.hash:
                raise Refused(
                    f"{plan.id} would do something else than what was seen: the register, gateways.yaml or"
                    " another plan changed",
                    f"sekisho contain preview {plan.id}",
                )
            cannot = [f"{one.gateway.name}: {one.why}" for one in proposal.told if not one.rendered]
            if cannot:
                raise Refused("; ".join(cannot), "nothing was told to any gateway")
            done = {g.name for g in document.gateways if g.state in HELD}
            todo = [one for one in proposal.told if one.gateway.name not in done]
            if sites:
                todo = [one for one in todo if stands_at(one.gateway, sites, proposal.atlas)]
            if stage is not None:
                todo = [one for one in todo if one.gateway.name in stage.gateways]
            if break_glass is not None:
                _break_glass(decisions, document, break_glass, now, by)
                sound(workspace, decisions, now=now)
            else:
                check_approved(workspace, store, plan.id, "apply")
                if stage is None and todo and all(one.gateway.deliver == "render" for one in todo):
                    # Broken glass is written down all the same: whoever tells them may not wait.
                    raise Refused(
                        f"{', '.join(one.gateway.name for one in todo)}: told by others",
                        f"sekisho contain runbook {plan.id} --out FOLDER; when it is done,"
                        f" sekisho contain elsewhere {plan.id} --gateway NAME --why TICKET",
                    )
            if not outside_window.strip():
                _in_windows([one.gateway for one in todo], on, now)
            names = [one.gateway.name for one in todo]
            _begin(decisions, document, "apply", names, now, by, outside_window.strip())
        seconds = stage.seconds if stage is not None else None
        return _tell(
            workspace, decisions, on, document, "apply", todo, now, by, keys, step, plan.id, seconds
        )


def lift(
    workspace: Workspace,
    asked: str,
    *,
    now: datetime,
    by: str,
    keys: Sequence[str] = (),
    step: Step | None = None,
) -> PlanDocument:
    """Tell the gateways of a plan to hold only the others. Until it is confirmed they take the plan back
    by themselves. Raises Refused where it is not in force or not approved to be lifted."""
    with alone(workspace), open_decisions(workspace) as decisions:
        plan = plan_asked_for(decisions.state.plans(), asked)
        on = ground(workspace, decisions, now=now, by=by, without=plan.id)
        with decisions.exclusive():
            store = decisions.state.plans()
            document = current(store, plan.id)
            if document.state not in IN_FORCE:
                raise Refused(f"{plan.id} is {document.state}: there is nothing to lift")
            waiting = [g.name for g in document.gateways if g.state == "applied"]
            if waiting:
                raise Refused(
                    f"{', '.join(waiting)} wait for their confirmation",
                    f"sekisho contain confirm {plan.id}, or rollback",
                )
            check_approved(workspace, store, plan.id, "lift")
            held = [g.name for g in document.gateways if g.state in HELD]
            todo = list(tell(held, on))
            _begin(decisions, document, "lift", held, now, by)
        return _tell(
            workspace, decisions, on, document, "lift", todo, now, by, keys, step, f"{plan.id}-lift"
        )


def confirm(
    workspace: Workspace,
    asked: str,
    *,
    now: datetime,
    by: str,
    keys: Sequence[str] = (),
    step: Step | None = None,
) -> PlanDocument:
    """Confirm what was applied or lifted last: gateways keep it, over reboots too."""
    return _settle(workspace, asked, "confirm", now=now, by=by, keys=keys, step=step)


def rollback(
    workspace: Workspace,
    asked: str,
    *,
    now: datetime,
    by: str,
    why: str = "",
    keys: Sequence[str] = (),
    step: Step | None = None,
) -> PlanDocument:
    """Take back what was applied or lifted and not confirmed."""
    return _settle(workspace, asked, "rollback", now=now, by=by, why=why, keys=keys, step=step)


def elsewhere(
    workspace: Workspace, asked: str, gateways: Sequence[str], *, now: datetime, by: str, why: str
) -> PlanDocument:
    """Note that whoever changes these gateways has applied the plan there (or, while it is being lifted,
    has taken it out)."""
    if not why.strip():
        raise RequestError("say how you know", "--why, such as the ticket of the change")
    with open_decisions(workspace) as decisions, decisions.exclusive():
        store = decisions.state.plans()
        document = current(store, asked)
        unknown = sorted(set(gateways) - {g.name for g in document.gateways})
        if unknown or not gateways:
            names = ", ".join(g.name for g in document.gateways) or "none"
            raise RequestError(f"{document.id} has no gateway {', '.join(unknown)}", f"it has {names}")
        if document.state in ("draft", "rolled_back", "lifted"):
            raise Refused(
                f"{document.id} is {document.state}", f"sekisho contain preview {document.id}"
            )
        lifting = _lifting(document)
        if not lifting and not any(a.kind in ("apply", "elsewhere") for a in document.history):
            check_approved(workspace, store, document.id, "apply")
        to: GatewayState = "lifted" if lifting else "elsewhere"
        results = dict.fromkeys(gateways, Outcome(to, why.strip()))
        _note(decisions, document, "elsewhere", results, now, by, why.strip())
        return current(store, document.id)


def _settle(
    workspace: Workspace,
    asked: str,
    deed: str,
    *,
    now: datetime,
    by: str,
    keys: Sequence[str],
    step: Step | None,
    why: str = "",
) -> PlanDocument:
    with open_decisions(workspace) as decisions:
        on = ground(workspace, decisions, now=now, by=by)
        with decisions.exclusive():
            document = current(decisions.state.plans(), asked)
            lifting = _lifting(document)
            waiting = [
                g.name for g in document.gateways if g.state == ("lifting" if lifting else "applied")
            ]
            if not waiting:
                raise Refused(f"nothing of {document.id} ({document.state}) waits for confirmation")
            _begin(decisions, document, deed, waiting, now, by, why)
        name = f"{document.id}-lift" if lifting else document.id
        ways = deliverers(keys)
        gone = [one for one in waiting if one not in on.points.gateways]
        told = each(
            (on.points.gateways[one] for one in waiting if one not in gone),
            lambda gateway: getattr(ways[gateway.deliver], deed)(gateway, name),
            what=deed,
            step=step,
        )
        outcomes: dict[str, Outcome] = told | {
            one: Outcome("unreachable", "it is not in gateways.yaml any more") for one in gone
        }
        if lifting:
            outcomes = {one: _of_lift(outcome) for one, outcome in outcomes.items()}
        with decisions.exclusive():
            document = current(decisions.state.plans(), document.id)
            _note(decisions, document, deed, outcomes, now, by, why)
            sound(workspace, decisions, now=now)
            return current(decisions.state.plans(), document.id)


def _of_lift(outcome: Outcome) -> Outcome:
    """What settling a lift means for the plan: confirmed, it is gone; taken back, it is held still."""
    if outcome.state == "confirmed":
        return Outcome("lifted", outcome.why)
    if outcome.state == "rolled_back":
        return Outcome("confirmed", outcome.why or "the lifting was taken back")
    return Outcome("lifting", outcome.why)


def _tell(
    workspace: Workspace,
    decisions: Decisions,
    on: Ground,
    document: PlanDocument,
    deed: str,
    todo: Sequence[Told],
    now: datetime,
    by: str,
    keys: Sequence[str],
    step: Step | None,
    name: str,
    timer: int | None = None,
) -> PlanDocument:
    seconds = workspace.settings(os.environ).settings.contain.rollback_after if timer is None else timer
    ways = deliverers(keys)
    ours = {one.gateway.name: one for one in todo if one.gateway.deliver in ways}

    began = time.monotonic()

    async def act(gateway: Any) -> Outcome:
        rendered = ours[gateway.name].rendered
        if rendered is None:
            return Outcome("failed", ours[gateway.name].why)
        return await ways[gateway.deliver].apply(gateway, rendered.text, name, seconds)

    outcomes: dict[str, Outcome] = each(
        (one.gateway for one in ours.values()), act, what=deed, step=step
    )
    # A table that is replaced is closed to what was exempt: open it again before anybody waits for it.
    if active(decisions.state.plans(), now):
        retell(decisions, on, [n for n, o in outcomes.items() if o.state == "applied"], ways, now, None)
    if deed == "lift":
        outcomes = {
            one: Outcome("lifting", outcome.why)
            if outcome.state == "applied"
            else Outcome("confirmed", outcome.why)
            for one, outcome in outcomes.items()
        }
    with decisions.exclusive():
        document = current(decisions.state.plans(), document.id)
        # What passes a gateway after that has escaped: it counts from when the last of them was told.
        told = now + timedelta(seconds=time.monotonic() - began)
        _note(decisions, document, deed, outcomes, told, by, "")
        return current(decisions.state.plans(), document.id)


def _in_windows(gateways: Sequence[Gateway], on: Ground, now: datetime) -> None:
    """Raise Refused for gateways that may not be changed now."""
    shut = []
    for gateway in gateways:
        site = on.inventory.place(gateway.realm, gateway.address, now).site
        zone = on.inventory.sites[site].timezone if site else "UTC"
        if gateway.deliver != "render" and not open_now(gateway.windows, zone, now):
            opens = next_open(gateway.windows, zone, now)
            shut.append(f"{gateway.name} may be changed next on {opens:%A %d %B %H:%M %Z}")
    if shut:
        raise Refused("; ".join(shut), "say why it cannot wait: --outside-window WHY")


def _begin(
    decisions: Decisions,
    document: PlanDocument,
    deed: str,
    gateways: Sequence[str],
    now: datetime,
    by: str,
    why: str = "",
) -> None:
    text = f"begins: {', '.join(gateways) or 'no gateway'}" + (f"; {why}" if why else "")
    body = {"plan": document.id, "state": document.state, "hash": document.hash, "text": text}
    decisions.decide(f"plan.{deed}", {**body, "begins": True, "why": why}, at=now, by=by)


def _note(
    decisions: Decisions,
    document: PlanDocument,
    deed: str,
    outcomes: Mapping[str, Outcome],
    now: datetime,
    by: str,
    why: str,
) -> None:
    counts: dict[str, int] = {}
    for outcome in outcomes.values():
        counts[outcome.state] = counts.get(outcome.state, 0) + 1
    text = (
        ", ".join(f"{count} {word}" for word, count in sorted(counts.items())) or "no gateway was told"
    )
    body = outcome_entry(document, outcomes, f"{text}; {why}" if why else text)
    decisions.decide(f"plan.{deed}", body, at=now, by=by)


def _break_glass(
    decisions: Decisions, document: PlanDocument, glass: BreakGlass, now: datetime, by: str
) -> None:
    if not glass.why.strip():
        raise RequestError("breaking the glass needs a reason", '--break-glass "why"')
    body = {
        "plan": document.id,
        "state": document.state,
        "hash": document.hash,
        "text": glass.why.strip(),
    }
    decisions.decide("plan.breakglass", body, at=now, by=by)


def _lifting(document: PlanDocument) -> bool:
    """Whether the last thing that was told is that the plan be lifted."""
    if any(g.state == "lifting" for g in document.gateways):
        return True
    deeds = [a.kind for a in document.history if a.kind in ("apply", "lift", "confirm", "rollback")]
    return bool(deeds) and deeds[-1] == "lift"
