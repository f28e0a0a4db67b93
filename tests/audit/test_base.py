from __future__ import annotations

from sekisho.audit.base import Claims, Party


def test_a_party_is_ordinary_until_something_is_known_of_it() -> None:
    party = Party("10.1.0.1")
    assert (party.site, party.outside, party.criticality) == (None, False, "normal")


def test_no_claims_explain_nothing_and_keep_nothing_apart() -> None:
    assert (Claims().claims, Claims().apart) == ((), frozenset())
