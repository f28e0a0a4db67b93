"""Look for new findings on links that were given back; cut them again where the workspace says so."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sekisho.app.audit import run_audit
from sekisho.app.containing.applying import BreakGlass, apply, confirm
from sekisho.app.containing.grounds import plan_asked_for, restriction_of
from sekisho.app.containing.planning import plan
from sekisho.app.containing.plans import current
from sekisho.app.containing.previewing import preview
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.register import load_register
from sekisho.app.restoring.alarming import alarm
from sekisho.app.restoring.records import Restoration, restorations
from sekisho.app.restoring.staging import Staged, staged
from sekisho.app.workspace import Workspace
from sekisho.errors import Refused, SekishoError
from sekisho.model.findings import End, Finding, rfc3339
from sekisho.model.plans import PlanDocument
from sekisho.model.restrictions import IN_FORCE, Restriction
from sekisho.restore.places import pair_of, pair_of_ends
from sekisho.restore.recontaining import Again, Sighting, again, new_on
from sekisho.restore.stages import Register
from sekisho.watch.alerts import Alert

Step = Callable[[str, int, int | None], None]
_EXCUSED = ("accepted", "false_positive")
OFF = "sekisho.toml does not say [restore] recontain: cut it by hand, `sekisho contain plan`"


def look(workspace: Workspace, *, now: datetime, by: str, step: Step | None = None) -> tuple[str, ...]:
    """Audit, and act on what is new on lifted links. Says in words what was found and done."""
    with open_decisions(workspace) as decisions:
        lifted = _anything_lifted(decisions)
    if not lifted or not workspace.lake.is_dir():
        return ()
    audited = run_audit(workspace, begin=None, end=None, now=now, by=by, step=step)
    inventory = audited.register.inventory
    sightings = [
        _sighting(one, pair_of(one, inventory, now))
        for one in audited.document.findings
        if one.life.status not in _EXCUSED
    ]
    return recontain(workspace, sightings, now=now, by=by)


def from_alerts(
    workspace: Workspace, told: Sequence[Alert], *, now: datetime, by: str
) -> tuple[str, ...]:
    """The same of what a watch just told."""
    members = [member for alert in told if alert.change != "withdrawn" for member in alert.members]
    if not members:
        return ()
    with open_decisions(workspace) as decisions:
        if not _anything_lifted(decisions):
            return ()
        inventory = load_register(workspace, decisions, now=now, by=by).inventory
    sightings = [
        Sighting(
            one.finding,
            one.verdict,
            pair_of_ends((one.src, one.dst), inventory, now),
            one.last_seen,
            _words(one.finding, one.src, one.dst, one.service),
        )
        for one in members
    ]
    return recontain(workspace, sightings, now=now, by=by)


def recontain(
    workspace: Workspace, sightings: Iterable[Sighting], *, now: datetime, by: str
) -> tuple[str, ...]:
    """Act on what is new on lifted links: an alert in every case, and the cut where it is allowed.

    Each finding is told once, and again when it is seen again after that.
    """
    found = list(sightings)
    said: list[str] = []
    with open_decisions(workspace) as decisions:
        loaded = load_register(workspace, decisions, now=now, by=by)
        register = Register(loaded.inventory, loaded.policy, now)
        plans = decisions.state.plans()
        todo: list[tuple[Restoration, Staged, str, Restriction, list[Sighting]]] = []
        for one in restorations(decisions.state.restorations()):
            for stage in staged(one, plans, register):
                if stage.lifted_at is None:
                    continue
                new = list(new_on(found, stage.pairs, stage.lifted_at, _told(one, stage.number)))
                for origin in {step.origin: None for step in stage.steps} if new else ():
                    original = restriction_of(plan_asked_for(plans, origin).body["restriction"])
                    todo.append((one, stage, origin, original, new))
    may = workspace.settings(os.environ).settings.restore.recontain
    for one, stage, origin, original, new in todo:
        said.append(
            _act(workspace, one, stage, origin, again(original, new, register), new, may, now, by)
        )
    return tuple(said)


def _act(
    workspace: Workspace,
    one: Restoration,
    stage: Staged,
    origin: str,
    cut: Again,
    new: Sequence[Sighting],
    may: bool,
    now: datetime,
    by: str,
) -> str:
    named = "; ".join(sighting.text for sighting in new[:5])
    body = {
        "restoration": one.id,
        "stage": stage.number,
        "origin": origin,
        "findings": [{"id": s.finding, "seen": rfc3339(s.last_seen)} for s in new],
    }
    key = f"restoration|{one.id}|{stage.number}|{origin}|{new[0].finding}"
    if not may or cut.restriction is None:
        spared = ", ".join(cut.spared)
        why = OFF if not may else f"{spared or 'a site there'} must run: nothing cuts it by itself"
        text = f"{cut.links} was given back by {one.id} and has new findings: {named}. {why}"
        _record(
            workspace,
            "alarm",
            {**body, "text": text},
            key,
            f"{cut.links}: not cut again",
            text,
            now,
            by,
        )
        return text
    name, kind = "", "recontain"
    try:
        document = _begun(workspace, one, stage, cut.restriction)
        if document is None:
            document = plan(workspace, _because(cut.restriction, one, named), now=now, by=by)
        name = document.id
        state = _cut(workspace, document, one, named, now, by)
        done = f"{name} is {state}"
        title = f"{cut.links} is cut again" if state == "confirmed" else f"{cut.links}: {done}"
    except SekishoError as error:
        kind, state, done = "alarm", "refused", f"it was refused: {error}"
        title = f"{cut.links}: not cut again"
    rest = f"; {', '.join(cut.spared)} must run and was spared" if cut.spared else ""
    text = f"{cut.links} was given back by {one.id} and has new findings: {named}. {done}{rest}"
    _record(
        workspace, kind, {**body, "plan": name, "state": state, "text": text}, key, title, text, now, by
    )
    return text


def _cut(
    workspace: Workspace,
    document: PlanDocument,
    one: Restoration,
    named: str,
    now: datetime,
    by: str,
) -> str:
    """Have a plan cut it again, and give the plan's state. A fresh session to each gateway confirms it: what
    cannot be reached any more takes it back by itself."""
    keys = workspace.settings(os.environ).settings.restore.keys
    if document.state in IN_FORCE - {"partial", "applied"}:
        raise Refused(f"{document.id} cuts it already, and it is seen all the same")
    if document.state not in ("partial", "applied"):
        preview(workspace, document.id, now=now, by=by)
    if document.state != "applied":
        why = f"[restore] recontain, {one.id}: {named}"[:1000]
        document = apply(workspace, document.id, now=now, by=by, keys=keys, break_glass=BreakGlass(why))
    if any(gateway.state == "applied" for gateway in document.gateways):
        document = confirm(workspace, document.id, now=now, by=by, keys=keys)
    return document.state


def _begun(
    workspace: Workspace, one: Restoration, stage: Staged, restriction: Restriction
) -> PlanDocument | None:
    """The latest plan that was drafted to cut the same again, also one that was refused then; None where it
    was lifted since."""
    told = (*one.said("recontain", stage.number), *one.said("alarm", stage.number))
    names = [n for event in sorted(told, key=lambda event: event.seq) if (n := event.body.get("plan"))]
    with open_decisions(workspace) as decisions:
        plans = decisions.state.plans()
        for name in reversed(names):
            found = plan_asked_for(plans, name)
            was = restriction_of(found.body["restriction"])
            if replace(was, reason="") == replace(restriction, reason=""):
                document = current(plans, name)
                return None if document.state == "lifted" else document
    return None


def _because(restriction: Restriction, one: Restoration, named: str) -> Restriction:
    return replace(restriction, reason=f"cut again after {one.id}: {named}"[:1000])


def _record(
    workspace: Workspace,
    kind: str,
    body: dict[str, object],
    key: str,
    title: str,
    text: str,
    now: datetime,
    by: str,
) -> None:
    with open_decisions(workspace) as decisions, decisions.exclusive():
        decisions.decide(f"restore.{kind}", body, at=now, by=by)
        alarm(workspace, decisions, key, title, text, now=now)


def _anything_lifted(decisions: Decisions) -> bool:
    """Whether a restoration ever lifted anything: else there is nothing to look at."""
    return any(event.action == "lift" for event in decisions.state.restorations().events())


def _told(one: Restoration, stage: int) -> dict[str, datetime]:
    """Until when each finding of a stage was told."""
    found: dict[str, datetime] = {}
    for event in (*one.said("alarm", stage), *one.said("recontain", stage)):
        for finding in event.body["findings"]:
            seen = datetime.fromisoformat(finding["seen"])
            found[finding["id"]] = max(seen, found.get(finding["id"], seen))
    return found


def _sighting(one: Finding, pair: frozenset[str]) -> Sighting:
    return Sighting(
        one.id, one.verdict, pair, one.last_seen, _words(one.id, one.src, one.dst, one.service)
    )


def _words(finding: str, src: End, dst: End, service: str) -> str:
    return f"{finding} {src.address} -> {dst.address} {service}"
