"""Single messages taken apart."""

from __future__ import annotations

import pytest

from sekisho.sources.asa_messages import Event, parse
from sekisho.sources.base import ReadContext
from sekisho.sources.lines import Lines


def events(context: ReadContext, *bodies: str) -> list[Event]:
    data = "".join(f"Mar 01 2024 09:00:00 fw : %ASA-6-{body}\n" for body in bodies).encode()
    return parse(Lines(1, len(bodies), data), context).events


@pytest.mark.parametrize(
    "body",
    [
        "302013: Built inbound TCP connection 7 for a:2001:db8::1/5 (2001:db8::1/5) to b:2001:db8::2/22 (x)",
        "302013: Built inbound TCP connection 7 for a:2001:db8::1/5(L\\u) (m/5) to b:2001:db8::2/22 (x) (u)",
        "302014: Teardown TCP connection 7 for a:2001:db8::1/5(u) to b:2001:db8::2/22 duration 9:00:07 bytes 1",
    ],
)
def test_ends_with_whatever_stands_in_brackets(body: str, context: ReadContext) -> None:
    event = events(context, body)[0]
    assert (event.one, event.other) == (("2001:db8::1", 5), ("2001:db8::2", 22))
    assert (event.connection, event.host) == ("7", "fw")


def test_access_list_messages_with_users_and_icmp(context: ReadContext) -> None:
    found = events(
        context,
        "106100: access-list a denied tcp out/10.0.0.1(5)(D\\u) -> in/10.0.0.2(22)(D\\v) hit-cnt 3 first hit",
        "106100: access-list a permitted icmp out/10.0.0.1(8) -> in/10.0.0.2(0) hit-cnt 9 300-second interval",
    )
    assert (found[0].one, found[0].other, found[0].hits) == (("10.0.0.1", 5), ("10.0.0.2", 22), 3)
    assert (found[1].icmp, found[1].permitted, found[1].interval) == (2048, True, 300_000_000)


def test_only_rows_that_are_new_are_counted(context: ReadContext) -> None:
    late = ReadContext("UTC", 1, context.now, first_row=2)
    made = parse(Lines(1, 3, b"x\n\ny\n"), late)
    assert (made.ignored, [reject.row for reject in made.rejects]) == (1, [3])
