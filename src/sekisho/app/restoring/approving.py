"""Approve a stage: draft and preview what will hold the rest, then take signatures over all that it does."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from sekisho.app.containing import approving as plan_approving
from sekisho.app.containing.approving import approvals_of, people, sign
from sekisho.app.containing.planning import plan
from sekisho.app.containing.previewing import preview
from sekisho.app.decisions import open_decisions
from sekisho.app.restoring.records import asked_for
from sekisho.app.restoring.staging import Staged, next_stage
from sekisho.app.restoring.standing import (
    Standing,
    document_of,
    stage_approvals,
    stage_hash,
    stage_name,
    standing,
)
from sekisho.app.workspace import Workspace
from sekisho.contain.approvals import Deed, holding, message, signed_by
from sekisho.errors import Refused, RequestError
from sekisho.model.plans import PlanDocument
from sekisho.model.restorations import RestorationDocument
from sekisho.model.restrictions import IN_FORCE

Step = Callable[[str, int, int | None], None]
MAX_TEXT = 4_000
_SEEN = ("draft", "previewed", "approved", "failed", "rolled_back")
Waiver = tuple[str, str]
"""A gate's name, and why it need not be open."""


def prepare(
    workspace: Workspace, asked: str, *, now: datetime, by: str, step: Step | None = None
) -> Standing:
    """Draft and preview the plans that hold the rest of the next stage, unless that was done and nothing
    changed since. Raises RequestError where no stage is left, Refused while one waits to be confirmed."""
    stands = standing(workspace, asked, now=now, by=by, step=step)
    stage = next_stage(stands.stages, stands.restoration)
    if stage.under_way:
        raise Refused(
            f"stage {stage.number} of {stands.restoration.id} waits to be confirmed",
            "; ".join(f"sekisho contain confirm {one.lifts.id}" for one in stage.steps),
        )
    drafted = False
    for one in stage.steps:
        if one.left is None or one.done:
            continue
        held = one.instead
        if held is None or held.state == "lifted":
            held = plan(workspace, one.left, now=now, by=by)
            body = {
                "restoration": stands.restoration.id,
                "stage": stage.number,
                "plan": one.origin,
                "instead": held.id,
                "text": f"{held.id} holds what is left of {one.lifts.id}",
            }
            with open_decisions(workspace) as decisions, decisions.exclusive():
                decisions.decide("restore.draft", body, at=now, by=by)
        if held.state in _SEEN:
            preview(workspace, held.id, now=now, by=by, step=step)
            drafted = True
    return standing(workspace, asked, now=now, by=by, step=step) if drafted else stands


def waive(
    workspace: Workspace, stands: Standing, given: Sequence[Waiver], *, now: datetime, by: str
) -> None:
    """Write down that gates of the next stage need not be open, and why. It is approved with the stage.

    Raises RequestError for a gate that there is not, that is open, or without a reason.
    """
    stage = next_stage(stands.stages, stands.restoration)
    answers = {gate.name: answer for gate, answer in stands.answers}
    for name, why in given:
        found = next((one for gate, one in answers.items() if gate == name), None)
        if found is None:
            raise RequestError(f"there is no gate {name[:40]!r}", f"there are {', '.join(answers)}")
        if found.verdict == "open":
            raise RequestError(f"the gate {name} is open", "it needs no waiver")
        if not why.strip() or len(why) > MAX_TEXT:
            raise RequestError("a waiver says why", f"--why 'in words', at most {MAX_TEXT} characters")
    with open_decisions(workspace) as decisions, decisions.exclusive():
        known = {
            one.body["gate"]: one.body["why"]
            for one in asked_for(decisions.state.restorations(), stands.restoration.id).said(
                "waive", stage.number
            )
        }
        for name, why in given:
            if known.get(name) == why.strip():
                continue
            body = {
                "restoration": stands.restoration.id,
                "stage": stage.number,
                "gate": name,
                "why": why.strip(),
                "text": f"{name}: {why.strip()}",
            }
            decisions.decide("restore.waive", body, at=now, by=by)


def to_sign(
    workspace: Workspace, asked: str, *, now: datetime, by: str, step: Step | None = None
) -> bytes:
    """The text whose signature approves the next stage as it stands; its plans have their own."""
    stands = prepare(workspace, asked, now=now, by=by, step=step)
    return _message(stands, next_stage(stands.stages, stands.restoration))


def approve(
    workspace: Workspace,
    asked: str,
    signature: str | None,
    *,
    key: Path | None = None,
    waivers: Sequence[Waiver] = (),
    now: datetime,
    by: str,
    step: Step | None = None,
) -> RestorationDocument:
    """Take a signature over the next stage. With a key it is made here, and the stage's plans are approved
    with the same key: the ones that are lifted, and those that hold the rest.

    Raises RequestError for a signature that does not hold, Refused for somebody who may not.
    """
    stands = prepare(workspace, asked, now=now, by=by, step=step)
    if waivers:
        waive(workspace, stands, waivers, now=now, by=by)
        stands = standing(workspace, asked, now=now, by=by, step=step)
    stage = next_stage(stands.stages, stands.restoration)
    text = _message(stands, stage)
    if key is not None:
        signature = sign(key, text)
    if signature is None:
        raise RequestError("say how it is signed", "--key FILE, --signature FILE or --message")
    person = _take(workspace, stands, stage, signature, now, by)
    if key is not None:
        for one in stage.steps:
            if one.done:
                continue
            _plan(workspace, one.lifts, "lift", key, person, now, by)
            if one.instead is not None and one.instead.state not in IN_FORCE and one.instead.gateways:
                _plan(workspace, one.instead, "apply", key, person, now, by)
    return document_of(workspace, standing(workspace, asked, now=now, by=by, step=step), now)


def _message(stands: Standing, stage: Staged) -> bytes:
    digest = stage_hash(stands.restoration, stage, stands.known.rules)
    return message(stage_name(stands.restoration, stage), "lift", digest)


def _take(
    workspace: Workspace, stands: Standing, stage: Staged, signature: str, now: datetime, by: str
) -> str:
    """Write the signature down; says whose it is. A second one of the same person adds nothing."""
    known = people(workspace)
    name = stage_name(stands.restoration, stage)
    digest = stage_hash(stands.restoration, stage, stands.known.rules)
    person, key = signed_by(signature, name, "lift", digest, known)
    with open_decisions(workspace) as decisions, decisions.exclusive():
        current = asked_for(decisions.state.restorations(), stands.restoration.id)
        if stage_hash(current, stage, stands.known.rules) != digest:
            raise Refused(f"{name} was changed in the meantime", "look at it again, and sign it then")
        held = holding(stage_approvals(current, stage), "lift", digest, known)
        if any(one.person == person.name for one in held):
            return person.name
        body = {
            "restoration": stands.restoration.id,
            "stage": stage.number,
            "hash": digest,
            "person": person.name,
            "key": key.fingerprint,
            "signature": signature,
            "text": f"stage {stage.number}, by {person.name}",
        }
        decisions.decide("restore.approve", body, at=now, by=by)
    return person.name


def _plan(
    workspace: Workspace,
    document: PlanDocument,
    deed: Deed,
    key: Path,
    person: str,
    now: datetime,
    by: str,
) -> None:
    known = people(workspace)
    with open_decisions(workspace) as decisions:
        given = approvals_of(decisions.state.plans(), document.id)
    if any(one.person == person for one in holding(given, deed, document.hash, known)):
        return
    text = plan_approving.to_sign(workspace, document.id, deed)
    plan_approving.approve(workspace, document.id, deed, sign(key, text), now=now, by=by)


def needed(workspace: Workspace) -> int:
    """How many people must approve."""
    return workspace.settings(os.environ).settings.contain.approvals
