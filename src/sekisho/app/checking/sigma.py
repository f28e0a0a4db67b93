"""Ask Sigma rules of everything that terminals' logs hold, and let the terminals answer."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sekisho.app.checking.sigma_connections import Ends, connections, left_out
from sekisho.app.checking.sigma_connections import named as connection_named
from sekisho.app.checking.sigma_standing import item, named, rule_key, standings_of
from sekisho.app.decisions import open_decisions
from sekisho.app.hunting.registry import keeper_of
from sekisho.app.terminals import resolved
from sekisho.app.wiring import open_lake, read_inventory
from sekisho.app.workspace import Workspace
from sekisho.errors import FileProblems, IntegrityError, RequestError
from sekisho.fleet.resolve import ID_LENGTH, Resolved
from sekisho.fleet.sigma.compiling import RuleSet, compile_rules
from sekisho.fleet.sigma.judging import (
    Machine,
    answers,
    machines,
    missing,
    relations_needed,
    sources_needed,
)
from sekisho.intel.detections import LEVELS, Listing, listed
from sekisho.intel.match_log import RuleMatch, note
from sekisho.model.sigma import (
    SigmaConnection,
    SigmaDocument,
    SigmaEvidence,
    SigmaFinding,
    SigmaLevel,
    SigmaRefusal,
    SigmaRulesDocument,
    SigmaTerminal,
    SigmaUnrecorded,
)
from sekisho.model.terminals import CheckAnswer, Intake, Sighting
from sekisho.store.events import Met
from sekisho.store.lake import Lake
from sekisho.store.queries.network import RELATIONS

Progress = Callable[[str, int, int | None], None]
Row = Mapping[str, Any]
MOST_WHYS = 5
"""Reasons that are told of one log source; each refused rule has its own."""
_PRUNED = "raw flows of {:,} days are pruned: rules about flows were not asked of them"
_NO_EVENTS = "no terminal's events are kept: `sekisho fleet import` or `sekisho ingest` event logs"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one asking found."""

    rules: RuleSet
    found: list[Machine]
    files: list[Row]
    met: Met
    relations: frozenset[str] = frozenset()
    """What sensors recorded of what rules look at."""
    pruned: int = 0
    """Days whose raw flows are gone, where rules look at flows."""


def run(
    workspace: Workspace,
    *,
    now: datetime,
    by: str,
    folder: Path | None = None,
    level: SigmaLevel | None = None,
    answer: bool = True,
    progress: Progress = lambda _what, _done, _all: None,
) -> SigmaDocument:
    """Ask the rules of a folder (else that of the settings) of every event; the terminals' states follow where
    `answer`. Rules that cannot be asked are in the document, each with its reason.

    Raises RequestError where there is no folder, FileProblems where a file in it is no rule.
    """
    place = _folder(workspace, folder)
    wanted = level or workspace.settings(os.environ).settings.fleet.sigma_level
    listing = _listed(place)
    rules = compile_rules(listing.rules, wanted)
    with open_lake(workspace) as lake:
        asked = _ask(lake, rules, progress)
        last_file = lake.last_file() if asked.relations else 0
    intake = _intake(listing, wanted, asked.files, last_file)
    inventory = read_inventory(workspace)
    with open_decisions(workspace) as decisions:
        known = resolved(decisions, inventory, now)
        items = {number: item(one.rule) for number, one in rules.compiled.items()}
        told = connections(asked.met, rules, Ends(inventory, known), items, asked.found)
        given = list(answers(asked.found, asked.files, rules, intake, now))
        # An asking without rules, or of nothing, is no answer.
        answered = answer and bool(rules.compiled) and bool(given)
        if answered:
            body = {
                "sha256": intake,
                "rules": len(rules.compiled),
                "level": wanted,
                "refused": len(rules.refused),
                "machines": len(given),
                "found": sum(one.outcome == "findings" for one in given),
            }
            with decisions.exclusive():
                decisions.decide("fleet.sigma", body, at=now, by=by)
                kept = Intake(intake, place.name, "sigma", now, by, len(given))
                decisions.state.fleet().take_in(kept, (), given)
    if answer and asked.relations:
        note(keeper_of(workspace).root, _noted(rules, asked.relations, told, now))
    return _document(place, wanted, listing, asked, given, known, told, answered=answered)


def rules_of(workspace: Workspace, folder: Path | None = None) -> SigmaRulesDocument:
    """The rules of a folder, whatever their level: what each needs, and on how many machines it is recorded.

    Raises RequestError, FileProblems.
    """
    place = _folder(workspace, folder)
    listing = _listed(place)
    with open_lake(workspace) as lake:
        standings = standings_of(lake, listing.rules)
    items = [one for rule in listing.rules if (one := standings.listed(rule)) is not None]
    found = len(standings.machines)
    notes = [] if found else [_NO_EVENTS]
    notes += [
        f"a file of the lake does not answer: {one.path}: {one.reason}" for one in standings.damage
    ]
    return SigmaRulesDocument(folder=str(place), rules=tuple(items), machines=found, notes=tuple(notes))


def _folder(workspace: Workspace, folder: Path | None) -> Path:
    if folder is not None:
        return folder
    said = workspace.settings(os.environ).settings.fleet.sigma
    if not said:
        raise RequestError(
            "no folder of Sigma rules is named", "--rules DIR, or fleet.sigma in sekisho.toml"
        )
    return workspace.root / said


def _listed(place: Path) -> Listing:
    listing = listed(place)
    wrong = [one for one in listing.problems if one.level == "error"]
    if wrong:
        raise FileProblems(wrong)
    if not listing.rules:
        raise RequestError(f"{place} holds no Sigma rule", "rules are files *.yml with a `detection:`")
    return listing


def _ask(lake: Lake, rules: RuleSet, progress: Progress) -> _Asked:
    rules.refuse(lake.events.refusals(rules.questions()))
    files = lake.events.files().to_pylist()
    recorded, _ = lake.events.recorded()
    silent = [one.number for one in rules.compiled.values() if one.silent]
    met = lake.events.met(rules.questions(), rules.correlations(), silent, progress)
    if met.damage:
        # What is not read must not be found clean.
        raise IntegrityError(
            f"a file of the lake does not answer: {met.damage[0].path}: {met.damage[0].reason}",
            "`sekisho store verify`, then restore the lake from a backup",
        )
    found = machines(recorded.to_pylist(), files, met.summed.to_pylist(), rules)
    relations = relations_needed(rules).values()
    on_wire = lake.events.network.recorded(relations)
    flows = any(RELATIONS[one].side == "flows" for one in relations)
    return _Asked(rules, found, files, met, on_wire, len(lake.pruned()) if flows else 0)


def _intake(listing: Listing, level: str, files: Sequence[Row], last_file: int) -> str:
    """The same rules of the same events, and of the same records of sensors, are one asking."""
    whole = hashlib.sha256(f"sigma\x1f{level}".encode())
    for rule in listing.rules:
        whole.update(f"\x1e{rule.path}\x1f{dict(rule.body)!r}".encode("utf-8", "replace"))
    for file in sorted(str(row["sha256"]) for row in files):
        whole.update(f"\x1d{file}".encode())
    if last_file:
        whole.update(f"\x1c{last_file}".encode())
    return whole.hexdigest()


def _noted(
    rules: RuleSet, on_wire: frozenset[str], told: Sequence[SigmaConnection], now: datetime
) -> Iterator[RuleMatch]:
    """Of each rule that was asked of sensors' records, the connection that it met last."""
    last: dict[str, SigmaConnection] = {}
    for one in told:
        key = rule_key(one.rule)
        if key not in last or one.last > last[key].last:
            last[key] = one
    for number, rule in rules.compiled.items():
        seen = {source.relation for q in rules.looked_at(number) for source in q.sources}
        if rule.silent or not seen & on_wire:
            continue
        key = rule_key(rule.rule)
        if (met := last.get(key)) is None:
            yield RuleMatch(rule=key, asked=now)
            continue
        sites = sorted({end.site for end in (met.src, met.dst) if end.site})
        text = f"matched {met.log} of {connection_named(met)}"
        yield RuleMatch(rule=key, asked=now, at=met.last, text=text, sites=tuple(sites))


def _document(
    place: Path,
    level: SigmaLevel,
    listing: Listing,
    asked: _Asked,
    given: Sequence[CheckAnswer],
    known: Resolved,
    told: tuple[SigmaConnection, ...],
    *,
    answered: bool,
) -> SigmaDocument:
    needed = sources_needed(asked.rules)
    evident: dict[tuple[Any, ...], list[SigmaEvidence]] = defaultdict(list)
    for row in asked.met.evident.to_pylist():
        if row["network"]:
            continue
        evident[row["rule"], row["owner"], row["terminal"]].append(_evidence(row))
    names = {one.who.id: _terminal(known, one.who) for one in asked.found}
    said = {one.who.id: one for one in given}
    findings = [
        SigmaFinding(
            rule=item(rule.rule),
            hostname=one.who.hostname or row["host"],
            terminal=names[one.who.id][0],
            site=names[one.who.id][1],
            events=row["events"],
            first=row["first"],
            last=row["last"],
            evidence=tuple(evident[row["rule"], row["owner"], row["terminal"]]),
        )
        for one in asked.found
        for rule, row in one.findings
    ]
    findings.sort(key=lambda f: (LEVELS.index(f.rule.level), f.first, f.hostname.casefold()))
    nobodys = _by_nobody(asked.rules, asked.found, asked.relations)
    unrecorded = _unrecorded(asked.rules, nobodys)
    refused = [one for one in asked.rules.refused if not one.unrecorded]
    events = sum(one.events for one in asked.found)
    return SigmaDocument(
        folder=str(place),
        level=level,
        rules=len(listing.rules),
        asked=sum(
            one.correlation is not None or str(one.rule.logsource) not in nobodys
            for one in asked.rules.compiled.values()
        ),
        refused=len(refused),
        unrecorded=sum(one.rules for one in unrecorded.values()),
        passed_over=asked.rules.passed_over,
        filters=asked.rules.filters,
        events=events,
        files=len(asked.files),
        unread=sum(row["unread"] for row in asked.files),
        answered=answered,
        findings=tuple(findings),
        connections=told,
        terminals=tuple(
            SigmaTerminal(
                hostname=one.who.hostname or one.who.uuid,
                terminal=names[one.who.id][0],
                outcome=said[one.who.id].outcome,
                events=one.events,
                last=one.last,
                reason=said[one.who.id].reason or None,
                missing=missing(one, needed),
            )
            for one in asked.found
            if one.who.id in said
        ),
        refusals=tuple(
            SigmaRefusal(
                rule=item(one.rule),
                standing="not_recorded" if one.unrecorded else "refused",
                why=one.why,
            )
            for one in asked.rules.refused
        ),
        not_recorded=tuple(unrecorded[name] for name in sorted(unrecorded)),
        notes=(
            *left_out(asked.met, asked.rules),
            *([_PRUNED.format(asked.pruned)] if asked.pruned else []),
            *(() if events or asked.relations else (_NO_EVENTS,)),
        ),
    )


def _by_nobody(rules: RuleSet, found: Sequence[Machine], on_wire: frozenset[str]) -> dict[str, str]:
    """Log sources of rules that are ready to be asked and that nobody recorded, with the reason."""
    whys: dict[str, str] = {}
    needed, relations = sources_needed(rules), relations_needed(rules)
    for name in {*needed, *relations}:
        sources, relation = needed.get(name, ()), relations.get(name)
        if relation in on_wire or any(one.recorded(sources) for one in found):
            continue
        lacking = []
        if sources:
            lacking.append(f"no terminal recorded {' or '.join(sorted(map(named, sources)))}")
        if relation is not None:
            lacking.append(f"no sensor recorded {RELATIONS[relation].title}")
        whys[name] = "; ".join(lacking)
    return whys


def _unrecorded(rules: RuleSet, nobodys: Mapping[str, str]) -> dict[str, SigmaUnrecorded]:
    """Log sources that nobody recorded, or of which what rules ask for is not kept."""
    counts: dict[str, int] = defaultdict(int)
    whys = dict(nobodys)
    for one in rules.compiled.values():
        if one.questions and str(one.rule.logsource) in whys:
            counts[str(one.rule.logsource)] += 1
    others: dict[str, dict[str, None]] = defaultdict(dict)
    for refused in rules.refused:
        if refused.unrecorded:
            counts[str(refused.rule.logsource)] += 1
            others[str(refused.rule.logsource)][refused.why] = None
    for name, reasons in others.items():
        told = [*([whys[name]] if name in whys else []), *reasons]
        more = f"; {len(told) - MOST_WHYS:,} more reasons" if len(told) > MOST_WHYS else ""
        whys[name] = "; ".join(told[:MOST_WHYS]) + more
    return {
        name: SigmaUnrecorded(logsource=name, rules=counts[name], why=why) for name, why in whys.items()
    }


def _terminal(known: Resolved, who: Sighting) -> tuple[str | None, str | None]:
    home = known.match(who)
    return (None, None) if home is None else (f"T-{home.id[:ID_LENGTH]}", home.site)


def _evidence(row: Row) -> SigmaEvidence:
    return SigmaEvidence(
        file=row["name"],
        within=row["within"] or None,
        sha256=row["sha256"],
        row=row["row"],
        channel=row["channel"],
        event_id=row["event_id"],
        record=row["record"],
        at=row["time"],
    )
