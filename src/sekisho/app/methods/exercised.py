"""When each look was last exercised: the last finding, alert, hunt or answer of a terminal of its sort."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from sekisho.app.checking.standing import Fleet
from sekisho.app.decisions import Decisions
from sekisho.audit.record import AuditRecord
from sekisho.intel.hunt_log import Hunted
from sekisho.intel.methods.known import Known, Look
from sekisho.intel.step_log import Worked
from sekisho.model.findings import Finding
from sekisho.model.methods import Exercise, ExerciseKind

MOST_ALERTS = 20_000
"""Of the last that were raised, those that are read."""
_KINDS: dict[str, tuple[str, ...]] = {
    "address": ("address",),
    "prefix": ("prefix",),
    "dns_query": ("domain", "url"),
    "dns_answer": ("domain", "url"),
    "sni": ("domain", "url"),
    "http_host": ("domain", "url"),
    "ja3s": ("ja3",),
}
"""Which kinds of indicators are found by which part of a record, where that has another name."""


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that was found: what sort of thing, on which service, when and where."""

    at: datetime
    kind: ExerciseKind
    text: str
    kinds: frozenset[str]
    checks: frozenset[str]
    service: str
    sites: tuple[str, ...]


def exercised(
    lists: Known, decisions: Decisions, fleet: Fleet | None, hunted: Sequence[Hunted]
) -> dict[str, Exercise]:
    """By the id of a look, when it last showed that it works."""
    signs = [*_alerts(decisions), *_findings(decisions)]
    found: dict[str, Exercise] = {}
    for look in lists.looks:
        candidates = [one for sign in signs if (one := _by(look, sign)) is not None]
        if look.where == "fleet":
            candidates += _answers(look, fleet)
        if look.where == "intel":
            candidates += _hunts(look, hunted)
        if candidates:
            found[look.id] = max(candidates, key=lambda one: one.at)
    return found


def stepped(kept: Iterable[Worked]) -> dict[str, Exercise]:
    """By technique, the last step of an incident's path by it; one of a sub-technique is one of its parent."""
    found: dict[str, Exercise] = {}
    for one in kept:
        for step in one.steps:
            made = Exercise(at=step.at, kind="incident", text=step.text, sites=step.sites)
            for name in {step.technique, step.technique.partition(".")[0]}:
                if name not in found or made.at > found[name].at:
                    found[name] = made
    return found


def never_worked_out(decisions: Decisions, kept: Iterable[Worked]) -> Iterator[str]:
    """Incidents whose steps cannot be counted, since nobody had their paths worked out."""
    known = {one.incident for one in kept}
    missing = [one.id for one in decisions.state.incidents().opened() if one.id not in known]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        yield (
            f"the paths of {', '.join(missing[:3])}{more} were not worked out yet, so their steps are not"
            f" counted: `sekisho investigate show {missing[0]}`"
        )


def _by(look: Look, sign: Sign) -> Exercise | None:
    """Whether what was found is of the sort that a look finds."""
    if look.where != "audit":
        return None
    if look.services:
        fits = sign.service in look.services and "verdict" in sign.kinds
    elif look.checks:
        fits = bool(look.checks & sign.checks) and (not look.kinds or bool(look.kinds & sign.kinds))
    else:
        fits = bool(look.kinds & sign.kinds)
    return Exercise(at=sign.at, kind=sign.kind, text=sign.text, sites=sign.sites) if fits else None


def _alerts(decisions: Decisions) -> Iterator[Sign]:
    for number, row in enumerate(decisions.state.alerts().alerts().values()):
        if number >= MOST_ALERTS:
            return
        document = json.loads(row.document)
        kinds = frozenset({"verdict", row.kind} if row.kind == "connection" else {row.kind})
        for member in document.get("members", ()):
            yield Sign(
                at=_time(member["last_seen"]),
                kind="alert",
                text=f"alert {row.id}",
                kinds=kinds,
                checks=frozenset(str(one.get("id")) for one in member.get("checks", ())),
                service=f"{member['protocol']}/{member['port']}",
                sites=_sites(member["src"].get("site"), member["dst"].get("site")),
            )


def _findings(decisions: Decisions) -> Iterator[Sign]:
    """Those of the last audit that was recorded."""
    kept = decisions.state.audits()
    content = decisions.state.content(kept[-1].document) if kept else None
    if content is None:
        return
    try:
        record = AuditRecord.model_validate_json(content)
    except ValidationError:
        # A record of another version of the program still proves what it says, but is not read for this.
        return
    for one in record.findings:
        yield _sign(one, record.name)


def _sign(one: Finding, audit: str) -> Sign:
    return Sign(
        at=one.last_seen,
        kind="finding",
        text=f"finding {one.id} of the audit {audit}",
        kinds=frozenset({one.kind, *one.also}),
        checks=frozenset(check.id for check in one.checks),
        service=f"{one.protocol}/{one.port}",
        sites=_sites(one.src.site, one.dst.site),
    )


def _answers(look: Look, fleet: Fleet | None) -> Iterator[Exercise]:
    if fleet is None:
        return
    answers = [
        (terminal.site, one)
        for terminal in fleet.resolved.terminals
        for one in fleet.answers.get(terminal.id, ())
        if one.check == look.id and one.outcome != "failed"
    ]
    if answers:
        found = sum(one.outcome == "findings" for _, one in answers)
        sites = tuple(sorted({site for site, _ in answers if site is not None}))
        text = f"answers of terminals: {len(answers):,}, with findings: {found:,}"
        yield Exercise(at=max(one.at for _, one in answers), kind="check", text=text, sites=sites)


def _hunts(look: Look, hunted: Iterable[Hunted]) -> Iterator[Exercise]:
    kinds = {kind for via in look.vias for kind in _KINDS.get(via, (via,))}
    for one in hunted:
        looked = sum(count for kind, count in one.looked.items() if kind in kinds)
        there = one.recorded if kinds & {"address", "prefix"} else one.named
        if looked and there:
            hits = sum(count for via, count in one.hits.items() if via in look.vias)
            text = f"a hunt for {looked:,} indicators, {hits:,} found"
            yield Exercise(at=one.at, kind="hunt", text=text, sites=one.sites if hits else ())


def _sites(*names: str | None) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name}))


def _time(given: Any) -> datetime:
    return datetime.fromisoformat(str(given)).astimezone(UTC)
