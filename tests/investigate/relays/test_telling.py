"""What is told of records, bytes and names is looked at through the chains of test_stitching.py too."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.investigate.fabric import Fabric
from sekisho.investigate.relays.base import Behind, Leg, Stitch
from sekisho.investigate.relays.telling import Passed
from sekisho.investigate.relays.weaving import Row, woven_in
from sekisho.investigate.talks import Talk
from sekisho.model.sites import Relay
from sekisho.model.verdicts import Rank

RELAY = Relay("jump", "jump", ())


@pytest.fixture
def passed(woven: Callable[..., Fabric], at_hour: Callable[[float], int]) -> Passed:
    """A told client (row 2) and somebody hidden (row 3)."""
    fabric = woven(
        [
            ("10.2.0.40", "10.1.0.8", 22, Rank.AUTHORIZED, 50, 1),
            ("10.1.0.8", "10.3.0.50", 3389, Rank.UNAUTHORIZED, 1, 30),
        ]
    )
    client, jump = int(fabric.src[0]), int(fabric.dst[0])
    talk = Talk(at_hour(50), at_hour(51), 1_000, 5_000, "x-edge")
    leg = Leg(client, 0, talk, 1.0, "bytes agree", 0.97)
    rows = [
        Row(client, Stitch(RELAY, jump, 1, 0.97, "told", (leg,)), (talk,)),
        Row(None, Stitch(RELAY, jump, 1, 0.0, "two", (), (Behind(client, 0.5, 1, "open"),)), (talk,)),
    ]
    grown, stitches, talks = woven_in(fabric, rows, [1])
    return Passed(grown, stitches, talks, {"x-edge": 60.0})


def test_the_relay_is_told_of_a_client(passed: Passed, at_hour: Callable[[float], int]) -> None:
    (through,) = passed.through(2, at_hour(50))
    assert (through.relay, through.address, through.site) == ("jump", "10.1.0.8", "a")
    assert (through.port, through.share, through.why) == (22, 0.97, "bytes agree")
    assert passed.hidden_behind(2) is None
    assert passed.through(0, at_hour(50)) == passed.through(3, at_hour(50)) == ()


def test_the_hidden_are_ranked(passed: Passed) -> None:
    told = passed.hidden_behind(3)
    assert told is not None
    assert [(one.address, one.rank, one.share) for one in told.candidates] == [("10.2.0.40", 1, 0.5)]
    (note,) = passed.notes([0, 2, 3])
    assert "10.2.0.40 (50%)" in note
    host = int(passed.fabric.src[3])
    assert passed.label(host, 3) == "somebody behind the jump host jump"


def test_bytes_and_time_are_of_its_own_sessions(
    passed: Passed, at_hour: Callable[[float], int]
) -> None:
    measured = {"bytes_out": 100_000, "bytes_out_spread": 10_000, "flags": 0}
    found = passed.bytes_of(2, measured, "out")
    assert (found.low, found.high) == (1_000, 1_100)
    began = passed.began(2)
    assert began is not None
    assert round(began.timestamp() * 1e6) == at_hour(50) + 60_000_000, "as its sensor's clock has it"
    assert passed.began(1) is None
