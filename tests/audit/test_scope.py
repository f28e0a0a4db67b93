from __future__ import annotations

import pytest

from sekisho.audit.scope import scope
from sekisho.errors import RequestError
from sekisho.model.sites import Sensor

SITES = ["jp", "th", "us"]


def test_without_a_request_everything_is_in_it() -> None:
    whole = scope(SITES, None, None)
    assert whole.whole
    assert whole.holds("jp", None)
    assert whole.holds(None, None)


def test_sites_need_one_end_and_a_pair_needs_both() -> None:
    some = scope(SITES, ["jp"], None)
    assert [some.holds("jp", "th"), some.holds(None, "jp"), some.holds("th", "us")] == [
        True,
        True,
        False,
    ]
    link = scope(SITES, None, ("jp", "th"))
    assert [link.holds("jp", "th"), link.holds("th", "jp"), link.holds("jp", "jp")] == [
        True,
        True,
        False,
    ]
    assert not link.holds("jp", None)
    inside = scope(SITES, None, ("jp", "jp"))
    assert [inside.holds("jp", "jp"), inside.holds("jp", "th")] == [True, False]


def test_an_unknown_site_is_an_error_that_lists_the_choices() -> None:
    with pytest.raises(RequestError, match="no site 'xx'") as caught:
        scope(SITES, ["jp", "xx"], None)
    assert caught.value.mend == "sites: jp, th, us"
    with pytest.raises(RequestError, match="no site 'yy'"):
        scope(SITES, None, ("jp", "yy"))


def test_who_could_see_a_pair() -> None:
    asked = scope(["a", "b", "c"], None, ("a", "b"))
    assert asked.watches(Sensor(name="s", site="a"))
    assert not asked.watches(Sensor(name="s", site="c"))
    assert asked.watches(Sensor(name="s", site="c", sees=frozenset({"transit"})))
    assert scope(["a"], ["a"], None).watches(Sensor(name="s", site="c")), "the other end's"
