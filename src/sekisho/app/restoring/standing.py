"""Restorations as they stand: stages, the gates of the next one with their evidence, what is missing."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785

from sekisho.app.containing.approving import approvals_of, people
from sekisho.app.containing.grounds import in_force
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.restoring.evidence import MOST_SHOWN, Evidence, Known, gather, known
from sekisho.app.restoring.records import Restoration, asked_for, restorations
from sekisho.app.restoring.staging import Staged, applied_at, staged
from sekisho.app.workspace import Workspace
from sekisho.contain.approvals import Approval, Person, holding, missing
from sekisho.contain.preview import shares
from sekisho.contain.proposal import plain
from sekisho.model.restorations import (
    GateDay,
    GateDocument,
    RestorationAction,
    RestorationDocument,
    RestorationsDocument,
    StageApproval,
    StageDocument,
    StagePlan,
    StageState,
    WaiverDocument,
)
from sekisho.model.restrictions import IN_FORCE
from sekisho.restore.base import Answer, Gate
from sekisho.restore.places import text_of
from sekisho.restore.registry import GATES
from sekisho.restore.rules import RestoreRules
from sekisho.restore.stages import Opening, Register, less
from sekisho.state.plans import PlanStore
from sekisho.state.restore_records import RestoreEvent

Step = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Standing:
    """A restoration with its stages, and the gates of the first that is not lifted."""

    restoration: Restoration
    stages: tuple[Staged, ...]
    known: Known
    next: Staged | None
    evidence: Evidence | None
    answers: tuple[tuple[Gate, Answer], ...]


def standing(
    workspace: Workspace, asked: str, *, now: datetime, by: str, step: Step | None = None
) -> Standing:
    """Judge the gates of the next stage of one restoration. Raises RequestError, FileProblems."""
    with open_decisions(workspace) as decisions:
        asked_for(decisions.state.restorations(), asked)
    return _standing(workspace, asked, known(workspace, now=now, by=by, step=step), now, by)


def _standing(workspace: Workspace, asked: str, all_known: Known, now: datetime, by: str) -> Standing:
    register = Register(all_known.register.inventory, all_known.register.policy, now)
    with open_decisions(workspace) as decisions:
        one = asked_for(decisions.state.restorations(), asked)
        stages = staged(one, decisions.state.plans(), register)
    following = next((stage for stage in stages if not stage.done), None)
    if following is None or one.replaced_by is not None:
        return Standing(one, stages, all_known, None, None, ())
    evidence = gather(workspace, following, all_known, now=now, by=by)
    answers = tuple((gate, gate.judge(evidence.subject)) for gate in GATES)
    return Standing(one, stages, all_known, following, evidence, answers)


def status(
    workspace: Workspace, asked: str, *, now: datetime, by: str, step: Step | None = None
) -> RestorationDocument:
    """One restoration as it stands. Raises RequestError, FileProblems."""
    return document_of(workspace, standing(workspace, asked, now=now, by=by, step=step), now)


def listed(
    workspace: Workspace, *, now: datetime, by: str, step: Step | None = None
) -> RestorationsDocument:
    """Every restoration as it stands, the latest first."""
    with open_decisions(workspace) as decisions:
        names = [one.id for one in restorations(decisions.state.restorations())]
    if not names:
        notes = ("nothing is to be given back: `sekisho restore plan P-1` plans it",)
        return RestorationsDocument(notes=notes)
    all_known = known(workspace, now=now, by=by, step=step)
    found = (_standing(workspace, name, all_known, now, by) for name in reversed(names))
    return RestorationsDocument(restorations=tuple(document_of(workspace, one, now) for one in found))


def stage_hash(restoration: Restoration, stage: Staged, rules: RestoreRules) -> str:
    """Over all that a stage would do: the plans that it lifts, what holds the rest, what its gates ask for,
    and what is waived."""
    content: dict[str, Any] = {
        "restoration": restoration.id,
        "stage": stage.number,
        "opens": list(stage.words),
        "links": sorted(map(text_of, stage.pairs)),
        "plans": [
            {
                "lifts": step.lifts.id,
                "hash": step.lifts.hash,
                "instead": step.instead.id if step.instead else None,
                "instead_hash": step.instead.hash if step.instead else None,
                "left": plain(step.left) if step.left else None,
            }
            for step in stage.steps
        ],
        "demands": rules.of(stage.pairs).plain(),
        "waived": [
            {"gate": name, "why": event.body["why"]}
            for name, event in sorted(waivers(restoration, stage).items())
        ],
    }
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def waivers(restoration: Restoration, stage: Staged) -> Mapping[str, RestoreEvent]:
    """The latest waiver of each gate of a stage."""
    return {one.body["gate"]: one for one in restoration.said("waive", stage.number)}


def stage_name(restoration: Restoration, stage: Staged) -> str:
    """By which it is signed: `R-1-2`."""
    return f"{restoration.id}-{stage.number}"


def stage_approvals(restoration: Restoration, stage: Staged) -> tuple[Approval, ...]:
    """Every approval of a stage that was ever taken."""
    return tuple(
        Approval(one.body["person"], "lift", one.body["hash"], one.body["key"], one.at)
        for one in restoration.said("approve", stage.number)
    )


def lacks(
    restoration: Restoration,
    stage: Staged,
    rules: RestoreRules,
    plans: PlanStore,
    known_people: Mapping[str, Person],
    needed: int,
) -> Iterator[str]:
    """Which approvals are missing before a stage is lifted, in words."""
    digest = stage_hash(restoration, stage, rules)
    held = holding(stage_approvals(restoration, stage), "lift", digest, known_people)
    if lacking := missing(held, needed):
        yield f"stage {stage.number}: {lacking}"
    for step in stage.steps:
        if step.done:
            continue
        held = holding(approvals_of(plans, step.lifts.id), "lift", step.lifts.hash, known_people)
        if lacking := missing(held, needed):
            yield f"{step.lifts.id} to be lifted: {lacking}"
        if step.left is None:
            continue
        if step.instead is None:
            yield f"the plan that holds the rest of {step.lifts.id} is not drafted yet"
        elif step.instead.state not in IN_FORCE and step.instead.gateways:
            one = step.instead
            held = holding(approvals_of(plans, one.id), "apply", one.hash, known_people)
            if lacking := missing(held, needed):
                yield f"{one.id} to be applied: {lacking}"


def document_of(workspace: Workspace, stands: Standing, now: datetime) -> RestorationDocument:
    """The document of a restoration."""
    one = stands.restoration
    reopened = stands.evidence.reopened if stands.evidence else None
    connections = reopened.connections if reopened else ()
    notes = list(stands.known.notes)
    if len(connections) > MOST_SHOWN:
        notes.append(f"{len(connections) - MOST_SHOWN:,} more connections would pass again")
    with open_decisions(workspace) as decisions:
        plans = decisions.state.plans()
        began = [at for name in one.plans if (at := applied_at(plans, name))]
        stages = tuple(_stage(workspace, decisions, stands, stage, now) for stage in stands.stages)
    return RestorationDocument(
        id=one.id,
        at=one.at,
        by=one.by,
        made=now,
        plans=one.plans,
        since=min(began, default=one.at),
        reason=one.reason,
        replaced_by=one.replaced_by,
        stages=stages,
        reopens=connections[:MOST_SHOWN],
        reopens_by_rule=tuple(shares(connections)),
        reopened_findings=reopened.findings if reopened else (),
        history=tuple(
            RestorationAction(
                entry=event.seq,
                at=event.at,
                by=event.by,
                kind=event.action,
                text=event.body.get("text", ""),
            )
            for event in one.events
        ),
        notes=tuple(notes),
    )


def _stage(
    workspace: Workspace, decisions: Decisions, stands: Standing, stage: Staged, now: datetime
) -> StageDocument:
    one, plans, rules = stands.restoration, decisions.state.plans(), stands.known.rules
    known_people = people(workspace)
    needed = workspace.settings(os.environ).settings.contain.approvals
    mine = stands.next is not None and stands.next.number == stage.number
    gates = tuple(gate_documents(stands)) if mine else ()
    lacking = tuple(lacks(one, stage, rules, plans, known_people, needed)) if mine else ()
    digest = stage_hash(one, stage, rules)
    given = stage_approvals(one, stage)
    held = {approval.key for approval in holding(given, "lift", digest, known_people)}
    return StageDocument(
        number=stage.number,
        state=_state(stage, mine, all(gate.passes for gate in gates), not lacking),
        opens=stage.words,
        links=tuple(sorted(map(text_of, stage.pairs))),
        hash=digest,
        plans=tuple(
            StagePlan(
                lifts=step.lifts.id,
                state=step.lifts.state,
                hash=step.lifts.hash,
                instead=step.instead.id if step.instead else None,
                instead_state=step.instead.state if step.instead else None,
                instead_hash=step.instead.hash if step.instead else None,
                holds=step.left.sever if step.left else (),
                allow=step.left.allow if step.left else (),
            )
            for step in stage.steps
        ),
        gates=gates,
        approvals=tuple(
            StageApproval(
                by=a.person, at=a.at, key=a.key, hash=a.hash, holds=a.hash == digest and a.key in held
            )
            for a in given
        ),
        lacks=lacking,
        held_by=tuple(_held_by(plans, stands, stage, now)),
        lifted_at=stage.lifted_at,
    )


def _state(stage: Staged, mine: bool, passes: bool, approved: bool) -> StageState:
    if stage.done:
        return "recontained" if stage.recontained else "lifted"
    if stage.under_way:
        return "lifting"
    if not mine:
        return "waiting"
    if not passes:
        return "closed"
    return "approved" if approved else "ready"


def gate_documents(stands: Standing) -> Iterator[GateDocument]:
    """The gates of the next stage with their evidence and waivers."""
    if stands.next is None or stands.evidence is None:
        return
    waived = waivers(stands.restoration, stands.next)
    for gate, answer in stands.answers:
        word = waived.get(gate.name)
        yield GateDocument(
            name=gate.name,
            state=answer.verdict,
            passes=answer.verdict == "open" or word is not None,
            asks=gate.asks,
            why=answer.why,
            demands=stands.evidence.subject.demands.plain() if gate.name == "quiet" else {},
            evidence=answer.evidence,
            days=tuple(
                GateDay(
                    day=f"{day.day:%Y-%m-%d}",
                    quiet=day.quiet,
                    covered={
                        site: None if share is None else round(share, 4)
                        for site, share in day.covered.items()
                    },
                    why=day.why,
                )
                for day in answer.days
            ),
            waived=WaiverDocument(by=word.by, at=word.at, why=word.body["why"]) if word else None,
        )


def _held_by(plans: PlanStore, stands: Standing, stage: Staged, now: datetime) -> Iterable[str]:
    """Other plans in force that cut some of the same links."""
    register = Register(stands.known.register.inventory, stands.known.register.policy, now)
    own = {step.lifts.id for one in stands.stages for step in one.steps}
    own |= {step.instead.id for one in stands.stages for step in one.steps if step.instead}
    pairs = frozenset(pair for pair in stage.pairs if len(pair) > 1)
    sites = frozenset(place for pair in stage.pairs if len(pair) == 1 for place in pair)
    for name, restriction in in_force(plans).items():
        if name not in own and less(restriction, Opening(pairs, sites), register).pairs:
            yield name
