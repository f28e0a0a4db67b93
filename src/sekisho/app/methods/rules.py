"""Which Sigma rules there are: those that feeds bring, and those that are asked here, of what, and where."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sekisho.app.checking.sigma_standing import Standings, rule_key, standings_of
from sekisho.app.checking.standing import Fleet
from sekisho.app.hunting.registry import keeper_of, read_feeds
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.fleet.checks.sigma import NAME
from sekisho.fleet.sigma.logsources import holds
from sekisho.intel.detections import LEVELS, DetectionRule, listed
from sekisho.intel.loading import entries
from sekisho.intel.match_log import RuleMatch
from sekisho.intel.methods.gaps import Rule
from sekisho.intel.methods.known import Known, Source, known
from sekisho.model.methods import Exercise
from sekisho.store.queries.events import EventSource

_IN_BRACKETS = re.compile(r"\(([^()]{1,100})\): ")
_EVENTS = ("logons", "events")
Notes = tuple[str, ...]
Sites = Mapping[str, frozenset[str]]


def rules_of(
    workspace: Workspace, now: datetime, heard: Sites | None = None
) -> tuple[tuple[Rule, ...], Notes]:
    """Every rule once, and what is to be said of them. `heard` has the sites of each kind of sensors' records
    beside the flows. Raises RequestError for a folder that is not there."""
    found = {rule.id: rule for rule in _asked(workspace, heard or {})}
    here = len(found)
    notes = list(_lacking(found.values()))
    keeper = keeper_of(workspace)
    folders = [feed for feed in read_feeds(workspace).enabled if feed.said.kind == "sigma"]
    for feed in folders:
        counting, _ = entries(keeper, feed, now)
        for row in counting.to_pylist():
            rule = Rule(
                id=row["id"],
                title=row["title"],
                techniques=tuple(row["techniques"]),
                logsource=row["about"],
                level=row["level"],
                feed=feed.name,
            )
            found.setdefault(rule.id, rule)
    if not found:
        mend = (
            "see what the feed holds, `sekisho intel list`" if folders else "add a feed of kind sigma"
        )
        return (), (f"no Sigma rules are known: {mend}, or name fleet.sigma",)
    if idle := len(found) - here:
        notes.append(
            f"{idle} of {len(found)} Sigma rules are known and not run here: fleet.sigma names those that are"
        )
    return tuple(found.values()), tuple(notes)


def _lacking(rules: Iterable[Rule]) -> Iterator[str]:
    lacking = Counter(one.why.partition(":")[0] for one in rules if one.why)
    if lacking:
        said = ", ".join(f"{count} {what}" for what, count in sorted(lacking.items()))
        yield f"of the rules of fleet.sigma some are not asked ({said}): see `sekisho fleet sigma rules`"


def _asked(workspace: Workspace, heard: Sites) -> Iterator[Rule]:
    """The rules of the settings' folder, of their level and above, as `fleet sigma rules` says they stand."""
    said = workspace.settings(os.environ).settings.fleet
    if not said.sigma:
        return
    lowest = LEVELS.index(said.sigma_level)
    rules = listed(workspace.root / said.sigma).rules
    with open_lake(workspace) as lake:
        standings = standings_of(lake, rules)
    for rule in rules:
        stands = standings.listed(rule)
        if stands is None or LEVELS.index(rule.level) > lowest:
            continue
        source = str(rule.logsource)
        runs = stands.standing == "asked"
        yield Rule(
            id=rule_key(rule),
            title=rule.title,
            techniques=tuple(dict.fromkeys(rule.techniques)),
            logsource="" if source == "any" else source,
            level=rule.level,
            runs=runs,
            why="" if runs else f"{stands.standing.replace('_', ' ')}: {stands.why}",
            reads=_reads(rule, standings, known(), heard),
            of_terminals=stands.terminals > 0,
        )


def _reads(
    rule: DetectionRule, standings: Standings, lists: Known, heard: Sites
) -> dict[str, frozenset[str] | None]:
    """The sources that a rule is asked of, by what its questions look at, each with its sites (None: any)."""
    found: dict[str, frozenset[str] | None] = {}
    for question in standings.looked_at(rule):
        by_name = lists.read_by(standings.logsource(question))
        for asked in question.sources:
            at = heard.get(asked.relation) if asked.relation else None
            for source in lists.sources.values():
                if _is(source, asked, by_name):
                    before = found.get(source.id, frozenset())
                    found[source.id] = None if at is None or before is None else at | before
    return found


def _is(source: Source, asked: EventSource, by_name: Sequence[str]) -> bool:
    if asked.relation:
        return asked.relation in source.relations
    if asked.ids:
        return any(
            holds(asked, channel, int(number))
            for channel, _, number in (one.rpartition(":") for one in source.events)
        )
    # Of a whole channel, the sources that rules of its name are about.
    return source.id in by_name and source.origin in _EVENTS


def matched(
    rules: Iterable[Rule], fleet: Fleet, on_wire: Sequence[RuleMatch] = ()
) -> dict[str, Exercise]:
    """By a rule's id, when it was last asked: its last match on a terminal or a connection, else that it was
    asked at all. Matches count more than askings."""
    running = {rule.id: rule for rule in rules if rule.runs}
    found = _on_terminals(running, fleet)
    for one in on_wire:
        if one.rule not in running:
            continue
        made = (
            Exercise(at=one.asked, kind="check", text="asked of the records of sensors")
            if one.at is None
            else Exercise(at=one.at, kind="match", text=one.text, sites=one.sites)
        )
        before = found.get(one.rule)
        if before is None or _rank(made) > _rank(before):
            found[one.rule] = made
    return found


def _rank(one: Exercise) -> tuple[bool, datetime]:
    return one.kind == "match", one.at


def _on_terminals(running: Mapping[str, Rule], fleet: Fleet) -> dict[str, Exercise]:
    answers = [
        (terminal, one)
        for terminal in fleet.resolved.terminals
        for one in fleet.answers.get(terminal.id, ())
        if one.check == NAME and one.outcome != "failed"
    ]
    if not answers or not running:
        return {}
    last = max(one.at for _, one in answers)
    hosts = {terminal.id for terminal, one in answers if one.at == last}
    plain = Exercise(at=last, kind="check", text=f"asked of the events of {len(hosts)} terminals")
    found = {rule.id: plain for rule in running.values() if rule.of_terminals}
    for terminal, one in sorted(answers, key=lambda pair: pair[1].at):
        for text in one.findings:
            for name in _IN_BRACKETS.findall(text):
                if name in running:
                    found[name] = Exercise(
                        at=one.at,
                        kind="match",
                        text=f"matched on {terminal.hostname}",
                        sites=(terminal.site,) if terminal.site else (),
                    )
    return found
