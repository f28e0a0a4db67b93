from __future__ import annotations

from datetime import timedelta

import pytest
from tests.restore.conftest import SINCE, Make

from sekisho.model.rules import Rule, Selector
from sekisho.restore.base import Recertified
from sekisho.restore.gates.recertified import RecertifiedGate

RULE = Rule("EDI", (Selector("site", "th"),), (Selector("site", "jp"),), ())
RULES = ((RULE, "h1", frozenset({"th", "jp"})),)
GOOD = Recertified("h1", "it-th", SINCE + timedelta(days=1))


def test_both_owners_open_it(subject: Make) -> None:
    said = {("EDI", "th"): GOOD, ("EDI", "jp"): GOOD}
    assert RecertifiedGate().judge(subject(rules=RULES, recertified=said)).verdict == "open"


@pytest.mark.parametrize(
    ("word", "why"),
    [
        (None, "EDI at jp: nobody recertified it"),
        (
            Recertified("h1", "it-jp", SINCE - timedelta(days=1)),
            "EDI at jp: it-jp did on 2026-02-28, before the cut",
        ),
        (
            Recertified("h0", "it-jp", SINCE + timedelta(days=1)),
            "EDI at jp: it-jp did on 2026-03-02; it was changed since",
        ),
    ],
)
def test_what_does_not_count(subject: Make, word: Recertified | None, why: str) -> None:
    said = {("EDI", "th"): GOOD} | ({("EDI", "jp"): word} if word else {})
    answer = RecertifiedGate().judge(subject(rules=RULES, recertified=said))
    assert answer.verdict == "closed"
    assert why in answer.evidence


def test_a_link_without_rules_has_none_to_recertify(subject: Make) -> None:
    assert "none is to be recertified" in RecertifiedGate().judge(subject()).why
