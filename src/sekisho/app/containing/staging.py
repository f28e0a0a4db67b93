"""Tell the gateways of a plan stage by stage, and stop where the evidence does not say that it may go on.

All that was reached stands in the ledger: a run that was killed is gone on with by the same command. A stage is
confirmed only once it is known that what should go on does; else its gateways take it back by themselves.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sekisho.app.containing.alarms import sound
from sekisho.app.containing.applying import Part, apply, confirm
from sekisho.app.containing.forcing import held_since, openings
from sekisho.app.containing.grounds import ground, plan_asked_for, restriction_of
from sekisho.app.containing.plans import current
from sekisho.app.containing.telling import Step
from sekisho.app.decisions import open_decisions
from sekisho.app.wiring import open_lake, traits_of
from sekisho.app.workspace import Workspace
from sekisho.audit.causes.words import plural
from sekisho.audit.evidence import Key
from sekisho.contain.escaped import GRACE, ends_of, grace_of
from sekisho.contain.force import Enforced, Force
from sekisho.contain.soaking import Soak, Soaked, latest, soaked
from sekisho.errors import Refused, RequestError
from sekisho.model.plans import HELD, PlanDocument, PlanGateway, StageDocument, StagingDocument
from sekisho.model.services import service_label

POLL = 10.0
"""Seconds between looks at whether new evidence came."""
SHOWN = 20
Pause = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Console:
    """What a run that lasts is given: a clock (aware UTC), a way to wait, and who runs it."""

    clock: Callable[[], datetime]
    pause: Pause
    by: str
    keys: Sequence[str] = ()
    outside_window: str = ""
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class _Judged:
    """What came of a stage; `holds`: it is known that what should go on there does."""

    came: Literal["passed", "halted"]
    why: str
    seen: Mapping[str, Any] = field(default_factory=dict)
    holds: bool = False


def apply_staged(workspace: Workspace, asked: str, console: Console) -> PlanDocument:
    """Go on with a plan from the first stage that has not passed, until all have or one is halted.

    Raises Refused as `apply` does; the stage is halted then too.
    """
    while True:
        with open_decisions(workspace) as decisions:
            document = current(decisions.state.plans(), asked)
        if document.staging is None:
            raise RequestError(f"{document.id} has no stages", "sekisho contain plan … --stage SITE")
        stage = next((one for one in document.staging.stages if one.state != "passed"), None)
        if stage is None:
            return document
        document = _told(workspace, document, stage, console)
        missing = [
            _missing(g) for g in document.gateways if g.name in stage.gateways and g.state not in HELD
        ]
        if missing:
            why = f"not told: {', '.join(missing)}"
            return _write(workspace, document, stage, _Judged("halted", why), console)
        judged = _look(workspace, document, stage, console)
        if judged.holds:
            judged = _confirmed(workspace, document, stage, judged, console)
        document = _write(workspace, document, stage, judged, console)
        if judged.came == "halted":
            return document


def _missing(one: PlanGateway) -> str:
    if one.deliver == "render":
        return f"{one.name} (others tell it: note that with sekisho contain elsewhere)"
    return f"{one.name} ({one.state.replace('_', ' ')}{': ' + one.why if one.why else ''})"


def _told(
    workspace: Workspace, document: PlanDocument, stage: StageDocument, console: Console
) -> PlanDocument:
    """Tell the gateways of a stage that do not hold the plan."""
    states = {one.name: one.state for one in document.gateways}
    if all(states[name] in HELD for name in stage.gateways):
        return document
    staging = _staging(document)
    # The timer outlasts the time in which evidence is waited for, and fires where the run is gone by then.
    seconds = _rollback_after(workspace) + staging.soak + staging.patience + _grace(workspace)
    try:
        return apply(
            workspace,
            document.id,
            now=console.clock(),
            by=console.by,
            keys=console.keys,
            outside_window=console.outside_window,
            stage=Part(stage.gateways, seconds),
            step=console.step,
        )
    except Refused as error:
        if any(one.state == "passed" for one in staging.stages):
            _write(workspace, document, stage, _Judged("halted", str(error)), console)
        raise


def _look(
    workspace: Workspace, document: PlanDocument, stage: StageDocument, console: Console
) -> _Judged:
    """Wait until the evidence of a stage is in, or has not come in time, and judge it."""
    staging = _staging(document)
    soak, force = _soak(workspace, document, stage, console)
    if not workspace.lake.is_dir():
        return _Judged("halted", "nothing was ever ingested here: nobody can say what came of it")
    judged = -1
    while True:
        now = console.clock()
        with open_lake(workspace, create=False) as lake:
            file = lake.last_file()
            end = soak.window(lake)[1]
            over = now >= end + timedelta(seconds=staging.patience)
            if over or (now >= end and file != judged):
                judged = file
                lake.refresh(traits_of(force.atlas.inventory), progress=console.step)
                if over or max(latest(lake).values(), default=soak.last) >= end:
                    found = soaked(lake, force, soak)
                    if over or not found.blind:
                        return _judge(found, staging)
        console.pause(POLL)


def _soak(
    workspace: Workspace, document: PlanDocument, stage: StageDocument, console: Console
) -> tuple[Soak, Force]:
    with open_decisions(workspace) as decisions:
        store = decisions.state.plans()
        plan = plan_asked_for(store, document.id)
        since = held_since(plan, list(store.events(plan.id)))
        enforced = Enforced(plan.id, restriction_of(plan.body["restriction"]), since)
        on = ground(workspace, decisions, now=console.clock(), by=console.by)
        force = Force([enforced], on, openings(store))
    if not force.holds:
        raise Refused(f"{document.id} cannot be worked out: {'; '.join(force.unknown.values())}")
    told = [since[name] for name in stage.gateways]
    again = stage.state == "halted" and stage.at is not None and stage.at > max(told)
    # A stage that was halted and is looked at again counts from now: what stopped may have been mended.
    last = console.clock() if again else max(told)
    span = timedelta(seconds=_staging(document).soak)
    return Soak(frozenset(stage.gateways), min(told), last, span), force


def _judge(found: Soaked, staging: StagingDocument) -> _Judged:
    stopped = [_words(one) for one in found.broken[:SHOWN]]
    seen = {
        "escaped": len(found.escaped),
        "steady": found.steady,
        "broken": len(found.broken),
        "unjudged": found.unjudged,
        "stopped": stopped,
    }
    if len(found.broken) > staging.accept_broken:
        some = ", ".join(stopped[:3])
        why = (
            f"{plural(len(found.broken), 'connection')} that {'was' if len(found.broken) == 1 else 'were'}"
            f" to go on stopped, {staging.accept_broken} accepted: {some}"
        )
        return _Judged("halted", why, seen)
    known = not found.blind
    if len(found.escaped) > staging.accept_escaped:
        some = ", ".join(_words(one.key) for one in found.escaped[:3])
        why = f"{plural(len(found.escaped), 'connection')} escaped, {staging.accept_escaped} accepted: {some}"
        # Taking back what does cut would help nobody but who escaped.
        return _Judged("halted", why, seen, holds=known)
    if not known:
        return _Judged("halted", f"not known what came of it: {'; '.join(found.blind[:3])}", seen)
    return _Judged("passed", "", seen, holds=True)


def _confirmed(
    workspace: Workspace,
    document: PlanDocument,
    stage: StageDocument,
    judged: _Judged,
    console: Console,
) -> _Judged:
    """Have the gateways of a stage keep what they were told. One that took it back halts it."""
    waiting = [g.name for g in document.gateways if g.state == "applied"]
    if not waiting:
        return judged
    after = confirm(
        workspace,
        document.id,
        now=console.clock(),
        by=console.by,
        keys=console.keys,
        step=console.step,
    )
    states = {one.name: one for one in after.gateways}
    lost = [
        f"{name} ({states[name].state.replace('_', ' ')}: {states[name].why})"
        for name in stage.gateways
        if states[name].state not in ("confirmed", "elsewhere")
    ]
    if lost:
        return _Judged("halted", f"not confirmed: {', '.join(lost)}", judged.seen)
    return judged


def _write(
    workspace: Workspace,
    document: PlanDocument,
    stage: StageDocument,
    judged: _Judged,
    console: Console,
) -> PlanDocument:
    with open_decisions(workspace) as decisions, decisions.exclusive():
        now = current(decisions.state.plans(), document.id)
        stages = len(_staging(document).stages)
        where = f"stage {stage.number} of {stages} ({'; '.join(stage.sites)})"
        said = "passed" if judged.came == "passed" else f"halted: {judged.why}"
        body = {
            "plan": now.id,
            "state": now.state,
            "hash": now.hash,
            "stage": stage.number,
            "came": judged.came,
            "why": judged.why,
            "seen": dict(judged.seen),
            "text": f"{where} {said}",
        }
        decisions.decide("plan.stage", body, at=console.clock(), by=console.by)
        sound(workspace, decisions, now=console.clock())
        return current(decisions.state.plans(), document.id)


def _staging(document: PlanDocument) -> StagingDocument:
    if document.staging is None:
        raise RequestError(f"{document.id} has no stages")
    return document.staging


def _rollback_after(workspace: Workspace) -> int:
    return workspace.settings(os.environ).settings.contain.rollback_after


def _grace(workspace: Workspace) -> int:
    """Seconds that clocks are given."""
    if not workspace.lake.is_dir():
        return round(GRACE.total_seconds())
    with open_lake(workspace, create=False) as lake:
        return round(grace_of(lake.offsets()).total_seconds())


def _words(key: Key) -> str:
    (_, src), (_, dst) = ends_of(key)
    return f"{src} -> {dst} : {service_label(key[6], key[7])}"
