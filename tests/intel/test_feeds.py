from __future__ import annotations

import json
from pathlib import Path

import pytest

from sekisho.errors import FileProblems
from sekisho.intel.feeds import feeds_schema, parse_feeds


def test_problems_are_located_and_all_told() -> None:
    with pytest.raises(FileProblems) as caught:
        parse_feeds(
            b"feeds:\n"
            b"  good: {kind: list, path: x.txt, licence: CC0}\n"
            b"  Bad Name: {kind: list, path: x.txt, licence: CC0}\n"
            b"  other:\n"
            b"    kind: lst\n"
            b"    path: x.txt\n"
            b"    licence: CC0\n"
            b"    expries_after: 30d\n"
        )
    places = {(one.line, one.code) for one in caught.value.problems}
    assert places >= {(5, "file/value"), (8, "file/unknown-key")}
    assert any(one.code == "intel/name" for one in caught.value.problems)
    assert any("expires_after" in one.mend for one in caught.value.problems)


def test_a_feed_from_elsewhere_is_another_and_one_believed_more_is_not() -> None:
    def sha256(more: bytes) -> str:
        text = b"feeds:\n  a: {kind: csv, licence: CC0, " + more + b"}\n"
        return parse_feeds(text).feeds["a"].sha256

    assert sha256(b"path: x") == sha256(b"path: x, confidence: 90")
    assert len({sha256(b"path: x"), sha256(b"path: y"), sha256(b"path: x, value: ip")}) == 3


def test_an_empty_file_has_no_feeds_and_those_turned_off_are_left_out() -> None:
    assert not parse_feeds(b"").feeds
    feeds = parse_feeds(b"feeds:\n  a: {kind: kev, path: x, licence: CC0, enabled: false}\n")
    assert list(feeds.feeds) == ["a"]
    assert not feeds.enabled


def test_the_published_schema_is_this_one_and_has_a_word_for_every_key() -> None:
    schema = feeds_schema()
    published = Path(__file__).parents[2] / "docs" / "reference" / "editor" / "intel.json"
    assert json.loads(published.read_text()) == json.loads(json.dumps(schema))
    assert all(key.get("description") for key in schema["$defs"]["FeedShape"]["properties"].values())
