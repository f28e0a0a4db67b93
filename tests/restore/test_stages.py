"""Less a part, and the part alone: together they are the whole, whatever is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contain.conftest import NOW, ground_of

from sekisho.contain.regions import Atlas, Region
from sekisho.contain.severing import Severed, ask, sever
from sekisho.contain.standing import INTERNET
from sekisho.errors import RequestError
from sekisho.model.addresses import parse_address
from sekisho.model.restrictions import Restriction, Staging
from sekisho.restore.stages import Opening, Register, less, only, read_opening, rule_pairs

GROUND = ground_of()
REGISTER = Register(GROUND.inventory, GROUND.policy, NOW)
TARGETS = (
    "all",
    "site:th",
    "site:jp",
    "link:th <-> *",
    "link:jp, us <-> *",
    "link:th <-> jp, us",
    "link:th/edi <-> jp/edi",
    "link:th <-> internet",
    "link:th, jp <-> zone:vendor",
    "host:10.40.9.7",
    "group:jp/edi",
)
OPENINGS = (
    "link:th <-> jp",
    "link:us <-> jp",
    "link:th <-> us",
    "link:th <-> internet",
    "link:* <-> zone:vendor",
    "site:th",
    "site:us",
    "rule:EDI",
    "tier:essential",
    "rest",
)
ADDRESSES = ("10.40.2.10", "10.40.9.7", "10.1.20.3", "10.1.9.9", "10.60.1.1", "198.18.7.1", "8.8.8.8")
SERVICES = ((6, 8443), (17, 53), (6, 445), (6, 22))
PLACES = {
    "10.40.2.10": "th",
    "10.40.9.7": "th",
    "10.1.20.3": "jp",
    "10.1.9.9": "jp",
    "10.60.1.1": "us",
    "198.18.7.1": "zone:vendor",
    "8.8.8.8": "internet",
}
Flow = tuple[str, str, int, int]
FLOWS: tuple[Flow, ...] = tuple(
    (a, b, *service) for a in ADDRESSES for b in ADDRESSES if a != b for service in SERVICES
)


def cut(restriction: Restriction | None) -> set[Flow]:
    """The flows that a restriction cuts."""
    if restriction is None:
        return set()
    asked = ask(restriction, GROUND.inventory, GROUND.policy, NOW)
    atlas = Atlas(GROUND.inventory, [*asked.selectors, INTERNET], NOW)
    severed: Severed = sever(asked, GROUND.points, atlas)
    assert isinstance(severed.cuts[0].near, Region)
    return {
        (a, b, protocol, port)
        for a, b, protocol, port in FLOWS
        if severed.cut_of(("", parse_address(a)), ("", parse_address(b)), protocol, port)
    }


targets = st.lists(st.sampled_from(TARGETS), min_size=1, max_size=3, unique=True)
openings = st.lists(st.sampled_from(OPENINGS), max_size=3)


@settings(max_examples=120, deadline=None)
@given(targets, openings, st.sampled_from(["both", "out", "in"]))
def test_a_stage_gives_back_no_more_than_it_names(
    severed: list[str], words: list[str], direction: str
) -> None:
    if "all" in severed:
        direction = "both"
    whole = Restriction(tuple(severed), direction=direction)  # type: ignore[arg-type]
    opening = read_opening(words, REGISTER)
    left = less(whole, opening, REGISTER)
    before, after = cut(whole), cut(left.restriction)
    assert after <= before
    for a, b, protocol, port in before - after:
        pair = frozenset((PLACES[a], PLACES[b]))
        by_rule = opening.essential or bool(opening.rules)
        assert opening.opens(pair) or (by_rule and (protocol, port) in {(6, 8443), (17, 53)})
        assert pair in left.pairs or any(len(p) == 1 and p <= pair for p in left.pairs)
    if not words:
        assert left.restriction == whole
        assert left.pairs == frozenset()


@settings(max_examples=60, deadline=None)
@given(targets, st.lists(openings, max_size=4))
def test_stage_after_stage_comes_to_what_was_before(
    severed: list[str], stages: list[list[str]]
) -> None:
    """Containing and then restoring is the identity: nothing is cut at the end, and no stage cuts more."""
    whole = Restriction(tuple(severed))
    given_, held = Opening(), cut(whole)
    for words in [*stages, ["rest"]]:
        given_ |= read_opening(words, REGISTER)
        left = cut(less(whole, given_, REGISTER).restriction)
        assert left <= held
        held = left
    assert held == set()


@settings(max_examples=60, deadline=None)
@given(targets, st.sampled_from([("th", "jp"), ("us", "jp"), ("th", "us")]))
def test_one_link_of_a_plan_alone(severed: list[str], ends: tuple[str, str]) -> None:
    whole, pair = Restriction(tuple(severed)), frozenset(ends)
    alone = cut(only(whole, [pair], REGISTER))
    wanted = {flow for flow in cut(whole) if frozenset((PLACES[flow[0]], PLACES[flow[1]])) == pair}
    assert alone <= cut(whole)
    assert wanted <= alone
    if not {"host:10.40.9.7", "group:jp/edi"} & set(severed):
        assert alone == wanted


def test_what_is_held_on_to_in_words() -> None:
    found = less(Restriction(("all",)), read_opening(["link:th <-> jp"], REGISTER), REGISTER)
    assert found.restriction == Restriction(("link:th, jp <-> us",))
    assert found.pairs == {frozenset({"th", "jp"})}
    found = less(Restriction(("site:th",)), read_opening(["rule:EDI"], REGISTER), REGISTER)
    assert found.restriction == Restriction(("site:th",), allow=("EDI",))
    assert found.pairs == {frozenset({"th", "jp"})}
    several = less(Restriction(("host:10.40.9.0/24",)), read_opening(["rest"], REGISTER), REGISTER)
    assert several.pairs == {frozenset({"th"}), frozenset({"jp"}), frozenset({"us"})}
    host = Restriction(("host:10.40.9.7",))
    assert less(host, read_opening(["link:th <-> jp"], REGISTER), REGISTER).restriction == host
    assert less(host, read_opening(["site:th"], REGISTER), REGISTER).restriction is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("site:tk", "no site `tk`"),
        ("rule:NONE", "no rule `NONE`"),
        ("link:th/edi <-> jp", "a part of a site"),
        ("link:th <-> th", "joins two places"),
        ("everything", "nothing that a stage gives back"),
    ],
)
def test_words_that_mean_nothing(text: str, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        read_opening([text], REGISTER)


def test_between_which_places_a_rule_permits() -> None:
    rules = {rule.id: rule for rule in GROUND.policy.rules}
    assert rule_pairs(rules["EDI"], REGISTER) == {frozenset({"th", "jp"})}
    assert rule_pairs(rules["DNS"], REGISTER) == {
        frozenset({"th", "jp"}),
        frozenset({"us", "jp"}),
        frozenset({"jp"}),
    }


def test_what_holds_the_rest_is_not_told_site_by_site() -> None:
    staged = Restriction(("link:th <-> jp", "link:th <-> us"), staging=Staging((("th",),)))
    nothing = less(staged, read_opening(["link:us <-> jp"], REGISTER), REGISTER)
    assert nothing.restriction == staged
    narrower = less(staged, read_opening(["link:th <-> jp"], REGISTER), REGISTER).restriction
    assert narrower == Restriction(("link:th <-> us",))
    again = only(staged, [frozenset({"th", "us"})], REGISTER)
    assert again is not None
    assert again.staging is None
