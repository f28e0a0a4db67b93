"""Headers of all kinds, years that are not told, and framing in any pieces."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.sources.syslog import Framer, heads
from sekisho.sources.times import datetime_of

NOW = datetime(2024, 6, 1, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")


def head(line: str, now: datetime = NOW) -> tuple[Any, ...]:
    found = heads(pa.array([line, "other"]), TOKYO, now)
    at = None if found.timeless[0] else datetime_of(found.at[0]).strftime("%Y-%m-%d %H:%M:%S.%f")[:23]
    message = line.encode()[found.begins[0] :].decode()
    return int(found.priority[0]), at, found.host[0].as_py(), message


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("<34>Oct 11 22:14:15 fw su: x", (34, "2023-10-11 13:14:15.000", "fw", "su: x")),
        ("Mar  1 09:00:00 10.0.0.1 x y", (-1, "2024-03-01 00:00:00.000", "10.0.0.1", "x y")),
        ("<166>Oct 10 2018 12:34:56: %ASA-1", (166, "2018-10-10 03:34:56.000", None, "%ASA-1")),
        ("<166>:Oct 10 12:34:56 UTC: %ASA-1", (166, "2023-10-10 12:34:56.000", None, "%ASA-1")),
        ("<1>2024-03-01T09:00:00.5+09:00 h x", (1, "2024-03-01 00:00:00.500", "h", "x")),
        ("<14>1 2024-03-01T00:00:00Z h a 1 - - m", (14, "2024-03-01 00:00:00.000", "h", "m")),
        (
            '83 <14>1 2024-03-01T00:00:00Z h a 1 i [x@1 k="a\\] \\"b"][y z="1"] \ufeffm n',
            (14, "2024-03-01 00:00:00.000", "h", "m n"),
        ),
        (
            '<14>1 2024-03-01T00:00:00Z h a 1 - [action:"Drop"; x:"1"]',
            (14, "2024-03-01 00:00:00.000", "h", '[action:"Drop"; x:"1"]'),
        ),
        ("<14>1 - - a - - -", (14, None, None, "")),
        (
            "<34>Mar  2 00:00:00 relay Mar  1 2024 09:00:00 fw : %ASA",
            (34, "2024-03-01 00:00:00.000", "fw", ": %ASA"),
        ),
        ("<189>date=2024-03-01 x", (189, None, None, "date=2024-03-01 x")),
        ("<999>plain", (-1, None, None, "plain")),
        ("no header at all", (-1, None, None, "no header at all")),
        ("Foo 99 99:99:99 h x", (-1, None, "h", "x")),
    ],
)
def test_headers(line: str, wanted: tuple[Any, ...]) -> None:
    assert head(line) == wanted


@pytest.mark.parametrize(
    ("stamp", "now", "year"),
    [
        ("Dec 31 23:59:59", datetime(2024, 1, 1, tzinfo=UTC), "2023"),
        ("Jan  1 12:00:00", datetime(2023, 12, 31, 20, tzinfo=UTC), "2024"),
        ("Feb 29 12:00:00", datetime(2023, 6, 1, tzinfo=UTC), "2020"),
    ],
)
def test_a_year_that_is_not_told_is_the_latest_that_is_not_ahead(
    stamp: str, now: datetime, year: str
) -> None:
    assert head(f"{stamp} h x", now)[1][:4] == year


_MESSAGE = st.binary(min_size=1, max_size=30).map(lambda raw: b"<13>" + raw.replace(b"\n", b" "))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.booleans(), _MESSAGE), max_size=6), st.integers(1, 20))
def test_messages_come_whole_in_whatever_pieces(sent: list[tuple[bool, bytes]], size: int) -> None:
    stream = b"".join(
        b"%d %s" % (len(text), text) if counted else text + b"\n" for counted, text in sent
    )
    framer = Framer()
    got: list[bytes] = []
    for start in range(0, len(stream), size):
        got += framer.feed(stream[start : start + size])
    got += framer.close()
    assert got == [text.rstrip(b"\r\n\0") for _, text in sent]
    assert framer.dropped == 0


def test_a_line_may_begin_with_a_number() -> None:
    assert Framer().feed(b"2024-03-01 x\n12 monkeys\n") == [b"2024-03-01 x", b"12 monkeys"]


def test_what_is_too_long_is_skipped_and_counted_and_holds_no_memory() -> None:
    framer = Framer(limit=10)
    got = [message for _ in range(50) for message in framer.feed(b"x" * 7)]
    assert got == []
    assert len(framer._held) <= 17
    assert framer.feed(b"\n<1>a\n50 <1>" + b"y" * 47 + b"<1>b\n") == [b"<1>a", b"<1>b"]
    assert framer.dropped == 2


def test_a_count_that_the_stream_does_not_keep_is_no_message() -> None:
    framer = Framer()
    assert framer.feed(b"20 <1>cut") + framer.close() == []
    assert framer.dropped == 1


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.text(max_size=60))
def test_anything_may_come(raw: bytes, line: str) -> None:
    framer = Framer(limit=20)
    framer.feed(raw)
    framer.close()
    found = heads(pa.array([line.encode("utf-8", "replace").decode()]), UTC, NOW)
    assert 0 <= found.begins[0] <= len(line.encode("utf-8", "replace"))
