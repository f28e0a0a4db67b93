"""Preview a plan on the evidence, and write down that it was seen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sekisho.app.containing.grounds import ground_of, plan_asked_for, restriction_of
from sekisho.app.containing.planning import refuse, told
from sekisho.app.containing.plans import current
from sekisho.app.decisions import open_decisions
from sekisho.app.judging import judge_evidence
from sekisho.app.register import load_register
from sekisho.app.wiring import open_lake, traits_of
from sekisho.app.workspace import Workspace
from sekisho.audit.evidence import KEYS, coverage_of, rows_of
from sekisho.audit.sight import Sight
from sekisho.contain.contained import able_between, severed_pairs
from sekisho.contain.cutting import Cutting, Going
from sekisho.contain.preview import Preview, felt, shares
from sekisho.contain.proposal import Proposal, propose
from sekisho.errors import Refused
from sekisho.model.findings import Finding
from sekisho.model.previews import PreviewDocument
from sekisho.policy.compile import CompiledPolicy
from sekisho.store.lake import Lake

DAYS, YEAR = 30, 365
_SHOWN = 8
Step = Callable[[str, int, int | None], None]
_AGAIN = ("draft", "previewed", "approved", "failed", "rolled_back")
"""States of a plan that may be looked at again before it is applied."""


def preview(
    workspace: Workspace,
    asked: str,
    *,
    now: datetime,
    by: str,
    days: int = DAYS,
    step: Step | None = None,
) -> PreviewDocument:
    """Work the plan out anew, show what it would have cut in the last `days` and in a year, and note in the
    ledger that it was seen so. Approvals of another hash are void by it.

    Raises Refused for a plan that is in force or over, and for one that would cut what must not be cut.
    """
    tell = step or (lambda _what, _done, _all: None)
    with open_decisions(workspace) as decisions:
        store = decisions.state.plans()
        plan = plan_asked_for(store, asked)
        before = current(store, plan.id)
        if before.state not in _AGAIN:
            raise Refused(f"{plan.id} is {before.state}: it is past its preview", "draft another plan")
        register = load_register(workspace, decisions, now=now, by=by)
        on = ground_of(workspace, decisions, register, now, without=plan.id)
    proposal = propose(plan.id, restriction_of(plan.body["restriction"]), on)
    refuse(proposal)
    document = _document(workspace, plan.id, proposal, register.compiled, now, by, days, tell)
    with open_decisions(workspace) as decisions, decisions.exclusive():
        store = decisions.state.plans()
        before = current(store, plan.id)
        kept = before.state == "approved" and before.hash == proposal.hash
        body = {
            "plan": plan.id,
            "state": "approved" if kept else "previewed",
            **told(proposal, on.points.sha256),
            "policy": on.policy.sha256,
            "inventory": on.inventory.sha256,
            "text": f"{len(document.cut):,} connections of {days} days and a year would be cut",
            "seen": hashlib.sha256(document.model_dump_json(by_alias=True).encode()).hexdigest(),
        }
        decisions.decide("plan.preview", body, at=now, by=by)
    return document


def _document(
    workspace: Workspace,
    plan: str,
    proposal: Proposal,
    compiled: CompiledPolicy,
    now: datetime,
    by: str,
    days: int,
    step: Step,
) -> PreviewDocument:
    cutting = Cutting(proposal.severed, proposal.standing, proposal.atlas)
    rows: list[dict[str, Any]] = []
    findings: tuple[Finding, ...] = ()
    notes: list[str] = []
    end = now
    goes_on: dict[int, int] | None = None
    if workspace.lake.is_dir():
        with open_lake(workspace, create=False) as lake:
            lake.refresh(traits_of(proposal.atlas.inventory), progress=step)
            extent = coverage_of(lake, proposal.atlas.inventory, now=now).extent()
            end, notes = _until(extent, now, days)
            # Until the last of all evidence there is nothing after it: no day is cut in two for that.
            with lake.stage(_midnight(end - _long(days)), None if end == extent[1] else end) as stage:
                cut = stage.judge(cutting).violations
                rows = rows_of(cut)
                notes += [f"{one} is damaged: what it held is not in this" for one in stage.damage]
            if proposal.stages:
                goes_on = _goes_on(lake, proposal, cutting, end - timedelta(days=days), end)
        if rows:
            # Of all findings only those among what is cut are asked for: an audit finds the others.
            audited = judge_evidence(
                workspace, begin=None, end=None, now=now, by=by, step=step, of=cut.select(KEYS)
            )
            findings = audited.document.findings
            notes += [note for note in audited.document.notes if note.startswith("automation")]
    else:
        notes.append("nothing was ever ingested here: that nothing is named is no answer")
    notes += _unwatched(proposal)
    since, year = end - timedelta(days=days), _midnight(end - _long(days))
    making = Preview(proposal, compiled, cutting, now, since)
    connections = making.connections(rows)
    stopped = making.stopped(findings)
    carried = tuple(one for one in connections if one.gateways)
    return PreviewDocument.model_validate(
        {
            "plan": plan,
            "hash": proposal.hash,
            "window": {"from": since, "to": end},
            "year": {"from": year, "to": end},
            "cut": carried,
            "stopped_findings": tuple(one for one in stopped if one.gateways),
            "unenforceable": tuple(
                making.unstopped([one for one in connections if not one.gateways], stopped)
            ),
            "by_rule": tuple(shares(carried)),
            "staging": _staging(proposal, goes_on),
            "warnings": (*proposal.warnings, *felt(carried)),
            "notes": tuple(notes),
        }
    )


def _unwatched(proposal: Proposal) -> list[str]:
    """Where nobody is placed to see what is severed: nothing that is not named there is known to be quiet."""
    inventory = proposal.atlas.inventory
    sight = Sight(inventory.sensors)
    blind = [
        f"within {begin}" if begin == end else f"between {begin} and {end}"
        for begin, end in severed_pairs(proposal.severed, proposal.atlas)
        if not able_between(begin, end, inventory.sites, sight)
    ]
    if not blind:
        return []
    more = f" and in {len(blind) - _SHOWN} places more" if len(blind) > _SHOWN else ""
    places = ", ".join(blind[:_SHOWN]) + more
    return [f"no sensor sees what passes {places}: that nothing is named there is no answer"]


def _goes_on(
    lake: Lake, proposal: Proposal, cutting: Cutting, begin: datetime, end: datetime
) -> dict[int, int]:
    """How many connections pass the gateways of each stage, by its number, and stay open."""
    going = Going(cutting, [name for one in proposal.stages for name in one.gateways])
    with lake.stage(begin, end) as stage:
        found = stage.judge(going).violations.select(["src_class", "dst_class"])
    counts = dict.fromkeys((one.number for one in proposal.stages), 0)
    for row in rows_of(found.group_by(["src_class", "dst_class"]).aggregate([([], "count_all")])):
        names = set(cutting.gateways(row["src_class"], row["dst_class"]))
        for one in proposal.stages:
            if names & set(one.gateways):
                counts[one.number] += row["count_all"]
    return counts


def _staging(proposal: Proposal, goes_on: Mapping[int, int] | None) -> dict[str, Any] | None:
    staging = proposal.restriction.staging
    if staging is None:
        return None
    return {
        "soak": staging.soak,
        "patience": staging.patience,
        "accept_escaped": staging.escaped,
        "accept_broken": staging.broken,
        "stages": [
            {
                "number": one.number,
                "sites": one.sites,
                "gateways": one.gateways,
                "goes_on": None if goes_on is None else goes_on[one.number],
            }
            for one in proposal.stages
        ],
    }


def _midnight(at: datetime) -> datetime:
    """The day (UTC) is taken in whole."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _long(days: int) -> timedelta:
    return timedelta(days=max(days, YEAR))


def _until(
    extent: tuple[datetime | None, datetime | None], now: datetime, days: int
) -> tuple[datetime, list[str]]:
    """Until when evidence is looked at, and what it cannot say of jobs that run seldom."""
    first, last = extent
    if first is None or last is None:
        return now, ["there is no evidence at all: that nothing is named is no answer"]
    end = min(now, last)
    notes = []
    if first > end - _long(days):
        notes.append(
            f"evidence begins on {first:%d %B %Y}, {(end - first).days} days before its end: jobs that run"
            " less often than that are not in it"
        )
    if now - end > timedelta(days=1):
        notes.append(
            f"evidence ends on {end:%d %B %Y}: nothing was recorded since, and the windows end there"
        )
    return end, notes
