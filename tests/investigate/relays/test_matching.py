from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.investigate.relays.matching import Inward, legs, shared
from sekisho.investigate.talks import Talk

SECOND = 1_000_000


def talk(start: float, length: float, sent: int = 5_000, received: int = 9_000) -> Talk:
    """A session in seconds."""
    return Talk(round(start * SECOND), round((start + length) * SECOND), sent, received, "s")


def test_who_was_not_in_session_is_no_client() -> None:
    inward = Inward([(1, 10, talk(0, 60)), (2, 20, talk(500, 60)), (3, 30, talk(90, 600))])
    assert [leg.client for leg in legs("jump", talk(100, 10), inward)] == [3]


def test_the_same_bytes_tell_one_of_many() -> None:
    others = [(n, n, talk(99.9, 60, 80_000 * n, 900_000)) for n in range(1, 6)]
    inward = Inward([*others, (9, 9, talk(99.8, 61, 5_100, 9_300))])
    found = shared(legs("proxy", talk(100, 60), inward), unseen=False)
    assert found[0].client == 9
    assert "bytes in and out agree" in found[0].text
    assert found[0].share > 3 * found[1].share


def test_a_proxy_does_not_pass_on_more_than_came() -> None:
    inward = Inward([(1, 1, talk(99, 60, 3_000, 3_000)), (2, 2, talk(99, 60, 900_000, 900_000))])
    found = legs("proxy", talk(100, 50, 400_000, 300_000), inward)
    assert [leg.client for leg in found] == [2, 1]
    assert "more bytes went out" in found[1].text


def test_a_gateway_shows_the_same_session_twice() -> None:
    inward = Inward([(1, 1, talk(100.2, 60)), (2, 2, talk(40, 300)), (3, 3, talk(100.1, 60, 1, 1))])
    assert [leg.client for leg in legs("nat", talk(100, 60), inward)] == [1]


def test_a_long_session_begun_before_many_short_ones_is_not_missed() -> None:
    short = [(2, 2, talk(n, 1)) for n in range(1, 900)]
    inward = Inward([(1, 1, talk(0, 5_000)), *short])
    assert {leg.client for leg in legs("vpn", talk(2_000, 10), inward)} == {1}


session = st.tuples(st.integers(1, 5), st.integers(0, 300), st.integers(0, 300), st.integers(0, 10_000))


@settings(max_examples=60)
@given(st.lists(session, max_size=12), st.booleans())
def test_shares_add_up_and_the_best_come_first(
    sessions: list[tuple[int, int, int, int]], unseen: bool
) -> None:
    inward = Inward((client, client, talk(at, lasts, sent)) for client, at, lasts, sent in sessions)
    found = shared(legs("proxy", talk(150, 30), inward), unseen=unseen)
    assert len({leg.client for leg in found}) == len(found)
    assert [leg.share for leg in found] == sorted((leg.share for leg in found), reverse=True)
    whole = sum(leg.share for leg in found)
    assert whole < 1 if unseen else not found or abs(whole - 1) < 1e-9
