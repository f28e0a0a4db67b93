"""What was done without a rule before and after a permitted connection."""

from collections.abc import Callable

import pytest

from sekisho.investigate.fabric import Fabric
from sekisho.investigate.violations import Bridge, Violations
from sekisho.model.addresses import key, parse_address
from sekisho.model.verdicts import Rank

Woven = Callable[..., Fabric]
Hour = Callable[[float], int]
OUTSIDER = "10.4.0.1"
ADMIN, JUMP, SERVER, LAST = "10.1.0.1", "10.1.0.2", "10.2.0.1", "10.3.0.1"


def looked(made: Fabric) -> Violations:
    bad = (n for n, rank in enumerate(made.rank.tolist()) if rank == int(Rank.UNAUTHORIZED))
    return Violations(made, {n: int(made.first[n]) for n in bad})


def host(made: Fabric, address: str) -> int:
    return made.numbers(*key(parse_address(address)))[0]


def test_a_permitted_connection_lies_between_two_that_no_rule_allows(
    woven: Woven, at_hour: Hour
) -> None:
    made = woven([
        (OUTSIDER, ADMIN, 22, Rank.UNAUTHORIZED, 50, 1),
        (ADMIN, SERVER, 22, Rank.AUTHORIZED, 2, 40),
        (SERVER, LAST, 22, Rank.UNAUTHORIZED, 70, 1),
        *(("10.1.0.9", f"10.2.0.{n}", 22, Rank.AUTHORIZED, 99, 1) for n in range(30, 90)),
    ])  # fmt: skip
    found = looked(made)
    after, _ = found.onward(host(made, SERVER), at_hour(60)) or (0, 0.0)
    assert after == at_hour(70) - at_hour(60)
    assert found.bridge(1, at_hour(60)) == Bridge(at_hour(60) - at_hour(50), reached=1, onto=1)
    assert found.bridge(1, at_hour(40)) is None, "nobody had come to its source yet"
    assert found.bridge(1, at_hour(80)) is None, "its destination did nothing after that"


def test_others_who_were_reached_and_other_ways_on_are_counted(woven: Woven, at_hour: Hour) -> None:
    made = woven([
        (OUTSIDER, ADMIN, 22, Rank.UNAUTHORIZED, 50, 1),
        (ADMIN, SERVER, 22, Rank.AUTHORIZED, 2, 40),
        (SERVER, LAST, 22, Rank.UNAUTHORIZED, 70, 1),
        (OUTSIDER, "10.1.0.5", 22, Rank.UNAUTHORIZED, 55, 1),
        ("10.1.0.5", SERVER, 22, Rank.AUTHORIZED, 2, 40),
        (OUTSIDER, "10.1.0.6", 22, Rank.UNAUTHORIZED, 71, 1),
        ("10.1.0.6", SERVER, 22, Rank.AUTHORIZED, 2, 40),
        (ADMIN, "10.2.0.7", 445, Rank.AUTHORIZED, 2, 40),
        ("10.2.0.7", LAST, 22, Rank.UNAUTHORIZED, 80, 1),
        (ADMIN, "10.2.0.8", 443, Rank.AUTHORIZED, 2, 40),
        ("10.2.0.8", LAST, 22, Rank.UNAUTHORIZED, 80, 1),
    ])  # fmt: skip
    found = looked(made)
    # Who was reached after the server went on did not lead to it; over the web nobody takes control.
    assert found.bridge(1, at_hour(60)) == Bridge(at_hour(60) - at_hour(50), reached=2, onto=2)
    assert found.bridge(9, at_hour(60)) is None


def test_a_destination_that_was_reached_without_a_rule_needs_no_bridge(
    woven: Woven, at_hour: Hour
) -> None:
    made = woven([
        (OUTSIDER, ADMIN, 22, Rank.UNAUTHORIZED, 50, 1),
        (ADMIN, SERVER, 22, Rank.AUTHORIZED, 2, 40),
        ("10.4.0.7", SERVER, 22, Rank.UNAUTHORIZED, 65, 1),
        (SERVER, LAST, 22, Rank.UNAUTHORIZED, 70, 1),
    ])  # fmt: skip
    assert looked(made).bridge(1, at_hour(60)) is None


@pytest.mark.parametrize(("row", "at"), [(1, 60), (2, 61)])
def test_a_jump_host_between_is_looked_through(
    woven: Woven, at_hour: Hour, row: int, at: float
) -> None:
    made = woven([
        (OUTSIDER, ADMIN, 22, Rank.UNAUTHORIZED, 50, 1),
        (ADMIN, JUMP, 3389, Rank.AUTHORIZED, 2, 40),
        (JUMP, SERVER, 3389, Rank.AUTHORIZED, 61, 1),
        (SERVER, LAST, 22, Rank.UNAUTHORIZED, 70, 1),
    ])  # fmt: skip
    found = looked(made)
    assert found.onward(int(made.dst[row]), at_hour(at)) is not None
    assert found.bridge(row, at_hour(at)) is not None
