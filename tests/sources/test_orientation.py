"""Both halves of a conversation get the same initiator, whatever they look like."""

from __future__ import annotations

from ipaddress import ip_address

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.model.addresses import key
from sekisho.model.flows import Flag, Orientation
from sekisho.sources.base import ReadContext
from sekisho.sources.draft import Draft
from sekisho.sources.orientation import orient

A, B = "10.0.0.1", "10.0.0.9"
Record = tuple[str, int, str, int, int, int]
"""src, src_port, dst, dst_port, protocol, flags"""


def oriented(
    context: ReadContext, *records: Record, answers: list[bool] | None = None
) -> list[tuple[str, int, int, bool]]:
    """(initiator, responder's port, certainty, turned round) of each."""
    draft = Draft(np.arange(len(records)), context)
    names = {}
    for position, side in ((0, "src"), (2, "dst")):
        keys = [key(ip_address(str(record[position]))) for record in records]
        names |= {pair: str(records[n][position]) for n, pair in enumerate(keys)}
        draft.columns[f"{side}_hi"] = np.array([hi for hi, _ in keys])
        draft.columns[f"{side}_lo"] = np.array([lo for _, lo in keys])
        draft.columns[f"{side}_port"] = np.array([record[position + 1] for record in records])
    draft.columns["protocol"] = np.array([record[4] for record in records])
    draft.flags = np.array([record[5] for record in records], dtype=np.int32)
    orient(draft, answers=None if answers is None else np.array(answers))
    columns = draft.columns
    return [
        (
            names[int(columns["src_hi"][n]), int(columns["src_lo"][n])],
            int(columns["dst_port"][n]),
            int(columns["orientation"][n]),
            bool(draft.flags[n] & int(Flag.REVERSED)),
        )
        for n in range(len(records))
    ]


SYN, REPLY = int(Flag.SYN_ONLY), int(Flag.SYN_ACK)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ((A, 50_000, B, 443, 6, 0), (A, 443, Orientation.KNOWN_SERVICE, False)),
        ((B, 443, A, 50_000, 6, 0), (A, 443, Orientation.KNOWN_SERVICE, True)),
        ((A, 50_001, B, 50_000, 17, 0), (A, 50_000, Orientation.LOWER_PORT, False)),
        ((A, 443, B, 50_000, 6, SYN), (A, 50_000, Orientation.HANDSHAKE, False)),
        ((A, 0, B, 0, 1, 0), (B, 0, Orientation.GUESS, True)),
        ((B, 0, A, 0, 47, 0), (B, 0, Orientation.GUESS, False)),
        ((A, 123, B, 123, 17, 0), (B, 123, Orientation.GUESS, True)),
    ],
)
def test_rules(context: ReadContext, record: Record, expected: tuple[str, int, int, bool]) -> None:
    assert oriented(context, record) == [expected]


def test_a_syn_decides_for_the_records_that_came_with_it(context: ReadContext) -> None:
    out, back = (A, 22, B, 50_000, 6, SYN), (B, 50_000, A, 22, 6, REPLY)
    other = (A, 22, B, 50_001, 6, 0)
    found = oriented(context, out, back, other)
    assert [one[:2] for one in found] == [(A, 50_000), (A, 50_000), (B, 22)]
    assert found[1][2] == Orientation.HANDSHAKE


def test_who_is_known_to_have_answered_is_the_responder(context: ReadContext) -> None:
    records = ((A, 50_000, B, 22, 6, 0), (B, 22, A, 50_000, 6, 0))
    found = oriented(context, *records, answers=[True, False])
    assert [one[:3] for one in found] == [(B, 50_000, Orientation.HANDSHAKE)] * 2


def test_syns_that_contradict_each_other_leave_it_to_the_ports(context: ReadContext) -> None:
    found = oriented(context, (A, 22, B, 50_000, 6, SYN), (B, 50_000, A, 22, 6, SYN))
    assert [one[:3] for one in found] == [(B, 22, Orientation.GUESS)] * 2


@settings(max_examples=300, deadline=None)
@given(
    ends=st.tuples(*(st.sampled_from([A, B, "2001:db8::1", "10.0.0.200"]) for _ in range(2))),
    ports=st.tuples(*(st.sampled_from([0, 22, 53, 443, 8443, 40_000, 50_000]) for _ in range(2))),
    protocol=st.sampled_from([1, 6, 17, 47, 132]),
)
def test_both_halves_agree(
    context: ReadContext, ends: tuple[str, str], ports: tuple[int, int], protocol: int
) -> None:
    if protocol in (1, 47):
        ports = (0, 0)
    forth = oriented(context, (ends[0], ports[0], ends[1], ports[1], protocol, 0))
    back = oriented(context, (ends[1], ports[1], ends[0], ports[0], protocol, 0))
    assert forth[0][:3] == back[0][:3]
    if (ends[0], ports[0]) != (ends[1], ports[1]):
        assert forth[0][3] != back[0][3]
