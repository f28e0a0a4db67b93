from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sekisho.intel.base import Aside, FeedError, Given, Superseded
from sekisho.intel.gathering import EXAMPLES, gather
from sekisho.intel.screening import Screen
from sekisho.model.addresses import key, parse_address
from sekisho.model.indicators import INDICATORS

NOW = datetime(2020, 6, 11, tzinfo=UTC)


def test_rows_have_what_the_feed_says_and_nothing_else(screen: Screen) -> None:
    found = gather(
        [
            Given("45.9.148.3", seen=NOW - timedelta(days=40), confidence=90, tlp="red", says="bot"),
            Given("2a0b:f4c0::/32", valid_from=NOW),
            Given("http://evil.example/x", valid_until=NOW),
        ],
        screen,
    )
    assert found.rows.schema == INDICATORS
    one, prefix, url = found.rows.to_pylist()
    assert (one["hi"], one["lo"], one["length"]) == (*key(parse_address("45.9.148.3")), 128)
    assert (one["confidence"], one["tlp"], one["says"]) == (90, "red", "bot")
    assert (one["seen"], one["valid_until"]) == (NOW - timedelta(days=40), None)
    assert (prefix["length"], prefix["tlp"], prefix["seen"]) == (32, None, NOW)
    assert (url["host"], url["hi"], url["valid_until"]) == ("evil.example", None, NOW)


def test_what_is_set_aside_is_counted_by_why_with_some_examples(screen: Screen) -> None:
    items = [Given(f"8.8.{n}") for n in range(20)]
    items += [Given("0.0.0.0/0"), Given("133.7.0.0/16"), Given("8.8.8.8"), Given("<b>bold</b>")]
    found = gather([*items, Aside("revoked", "x\x1by"), Superseded("x")], screen)
    assert found.rows.num_rows == 0
    assert found.aside == {"malformed": 21, "too_wide": 1, "company": 1, "common": 1, "revoked": 1}
    assert len(found.examples["malformed"]) == EXAMPLES
    assert found.examples["revoked"] == ["x y"]
    assert found.superseded == {"x"}


def test_what_is_given_twice_counts_once_and_too_much_is_refused_whole(screen: Screen) -> None:
    twice = [Given("45.9.148.3"), Given("45.9.148[.]3")]
    assert gather(twice, screen, most=1).rows.num_rows == 1
    with pytest.raises(FeedError, match="more than the 1 indicators"):
        gather([*twice, Given("45.9.148.4")], screen, most=1)
