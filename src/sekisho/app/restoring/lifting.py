"""Lift a stage: only with every gate open or waived, and approved so; what is held on to is in force first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sekisho.app.containing.applying import apply, confirm
from sekisho.app.containing.applying import lift as lift_plan
from sekisho.app.containing.approving import people
from sekisho.app.decisions import open_decisions
from sekisho.app.restoring.approving import Waiver, needed, waive
from sekisho.app.restoring.staging import Staged, Step, next_stage
from sekisho.app.restoring.standing import (
    Standing,
    document_of,
    gate_documents,
    lacks,
    stage_hash,
    standing,
)
from sekisho.app.workspace import Workspace
from sekisho.errors import Refused
from sekisho.model.plans import PlanDocument
from sekisho.model.restorations import RestorationDocument

Progress = Callable[[str, int, int | None], None]
_HELD = ("confirmed", "applied_elsewhere")


def lift(
    workspace: Workspace,
    asked: str,
    *,
    waivers: Sequence[Waiver] = (),
    now: datetime,
    by: str,
    keys: Sequence[str] = (),
    step: Progress | None = None,
) -> RestorationDocument:
    """Lift the next stage. Gateways take it back by themselves until its plans are confirmed.

    Raises Refused while a gate is closed or not known and nobody waived it, and where not enough people
    approved the stage with its waivers; a plan that holds the rest and is not held by every gateway stops it
    before anything is given back.
    """
    stands = standing(workspace, asked, now=now, by=by, step=step)
    stage = next_stage(stands.stages, stands.restoration)
    if stage.under_way:
        raise Refused(
            f"stage {stage.number} waits to be confirmed",
            "; ".join(f"sekisho contain confirm {one.lifts.id}" for one in stage.steps),
        )
    if waivers:
        waive(workspace, stands, waivers, now=now, by=by)
        stands = standing(workspace, asked, now=now, by=by, step=step)
    _check_gates(stands, stage)
    _check_approved(workspace, stands, stage)
    _begin(workspace, stands, stage, now, by)
    for one in stage.steps:
        if not one.done:
            _hold(workspace, one, now, by, keys, step)
    for one in stage.steps:
        if not one.done:
            lift_plan(workspace, one.lifts.id, now=now, by=by, keys=keys, step=step)
    return document_of(workspace, standing(workspace, asked, now=now, by=by, step=step), now)


def _check_gates(stands: Standing, stage: Staged) -> None:
    closed = [gate for gate in gate_documents(stands) if not gate.passes]
    if closed:
        raise Refused(
            "\n".join(f"the gate {gate.name} is {gate.state}: {gate.why}" for gate in closed),
            f"stage {stage.number} of {stands.restoration.id} was not lifted;"
            " --waive GATE --why 'in words' passes one, with approval",
        )


def _check_approved(workspace: Workspace, stands: Standing, stage: Staged) -> None:
    known = people(workspace)
    with open_decisions(workspace) as decisions:
        missing = list(
            lacks(
                stands.restoration,
                stage,
                stands.known.rules,
                decisions.state.plans(),
                known,
                needed(workspace),
            )
        )
    if missing:
        raise Refused("\n".join(missing), f"sekisho restore approve {stands.restoration.id}")


def _begin(workspace: Workspace, stands: Standing, stage: Staged, now: datetime, by: str) -> None:
    body = {
        "restoration": stands.restoration.id,
        "stage": stage.number,
        "hash": stage_hash(stands.restoration, stage, stands.known.rules),
        "gates": [
            {
                "gate": gate.name,
                "state": gate.state,
                "why": gate.why,
                "demands": gate.demands,
                "waived": gate.waived is not None,
            }
            for gate in gate_documents(stands)
        ],
        "text": f"stage {stage.number} begins: {'; '.join(stage.words)}",
    }
    with open_decisions(workspace) as decisions, decisions.exclusive():
        decisions.decide("restore.lift", body, at=now, by=by)


def _hold(
    workspace: Workspace,
    one: Step,
    now: datetime,
    by: str,
    keys: Sequence[str],
    step: Progress | None,
) -> None:
    """Have what is left held by every gateway before the rest is given back."""
    if one.left is None or one.instead is None or not one.instead.gateways:
        return
    document: PlanDocument = one.instead
    others = [g.name for g in document.gateways if g.deliver == "render" and g.state != "elsewhere"]
    if document.state not in _HELD:
        if others:
            raise Refused(
                f"{document.id} holds what is left, and {', '.join(others)} are told by others",
                f"sekisho contain elsewhere {document.id} GATEWAY --why '…', then again",
            )
        if document.state != "applied":
            document = apply(workspace, document.id, now=now, by=by, keys=keys, step=step)
        if document.state == "applied":
            document = confirm(workspace, document.id, now=now, by=by, keys=keys, step=step)
    if document.state not in _HELD:
        why = [f"{g.name} ({g.state}): {g.why}" for g in document.gateways if g.state not in _DONE]
        raise Refused(
            f"{document.id}, which holds what is left, is {document.state}: nothing was given back\n"
            + "\n".join(why),
            f"sekisho contain status; then sekisho contain apply {document.id}",
        )


_DONE = ("confirmed", "elsewhere")
