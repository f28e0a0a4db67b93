from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.watch.watched import TEN

from sekisho.model.findings import End, NearestRule
from sekisho.watch.alerts import Member
from sekisho.watch.muting import Window, window_of

Make = Callable[..., Member]


def window(**scope: Any) -> Window:
    return Window("M-1", TEN, TEN + timedelta(hours=1), "aiko", "firmware", **scope)


@pytest.mark.parametrize(
    ("scope", "inside"),
    [
        ({}, True),
        ({"sites": ("th-plant",)}, True),
        ({"sites": ("us-plant",)}, False),
        ({"links": (("jp-hq", "th-plant"),)}, True),
        ({"links": (("*", "th-plant"),)}, True),
        ({"links": (("us-plant", "*"),)}, False),
        ({"hosts": ("10.40.9.9",)}, True),
        ({"hosts": ("10.40.0.0/16",)}, True),
        ({"hosts": ("th-app02",)}, True),
        ({"hosts": ("2001:db8::/32", "nobody")}, False),
        ({"rules": ("R-1",)}, True),
        ({"rules": ("R-2",)}, False),
        ({"sites": ("th-plant",), "hosts": ("10.40.1.1",)}, False),
    ],
)
def test_all_that_a_window_says_must_hold(
    scope: dict[str, Any], inside: bool, make_member: Make
) -> None:
    member = make_member(
        src=End(address="10.40.9.9", site="th-plant", asset="th-app02"),
        nearest_rule=NearestRule(id="R-1", why_not="expired"),
    )
    assert window(**scope).holds(member, TEN) is inside


def test_its_end_is_outside_and_of_several_the_last_to_end_counts(make_member: Make) -> None:
    member = make_member()
    one = window()
    assert not one.holds(member, one.end)
    assert not one.holds(member, TEN - timedelta(seconds=1))
    longer = Window("M-2", TEN, TEN + timedelta(hours=2), "aiko", "more")
    assert window_of([longer, one], member, TEN) is longer
    assert window_of([one], member, one.end) is None
