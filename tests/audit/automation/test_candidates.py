from __future__ import annotations

import numpy as np
import pytest

from sekisho.audit.automation.candidates import SETTLED, candidates, within
from sekisho.audit.automation.ends import Ends
from sekisho.model.verdicts import Rank

HOSTS = 1_000
COMMON, RARE, OUTSIDE = 3, 4, 5


def of(src: int, dst: int) -> Ends:
    """One connection among a thousand hosts, of which OUTSIDE is none of the company's."""
    site = np.ones(HOSTS, dtype=np.int64)
    site[[COMMON, RARE, OUTSIDE]] = 0
    talked = np.ones(HOSTS, dtype=np.int64)
    talked[COMMON] = 600
    return Ends(np.array([src]), np.array([dst]), site, (None, "hq"), talked)


def wanted(rank: Rank, ends: Ends, port: int = 443, protocol: int = 6, met: int = 0) -> bool:
    columns = (np.array([value]) for value in (int(rank), protocol, port, met))
    return bool(candidates(*columns, ends, 0)[0])


def test_every_violation_is_looked_at() -> None:
    for rank in (Rank.UNMAPPED, Rank.ATTEMPTED, Rank.LAPSED, Rank.UNAUTHORIZED):
        assert wanted(rank, of(0, COMMON), port=53, protocol=17)


def test_outbound_to_what_few_talk_to() -> None:
    assert wanted(Rank.EXTERNAL, of(0, RARE))
    assert not wanted(Rank.EXTERNAL, of(0, COMMON)), "what many do is how the company works"
    assert not wanted(Rank.EXTERNAL, of(RARE, 0)), "what comes in is somebody else's program"
    assert not wanted(Rank.INTRA_SITE, of(0, 1))


@pytest.mark.parametrize(("protocol", "port"), [(17, 123), (17, 53), (6, 514), (6, 389)])
def test_what_is_regular_by_its_role(protocol: int, port: int) -> None:
    assert not wanted(Rank.EXTERNAL, of(0, RARE), port, protocol)
    assert wanted(Rank.EXTERNAL, of(0, RARE), port + 40_000, protocol)


def test_what_a_rule_allows_is_looked_at_where_the_pair_is_new() -> None:
    assert not wanted(Rank.AUTHORIZED, of(0, 1), met=SETTLED - 1)
    assert wanted(Rank.AUTHORIZED, of(0, 1), met=SETTLED)


def test_no_more_flows_than_there_is_room_for() -> None:
    talked = np.array([9, 1, 1, 5])
    ends = Ends(np.arange(4), np.arange(4), np.ones(4, dtype=np.int64), (None, "a"), talked)
    rank = np.array([Rank.EXTERNAL, Rank.EXTERNAL, Rank.EXTERNAL, Rank.UNAUTHORIZED])
    flows = np.array([10, 40, 20, 100])
    all_ = np.ones(4, dtype=np.bool_)
    assert within(all_, rank, flows, ends, 1_000).places.tolist() == [0, 1, 2, 3]
    some = within(all_, rank, flows, ends, 120)
    assert (some.places.tolist(), some.left_out) == ([2, 3], 2), "violations, then the rarest peer"
    assert within(all_, rank, flows, ends, 99).places.tolist() == []
