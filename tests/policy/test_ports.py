from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.model.services import PortRange
from sekisho.policy.ports import (
    LAST,
    Span,
    covers,
    describe,
    key,
    meet,
    minus,
    named,
    one,
    protocol_range,
    service_at,
    size,
    spans_of,
    touch,
    union,
    within,
)  # fmt: skip

spans = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 8)).map(lambda pair: (pair[0], pair[0] + pair[1]))
)


def keys(found: tuple[Span, ...] | list[Span]) -> set[int]:
    return {value for first, last in found for value in range(first, last + 1)}


@given(spans, spans)
def test_the_algebra_is_that_of_sets(mine: list[Span], theirs: list[Span]) -> None:
    a, b = union(mine), union(theirs)
    assert keys(a) == keys(mine)
    assert list(a) == sorted(a)
    assert all(left[1] + 1 < right[0] for left, right in pairwise(a))
    assert keys(minus(a, b)) == keys(a) - keys(b)
    assert keys(meet(a, b)) == keys(a) & keys(b)
    assert within(a, b) == (keys(a) <= keys(b))
    assert all(covers(a, value) == (value in keys(a)) for value in range(50))


@pytest.mark.parametrize(
    ("ranges", "text"),
    [
        ([PortRange(None)], "any"),
        ([PortRange(6, 443, 443)], "tcp/443"),
        ([PortRange(6, 443, 443), PortRange(6, 444, 500), PortRange(17, 53, 53)], "tcp/443-500, udp/53"),
        ([PortRange(1, 0, 0), PortRange(58, 0, 0)], "icmp"),
        ([PortRange(47, 0, 0)], "gre"),
        ([PortRange(6, 0, 65535)], "tcp"),
        ([PortRange(6, n, n) for n in range(1, 17, 2)], "tcp/1, tcp/3, tcp/5, tcp/7, tcp/9, tcp/11 and 2 more"),
    ],
)  # fmt: skip
def test_spans_as_a_person_writes_them(ranges: list[PortRange], text: str) -> None:
    assert describe(spans_of(ranges)) == text


def test_keys_of_services() -> None:
    assert service_at(key(6, 443)) == (6, 443)
    assert service_at(key(1, 2048)) == (1, 0)
    assert spans_of([PortRange(None), PortRange(6, 1, 1)]) == ((0, LAST),)
    assert covers(spans_of([PortRange(47, 0, 0)]), key(47, 999))
    assert size(spans_of([PortRange(6, 10, 19), PortRange(17, 1, 1)]), 6) == 10
    assert size(spans_of([PortRange(None)]), 17) == 65_536
    assert (one(6, 445), one(1, 0), one(255, 0)) == ("tcp/445", "icmp", "ip/255")
    assert protocol_range(17) == PortRange(17, 0, 65535)
    assert protocol_range(50) == PortRange(50, 0, 0)


def test_names() -> None:
    assert named("SMB") == named("smb")
    assert named("icmp") == (PortRange(1, 0, 0), PortRange(58, 0, 0))
    assert named("nothing") is None


@given(spans, spans)
def test_spans_touch_where_they_share_something(some: list[Span], others: list[Span]) -> None:
    assert touch(union(some), union(others)) == bool(meet(union(some), union(others)))
