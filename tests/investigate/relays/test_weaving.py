from __future__ import annotations

from collections.abc import Callable

from sekisho.investigate.fabric import Fabric
from sekisho.investigate.relays.base import Leg, Stitch
from sekisho.investigate.relays.weaving import Row, woven_in
from sekisho.investigate.talks import Talk
from sekisho.model.sites import Relay
from sekisho.model.verdicts import Rank

CLIENT, JUMP, TARGET = "10.2.0.40", "10.1.0.8", "10.3.0.50"


def test_stitched_rows_stand_after_the_logged_ones(
    woven: Callable[..., Fabric], at_hour: Callable[[float], int]
) -> None:
    fabric = woven(
        [
            (CLIENT, JUMP, 22, Rank.UNAUTHORIZED, 50, 1),
            (JUMP, TARGET, 3389, Rank.AUTHORIZED, 1, 30),
        ]
    )
    client, jump, target = (
        fabric.numbers(*fabric_key(fabric, one))[0] for one in (CLIENT, JUMP, TARGET)
    )
    talk = Talk(at_hour(50), at_hour(51), 1, 1, "s")
    relay = Relay("jump", "jump", ())
    told = Stitch(relay, jump, 1, 1.0, "why", (Leg(client, 0, talk, 1.0, "why"),))
    nobody = Stitch(relay, jump, 1, 0.0, "why")
    grown, stitches, talks = woven_in(
        fabric, [Row(client, told, (talk,)), Row(None, nobody, (talk, talk))], [1]
    )
    assert (grown.logged, len(grown), sorted(stitches)) == (2, 4, [2, 3])
    assert talks[3] == (talk, talk)
    assert (int(grown.src[2]), int(grown.dst[2]), int(grown.port[2])) == (client, target, 3389)
    assert int(grown.rank[2]) == int(Rank.UNAUTHORIZED), "the client's side is minded"
    assert int(grown.rank[3]) == int(Rank.AUTHORIZED)
    assert grown.first.tolist()[2:] == [at_hour(50)] * 2
    # The pair is new, although the jump host had long been seen with the target.
    assert grown.pair_first.tolist()[2:] == [at_hour(50), at_hour(1)]
    hidden = int(grown.src[3])
    assert [grown.hidden(host) for host in (client, jump, target, hidden)] == [False] * 3 + [True]
    assert (grown.address(hidden), grown.site(hidden)) == (JUMP, "a")
    assert [grown.address(host) for host in (client, jump, target)] == [CLIENT, JUMP, TARGET]
    assert grown.numbers(*fabric_key(fabric, JUMP)) == [jump], "nobody hidden is named by an address"


def fabric_key(_fabric: Fabric, address: str) -> tuple[int, int]:
    from sekisho.model.addresses import key, parse_address

    return key(parse_address(address))


def test_nothing_to_put_in_changes_nothing(woven: Callable[..., Fabric]) -> None:
    fabric = woven([(CLIENT, JUMP, 22, Rank.AUTHORIZED, 1, 1)])
    assert woven_in(fabric, [], ()) == (fabric, {}, {})
