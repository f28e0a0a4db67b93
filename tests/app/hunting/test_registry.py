from __future__ import annotations

from datetime import datetime

import pytest

from sekisho.app.hunting.registry import add_feed, keeper_of, known, listed, loaded, read_feeds
from sekisho.app.workspace import Workspace
from sekisho.errors import FileProblems, RequestError

SAID = {"kind": "list", "path": "x.txt", "licence": "CC0"}


def test_a_feed_is_added_and_what_stands_there_stays(raw: Workspace, now: datetime) -> None:
    assert listed(raw, now).feeds == ()
    path = add_feed(raw, "first", SAID)
    path.write_text(path.read_text() + "  # a word\n")
    add_feed(raw, "second", SAID | {"licence": 'of "us": #1', "confidence": 70})
    assert "# a word" in path.read_text()
    feeds = read_feeds(raw).feeds
    assert list(feeds) == ["first", "second"]
    assert (feeds["second"].said.licence, feeds["second"].said.confidence) == ('of "us": #1', 70)
    document = listed(raw, now)
    assert [one.standing for one in document.feeds] == ["never", "never"]
    assert "never fetched" in document.notes[0]


def test_what_is_not_added(raw: Workspace) -> None:
    path = add_feed(raw, "first", SAID)
    before = path.read_bytes()
    with pytest.raises(RequestError, match="already"):
        add_feed(raw, "first", SAID)
    with pytest.raises(FileProblems):
        add_feed(raw, "second", {"kind": "list"})
    with pytest.raises(FileProblems):
        add_feed(raw, "x: {}\n  y", SAID)
    assert path.read_bytes() == before
    path.write_text("feeds: {a: {kind: list, path: x, licence: CC0}}\n")
    with pytest.raises(RequestError):
        add_feed(raw, "second", SAID)


def test_a_feed_that_is_not_there(raw: Workspace, now: datetime) -> None:
    add_feed(raw, "first", SAID)
    assert known(read_feeds(raw), ("first",)) == ("first",)
    with pytest.raises(RequestError) as caught:
        loaded(raw, now, ("frist",))
    assert "first" in caught.value.mend
    assert keeper_of(raw).root == raw.data / "intel"
