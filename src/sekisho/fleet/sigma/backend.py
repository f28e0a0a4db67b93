"""pySigma's conditions as predicates over the lake's events.

What a rule asks that cannot be asked of them raises SigmaFeatureNotSupportedByBackendError: nothing is left out
of a condition silently.
"""

from __future__ import annotations

from typing import Any, NoReturn, cast

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.conversion.base import Backend
from sigma.conversion.state import ConversionState
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaFeatureNotSupportedByBackendError
from sigma.rule import SigmaRule
from sigma.types import (
    CompareOperators,
    Placeholder,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaFieldReference,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SpecialChars,
)

from sekisho.model.predicates import (
    Absent,
    Alike,
    Anywhere,
    Compared,
    Comparison,
    Either,
    Every,
    Expression,
    Like,
    Not,
    Pattern,
    Predicate,
    Present,
    Wild,
    Within,
)

MOST_CONDITIONS = 20_000
LONGEST_FIELD = 200
_SIGNS: dict[CompareOperators, Comparison] = {
    CompareOperators.LT: "<",
    CompareOperators.LTE: "<=",
    CompareOperators.GT: ">",
    CompareOperators.GTE: ">=",
    CompareOperators.NEQ: "!=",
}
_FLAGS = {
    SigmaRegularExpressionFlag.IGNORECASE: "i",
    SigmaRegularExpressionFlag.MULTILINE: "m",
    SigmaRegularExpressionFlag.DOTALL: "s",
}
_WILD = {SpecialChars.WILDCARD_MULTI: Wild.MANY, SpecialChars.WILDCARD_SINGLE: Wild.ONE}
FieldValue = ConditionFieldEqualsValueExpression


class LakeBackend(Backend):
    """Converts rules to `model.predicates`."""

    name = "Events of the lake"
    explicit_not_exists_expression = True

    def predicate(self, rule: SigmaRule) -> Predicate:
        """What a rule asks; any of its conditions where it has several. Raises SigmaError."""
        self.convert_rule(rule)
        # What is converted is not given back for a rule that only correlations ask.
        found: list[Predicate] = rule.get_conversion_result()
        if len(found) != len(rule.detection.parsed_condition) or not found:
            _refuse("a condition that asks for nothing")
        return found[0] if len(found) == 1 else Either(tuple(found))

    def convert_condition_or(self, cond: ConditionOR, state: ConversionState) -> Predicate:
        """See `Backend`."""
        return Either(self._parts(cond, state))

    def convert_condition_and(self, cond: ConditionAND, state: ConversionState) -> Predicate:
        """See `Backend`."""
        return Every(self._parts(cond, state))

    def convert_condition_not(self, cond: ConditionNOT, state: ConversionState) -> Predicate:
        """See `Backend`."""
        (part,) = self._parts(cond, state)
        return Not(part)

    def _parts(
        self, cond: ConditionOR | ConditionAND | ConditionNOT, state: ConversionState
    ) -> tuple[Predicate, ...]:
        if len(cond.args) > MOST_CONDITIONS:
            _refuse(f"more than {MOST_CONDITIONS:,} values")
        parts = [self.convert_condition(cast("Any", arg), state) for arg in cond.args]
        if any(part is None for part in parts) or not parts:
            _refuse("a condition that asks for nothing")
        return tuple(parts)

    def convert_condition_as_in_expression(
        self, cond: ConditionOR | ConditionAND, state: ConversionState
    ) -> NoReturn:
        """Never asked for: lists of values are conditions joined by or."""
        _refuse("a list as one expression")

    def convert_condition_field_eq_val_str(self, cond: FieldValue, state: ConversionState) -> Predicate:
        """See `Backend`."""
        return Like(_field(cond), pattern_of(cast("SigmaString", cond.value)))

    def convert_condition_field_eq_val_str_case_sensitive(
        self, cond: FieldValue, state: ConversionState
    ) -> Predicate:
        """See `Backend`."""
        return Like(_field(cond), pattern_of(cast("SigmaString", cond.value)), cased=True)

    def convert_condition_field_eq_val_num(self, cond: FieldValue, state: ConversionState) -> Predicate:
        """See `Backend`."""
        return Compared(_field(cond), "=", cast("SigmaNumber", cond.value).number)

    def convert_condition_field_eq_val_timestamp_part(
        self, cond: FieldValue, state: ConversionState
    ) -> NoReturn:
        """See `Backend`."""
        _refuse("a part of a time (minute, hour, day …)")

    def convert_condition_field_eq_val_bool(
        self, cond: FieldValue, state: ConversionState
    ) -> Predicate:
        """See `Backend`."""
        return Like(_field(cond), ("true" if cast("SigmaBool", cond.value).boolean else "false",))

    def convert_condition_field_eq_val_re(self, cond: FieldValue, state: ConversionState) -> Predicate:
        """See `Backend`."""
        return _expression(_field(cond), cast("SigmaRegularExpression", cond.value))

    def convert_condition_field_eq_val_cidr(
        self, cond: FieldValue, state: ConversionState
    ) -> Predicate:
        """See `Backend`."""
        return Within(_field(cond), cast("SigmaCIDRExpression", cond.value).network)

    def convert_condition_field_compare_op_val(
        self, cond: FieldValue, state: ConversionState
    ) -> Predicate:
        """See `Backend`."""
        value = cast("SigmaCompareExpression", cond.value)
        return Compared(_field(cond), _SIGNS[value.op], value.number.number)

    def convert_condition_field_eq_field(self, cond: FieldValue, state: ConversionState) -> Predicate:
        """See `Backend`."""
        value = cast("SigmaFieldReference", cond.value)
        other = ConditionFieldEqualsValueExpression(value.field, cond.value)
        return Alike(_field(cond), _field(other), value.starts_with, value.ends_with)

    def convert_condition_field_eq_val_null(
        self, cond: FieldValue, state: ConversionState
    ) -> Predicate:
        """See `Backend`."""
        return Absent(_field(cond))

    def convert_condition_field_exists(self, cond: FieldValue, state: ConversionState) -> Predicate:
        """See `Backend`."""
        return Present(_field(cond))

    def convert_condition_field_not_exists(self, cond: FieldValue, state: ConversionState) -> Predicate:
        """See `Backend`."""
        return Absent(_field(cond))

    def convert_condition_field_eq_query_expr(
        self, cond: FieldValue, state: ConversionState
    ) -> NoReturn:
        """See `Backend`."""
        _refuse("a piece of another query language")

    def convert_condition_val_str(
        self, cond: ConditionValueExpression, state: ConversionState
    ) -> Predicate:
        """See `Backend`."""
        return Anywhere(
            pattern_of(cast("SigmaString", cond.value)), isinstance(cond.value, SigmaCasedString)
        )

    def convert_condition_val_num(
        self, cond: ConditionValueExpression, state: ConversionState
    ) -> Predicate:
        """See `Backend`."""
        return Anywhere((str(cast("SigmaNumber", cond.value).number),))

    def convert_condition_val_re(
        self, cond: ConditionValueExpression, state: ConversionState
    ) -> Predicate:
        """See `Backend`."""
        return _expression(None, cast("SigmaRegularExpression", cond.value))

    def convert_condition_query_expr(
        self, cond: ConditionValueExpression, state: ConversionState
    ) -> NoReturn:
        """See `Backend`."""
        _refuse("a piece of another query language")

    def _never(
        self, rule: SigmaCorrelationRule, output_format: str | None = None, method: str = "default"
    ) -> NoReturn:
        """Correlations are no text here: see `correlations`."""
        _refuse("a correlation as text")

    convert_correlation_event_count_rule = _never
    convert_correlation_value_count_rule = _never
    convert_correlation_temporal_rule = _never
    convert_correlation_temporal_ordered_rule = _never
    convert_correlation_extended_temporal_rule = _never
    convert_correlation_extended_temporal_ordered_rule = _never
    convert_correlation_value_sum_rule = _never
    convert_correlation_value_avg_rule = _never
    convert_correlation_value_percentile_rule = _never
    convert_correlation_value_median_rule = _never


def pattern_of(value: SigmaString) -> Pattern:
    """A text with its wildcards. Raises SigmaFeatureNotSupportedByBackendError for placeholders."""
    found: list[str | Wild] = []
    for part in value.s:
        if isinstance(part, str):
            found.append(_text(part))
        elif isinstance(part, Placeholder):
            _refuse(f"the placeholder %{part.name}%, whose values are nowhere said")
        else:
            found.append(_WILD[part])
    return tuple(found)


def _expression(field: str | None, value: SigmaRegularExpression) -> Expression:
    if value.contains_placeholder():
        _refuse("a placeholder, whose values are nowhere said")
    flags = "".join(sorted(_FLAGS[flag] for flag in value.flags))
    return Expression(field, _text(str(value.regexp)), flags)


def _field(cond: FieldValue) -> str:
    name = _text(cond.field)
    if not name or len(name) > LONGEST_FIELD:
        _refuse(f"a field whose name is empty, or longer than {LONGEST_FIELD} characters")
    return name


def _text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        _refuse("text with half a character")
    return text


def _refuse(what: str) -> NoReturn:
    raise SigmaFeatureNotSupportedByBackendError(f"it asks for {what}")
