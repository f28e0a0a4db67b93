"""Open one severed flow for a while: seen first, approved, told to the gateways, and closed by them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sekisho.app.containing.approving import people
from sekisho.app.containing.grounds import ground, states_of
from sekisho.app.containing.telling import Step, deliverers, each
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.workspace import Workspace
from sekisho.contain.approvals import Approval, holding, missing, signed_by
from sekisho.contain.backends.nftables import exempted
from sekisho.contain.exemptions import Exemption, Opened, exempts, open_up
from sekisho.contain.gateways.base import Deliverer, Outcome
from sekisho.contain.platforms import Delivery
from sekisho.contain.points import Gateway
from sekisho.contain.proposal import Ground
from sekisho.errors import RequestError
from sekisho.model.findings import rfc3339
from sekisho.model.plans import ExemptGateway, ExemptionDocument, ExemptionsDocument, SeenFlow
from sekisho.state.plans import PlanStore

LONGEST = timedelta(days=30)
ID = "X"
"""What is signed names every exemption so: its hash says which."""


def exempt(
    workspace: Workspace,
    sentence: str,
    until: datetime,
    *,
    reason: str,
    signatures: Sequence[str] = (),
    now: datetime,
    by: str,
    keys: Sequence[str] = (),
    step: Step | None = None,
) -> ExemptionDocument:
    """Show what an exemption opens; with enough signatures over its hash open it.

    Raises RequestError for a sentence that nothing in force cuts or a time that is past or too far,
    Refused for a signature of somebody who may not approve.
    """
    if not now < until <= now + LONGEST:
        raise RequestError("an exemption ends in the future, within 30 days", "--until 2h")
    if not reason.strip():
        raise RequestError("an exemption needs a reason", "--reason")
    known = people(workspace)
    needed = workspace.settings(os.environ).settings.contain.approvals
    with open_decisions(workspace) as decisions:
        on = ground(workspace, decisions, now=now, by=by)
        with decisions.exclusive():
            store = decisions.state.plans()
            number = len({one["id"] for one in _bodies(store)}) + 1
            wanted = Exemption(f"{ID}-{number}", sentence, until, reason.strip())
            opened = open_up(wanted, on)
            if any(one.get("hash") == opened.hash for one in _bodies(store)):
                # Its approvals were given for one opening: closed before its time, it stays closed.
                raise RequestError(
                    "just this was opened already", "give another --until, and approve it anew"
                )
            given = [_approval(one, opened, now, known) for one in signatures]
            held = holding(given, "exempt", opened.hash, known)
            lacks = missing(held, needed)
            # Whoever cuts a link loads this file too, and must not wait for what reads the lake.
            from sekisho.app.containing.exempt_evidence import seen_in_a_year

            seen = seen_in_a_year(workspace, opened, now)
            if lacks:
                return _document(wanted, opened, "draft", seen, needs=lacks)
            body = {
                "id": wanted.name,
                "sentence": opened.path.text,
                "until": rfc3339(until),
                "reason": wanted.reason,
                "hash": opened.hash,
                "by": [one.person for one in held],
                "signatures": list(signatures),
            }
            _note(decisions, opened.pierced, body, f"{wanted.name} opens {opened.path.text}", now, by)
        outcomes = retell(decisions, on, opened.gateways, deliverers(keys), now, step)
        text = (
            ", ".join(f"{name} {one.state}" for name, one in outcomes.items()) or "no gateway was told"
        )
        with decisions.exclusive():
            _note(decisions, opened.pierced[:1], {"id": wanted.name, "told": text}, text, now, by)
    return _document(wanted, opened, "open", seen, outcomes=outcomes)


def close(
    workspace: Workspace,
    name: str,
    *,
    why: str,
    now: datetime,
    by: str,
    keys: Sequence[str] = (),
    step: Step | None = None,
) -> ExemptionsDocument:
    """Close an exemption before its time. Raises RequestError where it is not open."""
    with open_decisions(workspace) as decisions:
        on = ground(workspace, decisions, now=now, by=by)
        with decisions.exclusive():
            store = decisions.state.plans()
            wanted = next((one for one in active(store, now) if one.name == name.upper()), None)
            if wanted is None:
                raise RequestError(f"{name} is not open", "see `sekisho contain exemptions`")
            plans = [plan for plan, body in _events(store) if body["id"] == wanted.name]
            closing = {"id": wanted.name, "closed": True}
            _note(decisions, dict.fromkeys(plans), closing, f"{wanted.name} is closed: {why}", now, by)
        retell(decisions, on, on.points.gateways, deliverers(keys), now, step)
    return listed(workspace, now=now)


def listed(workspace: Workspace, *, now: datetime) -> ExemptionsDocument:
    """Those that are open."""
    with open_decisions(workspace) as decisions:
        found = active(decisions.state.plans(), now)
    return ExemptionsDocument(
        exemptions=tuple(
            ExemptionDocument(
                id=one.name, state="open", sentence=one.sentence, until=one.until, reason=one.reason
            )
            for one in found
        )
    )


def retell(
    decisions: Decisions,
    on: Ground,
    gateways: Iterable[str],
    ways: Mapping[Delivery, Deliverer],
    now: datetime,
    step: Step | None,
) -> dict[str, Outcome]:
    """Tell gateways all that is exempt now. Those that others tell are told nothing, and say so."""
    open_ = exempts(active(decisions.state.plans(), now), on)
    known = [on.points.gateways[name] for name in gateways if name in on.points.gateways]

    async def act(gateway: Gateway) -> Outcome:
        way = ways.get(gateway.deliver)
        if way is None or gateway.platform != "nftables":
            return Outcome("pending", "it is told by others: open the flow there by hand, and close it")
        return await way.exempt(gateway, exempted(open_, gateway.realm, now))

    return each(known, act, what="exempt", step=step)


def active(store: PlanStore, now: datetime) -> tuple[Exemption, ...]:
    """The exemptions that are open at `now`."""
    found: dict[str, Exemption] = {}
    for body in _bodies(store):
        if "sentence" in body:
            until = datetime.fromisoformat(body["until"])
            found[body["id"]] = Exemption(body["id"], body["sentence"], until, body["reason"])
        elif body.get("closed"):
            found.pop(body["id"], None)
    return tuple(one for one in found.values() if one.until > now)


def _bodies(store: PlanStore) -> list[dict[str, Any]]:
    return [body for _, body in _events(store)]


def _events(store: PlanStore) -> list[tuple[str, dict[str, Any]]]:
    return [(e.plan, e.body["exempt"]) for e in store.events() if e.action == "exempt"]


def _approval(signature: str, opened: Opened, now: datetime, known: Any) -> Approval:
    person, key_ = signed_by(signature, ID, "exempt", opened.hash, known)
    return Approval(person.name, "exempt", opened.hash, key_.fingerprint, now)


def _note(
    decisions: Decisions,
    plans: Iterable[str],
    body: Mapping[str, Any],
    text: str,
    now: datetime,
    by: str,
) -> None:
    states = states_of(decisions.state.plans())
    for plan in plans:
        entry = {"plan": plan, "state": states[plan], "text": text, "exempt": dict(body)}
        decisions.decide("plan.exempt", entry, at=now, by=by)


def _document(
    wanted: Exemption,
    opened: Opened,
    state: str,
    seen: tuple[SeenFlow, ...],
    *,
    needs: str | None = None,
    outcomes: Mapping[str, Outcome] | None = None,
) -> ExemptionDocument:
    told = outcomes or {}
    return ExemptionDocument.model_validate(
        {
            "id": wanted.name if state == "open" else None,
            "state": state,
            "sentence": opened.path.text,
            "until": wanted.until,
            "reason": wanted.reason,
            "hash": opened.hash,
            "plans": opened.pierced,
            "gateways": tuple(
                ExemptGateway(
                    name=name,
                    state=told[name].state if name in told else "pending",
                    why=told[name].why if name in told else None,
                )
                for name in opened.gateways
            ),
            "seen": seen,
            "needs": needs,
        }
    )
