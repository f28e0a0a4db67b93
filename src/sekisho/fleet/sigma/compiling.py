"""Rules made into questions to the lake; a rule that cannot be is refused, with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.filters import SigmaFilter
from sigma.rule import SigmaRule

from sekisho.fleet.sigma.backend import LakeBackend
from sekisho.fleet.sigma.correlations import DEEPEST, MOST_NESTED, Uncorrelated, correlated
from sekisho.fleet.sigma.logsources import Unrecorded, sources_of
from sekisho.fleet.sigma.network_sources import adapted, refuse_unkept, relation_of, source_of
from sekisho.intel.detections import LEVELS, DetectionRule
from sekisho.model.predicates import Every, Predicate
from sekisho.store.queries.correlating import Correlated
from sekisho.store.queries.events import AskedOfEvents, EventSource

LONGEST_CONDITION = 4000
DEEPEST_CONDITION = 12
_PASSED_OVER = frozenset({"deprecated", "unsupported"})
MOST_DETECTIONS = 500


@dataclass(frozen=True, slots=True)
class Refused:
    """A rule that is not asked, and why. `unrecorded`: it is about logs that terminals do not have here."""

    rule: DetectionRule
    why: str
    unrecorded: bool = False


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule that is asked: `question` of terminals' events, `network` of sensors' records. `silent`: only
    correlations ask it. A correlation has no question of its own, and `rules` are those that it is of."""

    number: int
    rule: DetectionRule
    question: AskedOfEvents | None = None
    network: AskedOfEvents | None = None
    correlation: Correlated | None = None
    silent: bool = False
    rules: tuple[int, ...] = ()

    @property
    def questions(self) -> tuple[AskedOfEvents, ...]:
        """Both, as far as there are."""
        return tuple(one for one in (self.question, self.network) if one is not None)


@dataclass(slots=True)
class RuleSet:
    """Rules ready to be asked, those refused, and how many were passed over by their level or status."""

    compiled: dict[int, Compiled] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    passed_over: int = 0
    filters: int = 0
    grouped: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """What correlations make their groups by."""

    def questions(self) -> list[AskedOfEvents]:
        """What is asked of each event."""
        return [asked for one in self.compiled.values() for asked in one.questions]

    def correlations(self) -> list[Correlated]:
        """What is asked of several."""
        return [one.correlation for one in self.compiled.values() if one.correlation is not None]

    def refuse(self, numbers: Mapping[int, str]) -> None:
        """Refuse rules, and the correlations that need them."""
        for number, why in numbers.items():
            self.refused.append(Refused(self.compiled.pop(number).rule, why))
        gone = set(numbers)
        # Those that a correlation is of stand before it.
        for one in list(self.compiled.values()):
            if any(number in gone for number in one.rules):
                gone.add(one.number)
                del self.compiled[one.number]
                self.refused.append(Refused(one.rule, "a rule that it needs is refused"))

    def looked_at(self, number: int) -> tuple[AskedOfEvents, ...]:
        """The questions of a rule, or of those that a correlation is of in the end."""
        one = self.compiled[number]
        return (*one.questions, *(q for inner in one.rules for q in self.looked_at(inner)))


def compile_rules(rules: Iterable[DetectionRule], level: str = "informational") -> RuleSet:
    """Rules of a level or above. Deprecated and unsupported ones are passed over; a rule that a correlation
    needs is asked whatever its level."""
    found = RuleSet()
    parsed: list[tuple[DetectionRule, SigmaRule | SigmaCorrelationRule]] = []
    filters: list[SigmaFilter] = []
    seen: dict[str, str] = {}
    for rule in rules:
        if rule.status in _PASSED_OVER:
            found.passed_over += 1
            continue
        if rule.id and rule.id in seen:
            found.refused.append(Refused(rule, f"has the id of the rule in {seen[rule.id]}"))
            continue
        seen[rule.id] = rule.path
        one = _parsed(rule)
        if isinstance(one, str):
            found.refused.append(Refused(rule, one))
        elif isinstance(one, SigmaFilter):
            filters.append(one)
        else:
            parsed.append((rule, one))
    found.filters = len(filters)
    _filtered(parsed, filters, found)
    _resolved(parsed, found)
    wanted = LEVELS.index(level)
    needed = _needed(one for rule, one in parsed if LEVELS.index(rule.level) <= wanted)
    numbers: dict[int, int] = {}
    for number, (rule, one) in enumerate(parsed):
        below = LEVELS.index(rule.level) > wanted
        if below and id(one) not in needed:
            found.passed_over += 1
            continue
        numbers[id(one)] = number
        if isinstance(one, SigmaRule):
            _compile(found, number, rule, one, silent=below or not one._output)
    for number, one in _inner_first(parsed, numbers):
        silent = LEVELS.index(parsed[number][0].level) > wanted or not one._output
        _correlate(found, number, parsed[number][0], one, numbers, silent=silent)
    return found


def _needed(asked: Iterable[SigmaRule | SigmaCorrelationRule]) -> frozenset[int]:
    """What correlations that are asked are of, and what those are of that are correlations."""
    found: set[int] = set()
    waiting = [one for one in asked if isinstance(one, SigmaCorrelationRule)]
    while waiting:
        for ref in waiting.pop().referenced_rules:
            if id(ref.rule) not in found:
                found.add(id(ref.rule))
                if isinstance(ref.rule, SigmaCorrelationRule):
                    waiting.append(ref.rule)
    return frozenset(found)


def _inner_first(
    parsed: Sequence[tuple[DetectionRule, SigmaRule | SigmaCorrelationRule]], numbers: Mapping[int, int]
) -> Iterator[tuple[int, SigmaCorrelationRule]]:
    """Correlations with those that they are of before them; of those that are of each other any first."""
    waiting = {
        numbers[id(one)]: one
        for _, one in parsed
        if isinstance(one, SigmaCorrelationRule) and id(one) in numbers
    }
    while waiting:
        ready = [
            number
            for number, one in waiting.items()
            if not any(numbers.get(id(ref.rule)) in waiting for ref in one.referenced_rules)
        ]
        for number in ready or list(waiting):
            yield number, waiting.pop(number)


def _parsed(rule: DetectionRule) -> SigmaRule | SigmaCorrelationRule | SigmaFilter | str:
    """The rule as pySigma has it, or why there is none."""
    if (why := _excess(rule.body)) is not None:
        return why
    body = dict(rule.body)
    try:
        match rule.kind:
            case "correlation":
                return SigmaCorrelationRule.from_dict(body)
            case "filter":
                return SigmaFilter.from_dict(body)
            case _:
                return SigmaRule.from_dict(body)
    except SigmaError as error:
        return _said(error)
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        return f"is no whole rule: {_said(error)}"


def _excess(body: Mapping[str, Any]) -> str | None:
    detection = body.get("detection") or body.get("filter") or {}
    if not isinstance(detection, dict):
        return None
    if len(detection) > MOST_DETECTIONS:
        return f"has more than {MOST_DETECTIONS} detections"
    conditions = detection.get("condition")
    for one in conditions if isinstance(conditions, list) else [conditions]:
        if not isinstance(one, str):
            continue
        if len(one) > LONGEST_CONDITION:
            return f"has a condition of more than {LONGEST_CONDITION:,} characters"
        depth = deepest = 0
        for sign in re.findall(r"[()]", one):
            depth += 1 if sign == "(" else -1
            deepest = max(deepest, depth)
        # The library's parser takes time that grows with every power of the depth.
        if deepest > DEEPEST_CONDITION or re.search(r"(?:\bnot\s+){4}", one):
            return f"has a condition nested deeper than {DEEPEST_CONDITION} levels"
    return None


def _filtered(
    parsed: list[tuple[DetectionRule, SigmaRule | SigmaCorrelationRule]],
    filters: Sequence[SigmaFilter],
    found: RuleSet,
) -> None:
    """Filters narrow the rules that they name."""
    for at, (rule, one) in reversed(list(enumerate(parsed))):
        try:
            for each in filters:
                one = each.apply_on_rule(one)
        except SigmaError as error:
            found.refused.append(Refused(rule, f"its filter: {_said(error)}"))
            del parsed[at]
        else:
            parsed[at] = (rule, one)


def _resolved(
    parsed: list[tuple[DetectionRule, SigmaRule | SigmaCorrelationRule]], found: RuleSet
) -> None:
    """Correlations with the rules that they name."""
    known = SigmaCollection([one for _, one in parsed], resolve_references=False)
    for at, (rule, one) in reversed(list(enumerate(parsed))):
        if isinstance(one, SigmaCorrelationRule):
            try:
                one.resolve_rule_references(known)
            except SigmaError as error:
                found.refused.append(Refused(rule, _said(error)))
                del parsed[at]


def _compile(found: RuleSet, number: int, rule: DetectionRule, one: SigmaRule, *, silent: bool) -> None:
    try:
        sources, kind, why = _on_terminals(rule)
        network = None
        predicate = LakeBackend().predicate(one)
        if (relation := relation_of(rule.logsource)) is not None:
            try:
                network = AskedOfEvents(number, (source_of(relation),), adapted(predicate, relation))
            except Unrecorded as error:
                why = str(error)
        if not sources and network is None:
            found.refused.append(Refused(rule, why, unrecorded=True))
            return
    except Unrecorded as error:
        found.refused.append(Refused(rule, str(error), unrecorded=True))
        return
    except SigmaError as error:
        found.refused.append(Refused(rule, _said(error)))
        return
    except (TypeError, ValueError, AttributeError, KeyError, IndexError, RecursionError) as error:
        found.refused.append(Refused(rule, f"its condition: {_said(error)}"))
        return
    if kind is not None:
        predicate = Every((kind, predicate))
    question = AskedOfEvents(number, sources, predicate) if sources else None
    found.compiled[number] = Compiled(number, rule, question, network, silent=silent)


def _on_terminals(
    rule: DetectionRule,
) -> tuple[tuple[EventSource, ...], Predicate | None, str]:
    """Which events of terminals it is about, and what else these must say; none with the reason where sensors
    alone may have recorded it."""
    try:
        return *sources_of(rule.logsource), ""
    except Unrecorded as error:
        if relation_of(rule.logsource) is None:
            raise
        return (), None, str(error)


def _correlate(
    found: RuleSet,
    number: int,
    rule: DetectionRule,
    one: SigmaCorrelationRule,
    numbers: Mapping[int, int],
    *,
    silent: bool,
) -> None:
    base = [numbers.get(id(ref.rule), -1) for ref in one.referenced_rules]
    missing = [ref.reference for ref, at in zip(one.referenced_rules, base, strict=True)
               if at not in found.compiled]  # fmt: skip
    if missing:
        why = f"it needs {missing[0]}, which is refused, or is a correlation that needs it"
        found.refused.append(Refused(rule, why))
        return
    of = [found.compiled[at] for at in base]
    nested = {c.number: replace(c.correlation, wanted=True) for c in of if c.correlation is not None}
    if _depth(nested.values()) >= DEEPEST:
        found.refused.append(Refused(rule, f"it is of correlations more than {DEEPEST} deep"))
        return
    if _number(nested.values()) > MOST_NESTED:
        why = f"it is of more than {MOST_NESTED} correlations, each counted as often as it is needed"
        found.refused.append(Refused(rule, why))
        return
    kept = {at: q.keeps for at, c in found.compiled.items() for q in c.questions}
    kept |= {at: found.grouped[at] for at in nested}
    try:
        asked, keeps = correlated(number, one, tuple(base), kept, nested)
        for at, names in keeps.items():
            if (network := found.compiled[at].network) is not None:
                refuse_unkept(names, network.sources[0].relation)
    except (Uncorrelated, Unrecorded) as error:
        unrecorded = isinstance(error, Unrecorded)
        found.refused.append(Refused(rule, str(error), unrecorded=unrecorded))
        return
    for at, names in keeps.items():
        before = found.compiled[at]
        found.compiled[at] = replace(
            before,
            question=None if before.question is None else replace(before.question, keeps=names),
            network=None if before.network is None else replace(before.network, keeps=names),
        )
    for at, inner in nested.items():
        found.compiled[at] = replace(found.compiled[at], correlation=inner)
    found.grouped[number] = tuple(one.group_by or ())
    asked = replace(asked, silent=silent)
    found.compiled[number] = Compiled(number, rule, correlation=asked, silent=silent, rules=asked.rules)


def _depth(inner: Iterable[Correlated]) -> int:
    return max((1 + _depth(one.nested) for one in inner), default=0)


def _number(inner: Iterable[Correlated]) -> int:
    return sum(1 + _number(one.nested) for one in inner)


def _said(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
