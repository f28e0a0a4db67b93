"""Which Sigma rules there are: those that feeds bring, and those that terminals' events are asked for here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from sekisho.app.checking.standing import Fleet
from sekisho.app.hunting.registry import keeper_of, read_feeds
from sekisho.app.workspace import Workspace
from sekisho.fleet.checks.sigma import NAME
from sekisho.intel.detections import LEVELS, DetectionRule, listed
from sekisho.intel.loading import entries
from sekisho.intel.methods.gaps import Rule
from sekisho.model.methods import Exercise

_IN_BRACKETS = re.compile(r"\(([^()]{1,100})\): ")
Notes = tuple[str, ...]


def rules_of(workspace: Workspace, now: datetime) -> tuple[tuple[Rule, ...], Notes]:
    """Every rule once, and what is to be said of them. Raises RequestError for a folder that is not there."""
    found = {rule.id: rule for rule in (_asked(one) for one in asked(workspace))}
    running = len(found)
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
    idle = len(found) - running
    return tuple(found.values()), (
        (
            f"{idle} of {len(found)} Sigma rules are known and not run here: fleet.sigma names those that are",
        )
        if idle
        else ()
    )


def asked(workspace: Workspace) -> Iterator[DetectionRule]:
    """The rules that terminals' events are asked for: of the settings' folder, of their level and above."""
    said = workspace.settings(os.environ).settings.fleet
    if not said.sigma:
        return
    lowest = LEVELS.index(said.sigma_level)
    for rule in listed(workspace.root / said.sigma).rules:
        if rule.kind != "filter" and LEVELS.index(rule.level) <= lowest:
            yield rule


def _asked(rule: DetectionRule) -> Rule:
    source = str(rule.logsource)
    return Rule(
        id=_id(rule),
        title=rule.title,
        techniques=tuple(dict.fromkeys(rule.techniques)),
        logsource="" if source == "any" else source,
        level=rule.level,
        runs=True,
    )


def _id(rule: DetectionRule) -> str:
    return rule.id or f"{rule.path}:{rule.line}"


def matched(rules: Iterable[Rule], fleet: Fleet) -> dict[str, Exercise]:
    """By a rule's id, when terminals last answered it: its last match, else that it was asked at all."""
    running = {rule.id: rule for rule in rules if rule.runs}
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
    found = dict.fromkeys(running, plain)
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
