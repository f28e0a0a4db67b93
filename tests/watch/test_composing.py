from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.watch.watched import TEN

from sekisho.model.findings import Check, NearestRule
from sekisho.watch.alerts import Alert, Change, Member
from sekisho.watch.composing import Story, compose, status_of
from sekisho.watch.standing import Answer, Extent, Standing

Make = Callable[..., Member]


def told(change: Change = "raised", members: tuple[Member, ...] = (), **changes: Any) -> Alert:
    values: dict[str, Any] = {
        "id": "A-1",
        "kind": "connection",
        "raised_at": TEN,
        "extent": Extent(1, 1, 1, 1, 3, 10, 1, TEN),
        "first": TEN,
        "members": members,
        "labels": {"src": "10.40.9.9", "dst": "10.1.10.96", "service": "smb"},
    }
    return compose(Story(**(values | changes)), Standing(revision=2), change, TEN, None)


def test_one_connection_is_named_with_both_ends(make_member: Make) -> None:
    alert = told(members=(make_member(),))
    assert alert.title == "unauthorized: 10.40.9.9 -> 10.1.10.96 : smb"
    assert alert.delivery == "A-1-2"
    assert alert.text.startswith("1 connection with 3 flows since 2024-03-04T10:00:00Z, established.")


def test_many_are_counted_by_site(make_member: Make) -> None:
    extent = Extent(9, 9, 3, 5, 99, 10, 1, TEN)
    labels = {"src_site": "th-plant"}
    alert = told(members=(make_member(),), extent=extent, labels=labels)
    assert alert.title == "unauthorized: 3 sources of th-plant -> 5 hosts : several services"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"late": timedelta(minutes=14)}, None),
        ({"late": timedelta(minutes=20)}, "came 20 minutes after they ended"),
        ({"late": timedelta(hours=30)}, "came 30 hours after they ended"),
        ({"late": timedelta(days=9)}, "came 9 days after they ended"),
        ({"provisional": 1}, "no record shows yet who opened it"),
        ({"beyond": 7}, "7 flows of more connections are only counted"),
    ],
)
def test_it_says_what_makes_it_uncertain(
    changes: dict[str, Any], says: str | None, make_member: Make
) -> None:
    plain = told(members=(make_member(),)).text
    text = told(members=(make_member(),), **changes).text
    assert (says in text and says not in plain) if says else text == plain


def test_it_names_the_nearest_rule_or_says_that_there_is_none(make_member: Make) -> None:
    rule = NearestRule(id="R-1", why_not="it expired")
    assert "R-1: it expired" in told(members=(make_member(nearest_rule=rule),)).text
    assert "No rule comes near" in told(members=(make_member(),)).text


def test_a_change_says_why_it_is_told(make_member: Make) -> None:
    alert = told("changed", (make_member(),), reasons=("2 new destinations",))
    assert alert.text.startswith("It is not any more what was answered: 2 new destinations.")


def test_an_answer_with_an_end_is_over_then() -> None:
    until = TEN + timedelta(hours=1)
    standing = Standing(answer=Answer(1, "snooze", "aiko", "", until))
    assert status_of(standing, TEN) == "snoozed"
    assert status_of(standing, until) == "open"
    assert status_of(Standing(answer=Answer(1, "acknowledge", "aiko", "")), until) == "acknowledged"
    assert status_of(Standing(muted="M-1"), TEN) == "muted"
    assert status_of(Standing(withdrawn=True, muted="M-1"), TEN) == "withdrawn"


def test_what_probes_of_ours_made_is_counted_and_the_rest_is_not_theirs(make_member: Make) -> None:
    ours = make_member(checks=(Check(id="probe", text="asked for by our probe 1 of P-1 (pc)"),))
    assert "It was asked for by our probe 1 of P-1 (pc)." in told(members=(ours,)).text
    two = Extent(2, 2, 2, 1, 3, 10, 1, TEN)
    text = told(members=(ours, make_member()), extent=two).text
    assert "1 of these was asked for by our probe 1 of P-1 (pc)." in text
    assert "It was" not in text
