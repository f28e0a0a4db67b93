"""Correlation rules: what of them can be asked, and which values it takes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sigma.correlations import (
    SigmaCorrelationCondition,
    SigmaCorrelationConditionOperator,
    SigmaCorrelationRule,
    SigmaCorrelationType,
)

from sekisho.model.predicates import Comparison
from sekisho.store.queries.correlating import Correlated, CorrelationKind
from sekisho.store.queries.events import KEPT_AT_MOST

MOST_RULES = 20
DEEPEST = 5
"""Correlations within one another."""
MOST_NESTED = 100
"""Correlations that one is of in the end: each use of one has statements of its own."""
NOTHING: Mapping[int, Correlated] = MappingProxyType({})
_KINDS: Mapping[SigmaCorrelationType, CorrelationKind] = {
    SigmaCorrelationType.EVENT_COUNT: "event_count",
    SigmaCorrelationType.VALUE_COUNT: "value_count",
    SigmaCorrelationType.TEMPORAL: "temporal",
    SigmaCorrelationType.TEMPORAL_ORDERED: "temporal_ordered",
}
_SIGNS: Mapping[SigmaCorrelationConditionOperator, Comparison] = {
    SigmaCorrelationConditionOperator.EQ: "=",
    SigmaCorrelationConditionOperator.NEQ: "!=",
    SigmaCorrelationConditionOperator.LT: "<",
    SigmaCorrelationConditionOperator.LTE: "<=",
    SigmaCorrelationConditionOperator.GT: ">",
    SigmaCorrelationConditionOperator.GTE: ">=",
}


class Uncorrelated(ValueError):
    """A correlation that cannot be asked; it says why."""


def correlated(
    number: int,
    rule: SigmaCorrelationRule,
    base: tuple[int, ...],
    keeps: Mapping[int, tuple[str, ...]],
    nested: Mapping[int, Correlated] = NOTHING,
) -> tuple[Correlated, dict[int, tuple[str, ...]]]:
    """The question, and the values that each of the `base` rules must keep, those of `keeps` included. `nested`
    are those that are correlations: they keep what their groups are made by, and nothing else.

    Raises Uncorrelated.
    """
    kind = _KINDS.get(rule.type)
    if kind is None:
        raise Uncorrelated(f"correlations of type {str(rule.type).lower()} are not understood")
    condition = rule.condition
    if not isinstance(condition, SigmaCorrelationCondition):
        raise Uncorrelated("conditions that join rules by and, or, not are not understood")
    if not base or len(base) > MOST_RULES:
        raise Uncorrelated(f"it is of no rule, or of more than {MOST_RULES}")
    if len(set(base)) != len(base):
        raise Uncorrelated("it names a rule twice")
    if not isinstance(condition.count, int) or not 0 <= condition.count < 2**31:
        raise Uncorrelated(f"it counts to {condition.count}, which is no count")
    sign = _SIGNS[condition.op]
    if kind == "event_count" and nested:
        raise Uncorrelated(
            "it counts how often a correlation matched, and windows that overlap are no number of times"
        )
    if kind == "temporal_ordered" and (sign, condition.count) != (">=", len(base)):
        raise Uncorrelated("an ordered correlation of some of its rules is not understood")
    fields = _fields(rule, condition, kind)
    kept = {at: list(keeps.get(at, ())) for at in base}
    keys: list[tuple[int, ...]] = []
    values: list[int] = []
    for place, at in enumerate(base):
        names = [_named(rule, place, name) for name in fields]
        for name in names:
            if name not in kept[at] and at in nested:
                which = rule.referenced_rules[place].reference
                raise Uncorrelated(f"it asks for {name}, by which {which} makes no groups")
            if name not in kept[at]:
                kept[at].append(name)
        if len(kept[at]) > KEPT_AT_MOST:
            raise Uncorrelated(f"a rule would have to keep more than {KEPT_AT_MOST} values")
        places = [kept[at].index(name) for name in names]
        if kind == "value_count":
            values.append(places.pop())
        keys.append(tuple(places))
    span = rule.timespan.seconds * 1_000_000
    if span >= 2**61:
        raise Uncorrelated("its time span is longer than any log")
    asked = Correlated(
        number,
        kind,
        base,
        span,
        tuple(keys),
        sign,
        condition.count,
        tuple(values),
        tuple(nested[at] for at in base if at in nested),
    )
    return asked, {at: tuple(names) for at, names in kept.items() if at not in nested}


def _fields(
    rule: SigmaCorrelationRule, condition: SigmaCorrelationCondition, kind: CorrelationKind
) -> list[str]:
    """What groups are made by, and last what is counted, where values are."""
    fields = list(rule.group_by or ())
    if kind == "value_count":
        counted = condition.fieldref
        if isinstance(counted, list):
            if len(counted) != 1:
                raise Uncorrelated("it counts values of several fields")
            counted = counted[0]
        if not isinstance(counted, str) or not counted:
            raise Uncorrelated("it does not say whose values it counts")
        fields.append(counted)
    return fields


def _named(rule: SigmaCorrelationRule, place: int, name: str) -> str:
    """What a rule calls a value, by the correlation's aliases."""
    alias = rule.aliases.aliases.get(name)
    if alias is None:
        return name
    reference = rule.referenced_rules[place]
    for other, field in alias.mapping.items():
        if other.reference == reference.reference and (there := str(field or "")):
            return there
    raise Uncorrelated(f"its alias {name} does not say what {reference.reference} calls it")
