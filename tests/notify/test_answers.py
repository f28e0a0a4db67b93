from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.notify.answers import answer
from sekisho.notify.language import parse
from sekisho.notify.vocabulary import Value

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "facts", "holds", "missing"),
    [
        ("personal_data", {}, None, {"personal_data"}),
        ("personal_data and encrypted", {"encrypted": False}, False, set()),
        ("personal_data or encrypted", {"encrypted": True}, True, set()),
        ("personal_data or encrypted", {"encrypted": False}, None, {"personal_data"}),
        ("not personal_data", {"personal_data": True}, False, set()),
        ("people > 1000", {"people": 1000}, False, set()),
        ("people >= 1000", {"people": 1000}, True, set()),
        ("people < people.JP", {"people": 3}, None, {"people.JP"}),
        ("'JP' in countries", {"countries": frozenset({"JP"})}, True, set()),
        ("countries meets EEA", {"countries": frozenset({"NO"})}, True, set()),
        ("countries meets EU", {"countries": frozenset({"NO"})}, False, set()),
        ("known aware", {}, False, set()),
        ("not known aware", {"aware": AT}, False, set()),
        ("risk != 'unlikely'", {"risk": "high"}, True, set()),
        ("aware <= discovered", {"aware": AT, "discovered": AT}, True, set()),
        ("yes", {}, True, set()),
        ("not no", {}, True, set()),
    ],
)
def test_three_answers(
    text: str, facts: dict[str, Value], holds: bool | None, missing: set[str]
) -> None:
    said = answer(parse(text), facts)
    assert (said.holds, said.missing) == (holds, missing)


_NAMES = ("personal_data", "encrypted", "acquired")
_EXPRESSIONS = st.recursive(
    st.sampled_from(_NAMES),
    lambda inner: st.one_of(
        inner.map(lambda a: f"not ({a})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda t: f"({t[0]}) {t[1]} ({t[2]})"
        ),
    ),
    max_leaves=6,
)


@given(_EXPRESSIONS, st.dictionaries(st.sampled_from(_NAMES), st.booleans()))
def test_what_is_said_of_some_facts_stays_true_of_all(text: str, facts: dict[str, Value]) -> None:
    """An answer other than `not known` cannot be turned round by facts that come later."""
    said = answer(parse(text), facts)
    rest = [name for name in _NAMES if name not in facts]
    for n in range(2 ** len(rest)):
        whole = facts | {name: bool(n >> k & 1) for k, name in enumerate(rest)}
        later = answer(parse(text), whole).holds
        assert later is not None
        assert said.holds in (None, later)
    assert (said.holds is None) == bool(said.missing)
    assert said.missing <= set(rest)
