"""Whether Sigma rules are asked here, and why one is not: the one answer for whoever tells of rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sekisho.fleet.sigma.compiling import Compiled, Refused, RuleSet, compile_rules
from sekisho.fleet.sigma.judging import Machine, machines, relations_needed
from sekisho.intel.detections import DetectionRule
from sekisho.model.sigma import SigmaListed, SigmaRuleItem
from sekisho.store.lake import Lake
from sekisho.store.queries.events import AskedOfEvents, EventSource
from sekisho.store.queries.network import RELATIONS
from sekisho.store.snapshot import Damage


@dataclass(frozen=True, slots=True)
class Standings:
    """Rules of all levels, with the machines whose events there are, and what sensors recorded (`on_wire`) of
    what rules look at."""

    rules: RuleSet
    machines: Sequence[Machine]
    on_wire: frozenset[str]
    damage: Sequence[Damage]
    refused: dict[int, Refused]
    asked: dict[int, Compiled]

    def listed(self, rule: DetectionRule) -> SigmaListed | None:
        """How a rule stands; None for a filter, and for what is passed over by its status."""
        if rule.kind == "filter":
            return None
        if (refused := self.refused.get(id(rule))) is not None:
            standing: Any = "not_recorded" if refused.unrecorded else "refused"
            return SigmaListed(rule=item(rule), standing=standing, terminals=0, why=refused.why)
        if id(rule) not in self.asked:
            return None
        every = dict.fromkeys(source for asked in self.looked_at(rule) for source in asked.sources)
        sources = tuple(source for source in every if not source.relation)
        relations = sorted({source.relation for source in every} - {""})
        count = sum(one.recorded(sources) for one in self.machines)
        sensed = bool(self.on_wire & set(relations)) if relations else None
        nobody = " and ".join([*(["terminal"] if sources else []), *(["sensor"] if relations else [])])
        return SigmaListed(
            rule=item(rule),
            standing="asked" if count or sensed else "not_recorded",
            terminals=count,
            sensors=sensed,
            needs=(*map(named, sources), *(RELATIONS[one].title for one in relations)),
            why=None if count or sensed else f"no {nobody or 'terminal'} recorded it",
        )

    def looked_at(self, rule: DetectionRule) -> tuple[AskedOfEvents, ...]:
        """The questions of a rule, or of those that a correlation is of; none of one that is not asked."""
        found = self.asked.get(id(rule))
        return () if found is None else self.rules.looked_at(found.number)

    def logsource(self, question: AskedOfEvents) -> str:
        """The log source of the rule whose question it is."""
        return str(self.rules.compiled[question.number].rule.logsource)


def standings_of(lake: Lake, listed: Iterable[DetectionRule]) -> Standings:
    """How rules stand by what is on record."""
    rules = compile_rules(listed)
    rules.refuse(lake.events.refusals(rules.questions()))
    recorded, damage = lake.events.recorded()
    return Standings(
        rules,
        machines(recorded.to_pylist(), lake.events.files().to_pylist(), (), rules),
        lake.events.network.recorded(relations_needed(rules).values()),
        damage,
        {id(one.rule): one for one in rules.refused},
        {id(one.rule): one for one in rules.compiled.values()},
    )


def rule_key(rule: DetectionRule | SigmaRuleItem) -> str:
    """What a rule, as it is read or as documents have it, is known by: its id, else where it stands."""
    return rule.id or f"{rule.path}:{rule.line}"


def named(source: EventSource) -> str:
    """Events of terminals in words."""
    ids = ", ".join(str(one) for one in sorted(source.ids))
    return f"{source.channel or 'any channel'}{' ' + ids if ids else ''}"


def item(rule: DetectionRule) -> SigmaRuleItem:
    """A rule as documents have it."""
    level: Any = rule.level
    return SigmaRuleItem(
        id=rule.id or None,
        title=rule.title,
        level=level,
        status=rule.status or None,
        logsource=str(rule.logsource),
        tags=rule.tags,
        author=rule.author or None,
        license=rule.license or None,
        path=rule.path,
        line=rule.line,
        kind=rule.kind,
    )
