from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.intel.base import Given
from sekisho.intel.feeds import Feeds, parse_feeds
from sekisho.intel.gathering import gather
from sekisho.intel.keeping import Keeper, Kept
from sekisho.intel.loading import LOADED, age, asked_of, load
from sekisho.intel.screening import Screen
from sekisho.model.indicators import IndicatorKind

NOW = datetime(2020, 6, 11, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    return Keeper(tmp_path / "intel")


def feeds(
    text: str = "a: {kind: list, path: x, licence: CC0, confidence: 60, expires_after: 30d}",
) -> Feeds:
    return parse_feeds(f"feeds:\n  {text}\n".encode())


def keep(keeper: Keeper, feeds: Feeds, *items: Given, checked: datetime = NOW, error: str = "") -> None:
    (feed,) = feeds.feeds.values()
    rows = gather(items, Screen()).rows
    keeper.put(feed.name, Kept(of=feed.sha256, checked=checked, error=error), rows)


def test_what_the_feed_does_not_say_the_register_says(keeper: Keeper) -> None:
    known = feeds()
    keep(
        keeper,
        known,
        Given("45.9.148.1", confidence=90, tlp="red"),
        Given("45.9.148.2", seen=NOW - 40 * DAY),
        Given("45.9.148.3", seen=NOW - 40 * DAY, valid_until=NOW + DAY, confidence=20),
        Given("45.9.148.4", valid_until=NOW),
        Given("45.9.148.5", seen=datetime(9999, 12, 30, tzinfo=UTC)),
    )
    found = load(keeper, known, NOW)
    assert found.rows.schema == LOADED
    rows = found.rows.to_pylist()
    # No indicator is believed more than its feed.
    assert [one["confidence"] for one in rows] == [60, 60, 20, 60, 60]
    assert [one["tlp"] for one in rows] == ["red", "clear", "clear", "clear", "clear"]
    assert [one["expired"] for one in rows] == [False, True, False, True, False]
    assert rows[0]["valid_until"] == NOW + 30 * DAY
    assert rows[4]["valid_until"] is None
    assert (found.feeds[0].indicators, found.feeds[0].expired) == (5, 2)
    assert found.feed("a").standing == "current"


def test_a_stale_feed_never_looks_current_and_its_indicators_end(keeper: Keeper) -> None:
    known = feeds()
    keep(keeper, known, Given("45.9.148.1"), checked=NOW - 31 * DAY)
    found = load(keeper, known, NOW)
    assert (found.feeds[0].standing, found.feeds[0].age_seconds) == ("stale", 31 * 86_400)
    assert found.rows["expired"].to_pylist() == [True]
    assert "31 days old" in found.notes[0]
    assert load(keeper, known, NOW - 31 * DAY).notes == ()


def test_feeds_that_were_never_fetched_failed_or_are_off(keeper: Keeper) -> None:
    known = feeds()
    assert load(keeper, known, NOW).feeds[0].standing == "never"
    keeper.put("a", Kept(of=known.feeds["a"].sha256, tried=NOW, error="no route"))
    never = load(keeper, known, NOW)
    assert never.feeds[0].standing == "never"
    assert never.notes == ("the feed a could never be fetched: no route",)
    keep(keeper, known, Given("45.9.148.1"), error="away")
    failing = load(keeper, known, NOW)
    assert (failing.feeds[0].standing, failing.rows.num_rows) == ("failing", 1)
    assert "away" in failing.notes[0]
    elsewhere = feeds("a: {kind: list, path: other, licence: CC0}")
    assert load(keeper, elsewhere, NOW).feeds[0].standing == "never"
    off = feeds("a: {kind: list, path: x, licence: CC0, enabled: false}")
    assert (load(keeper, off, NOW).feeds[0].standing, load(keeper, off, NOW).rows.num_rows) == (
        "off",
        0,
    )
    assert load(keeper, known, NOW, ("b",)).feeds == ()


def test_a_damaged_feed_says_so_and_the_others_are_read(keeper: Keeper) -> None:
    known = feeds()
    keep(keeper, known, Given("45.9.148.1"))
    (keeper.root / "a" / "1.parquet").write_bytes(b"rubbish")
    found = load(keeper, known, NOW)
    assert found.rows.num_rows == 0
    assert "cannot be read" in (found.feeds[0].error or "")


def test_indicators_as_the_lake_is_asked(keeper: Keeper) -> None:
    known = feeds()
    keep(
        keeper,
        known,
        Given("45.9.148.1"),
        Given("45.9.0.0/16"),
        Given("2a0b:f4c0::/29"),
        Given("evil.example"),
        Given("http://cdn.example/x"),
        Given("http://45.9.148.2/x"),
        Given("d41d8cd98f00b204e9800998ecf8427e", IndicatorKind.JA3),
        Given("a" * 64),
        Given("CVE-2020-1472"),
    )
    asked = asked_of(load(keeper, known, NOW).rows)
    assert sorted(asked.addresses["number"].to_pylist()) == [0, 5]
    assert {(r["number"], r["length"]) for r in asked.prefixes.to_pylist()} == {(1, 112), (2, 29)}
    assert {(r["number"], r["family"], r["value"][:12]) for r in asked.names.to_pylist()} == {
        (3, "below", "evil.example"),
        (4, "host", "cdn.example"),
        (6, "ja3", "d41d8cd98f00"),
        (6, "ja3s", "d41d8cd98f00"),
        (7, "sha256", "a" * 12),
    }


def test_age_in_words() -> None:
    assert [age(one) for one in (None, 10, 3600, 47 * 3600, 48 * 3600)] == [
        "of unknown age",
        "0 hours",
        "1 hour",
        "47 hours",
        "2 days",
    ]
