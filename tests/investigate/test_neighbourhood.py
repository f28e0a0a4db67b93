"""A bounded choice of candidates."""

from collections.abc import Callable

from sekisho.investigate.fabric import Fabric
from sekisho.investigate.neighbourhood import MOST_OUTSIDE, MOST_RESIDUAL, around, chosen
from sekisho.model.addresses import key, parse_address
from sekisho.model.verdicts import Rank

Woven = Callable[..., Fabric]


def host(made: Fabric, address: str) -> int:
    return made.numbers(*key(parse_address(address)))[0]


def test_what_is_asked_by_all_or_failed_is_no_candidate(woven: Woven) -> None:
    rows = [
        ("10.1.0.1", "10.2.0.1", 22, Rank.UNAUTHORIZED, 50, 1),
        ("10.1.0.1", "10.2.0.2", 22, Rank.AUTHORIZED, 50, 1),
        ("10.1.0.1", "10.2.0.3", 22, Rank.AUTHORIZED, 2, 1),
        ("10.2.0.4", "10.1.0.1", 22, Rank.AUTHORIZED, 2, 1),
        ("10.1.0.1", "10.2.0.5", 53, Rank.AUTHORIZED, 50, 1),
        ("10.1.0.1", "10.2.0.6", 22, Rank.ATTEMPTED, 50, 1),
    ]
    made = woven(rows)
    assert sorted(chosen(made, host(made, "10.1.0.1"))[0]) == [0, 1, 2]


def test_a_host_with_too_many_says_how_many_were_left_out(woven: Woven) -> None:
    rows = [("10.1.0.1", f"10.2.{n // 250}.{n % 250}", 22, Rank.UNAUTHORIZED, n, 1) for n in range(450)]
    rows += [("10.1.0.1", f"203.0.113.{n}", 443, Rank.EXTERNAL, 9, n) for n in range(100)]
    made = woven(rows)
    found, left = chosen(made, host(made, "10.1.0.1"))
    assert (len(found), left) == (MOST_RESIDUAL + MOST_OUTSIDE, 450 - MOST_RESIDUAL)


def test_hosts_around_are_those_that_no_rule_joins(woven: Woven) -> None:
    rows = [
        *((f"10.1.0.{n}", f"10.1.0.{n + 1}", 22, Rank.UNAUTHORIZED, 50, 1) for n in range(9)),
        ("10.1.0.0", "10.2.0.1", 22, Rank.AUTHORIZED, 50, 1),
    ]
    made = woven(rows)
    found = {made.address(n) for n in around(made, [host(made, "10.1.0.0")])}
    assert found == {f"10.1.0.{n}" for n in range(4)}


def test_of_permitted_ones_into_a_host_those_of_sources_that_were_reached_are_looked_at(
    woven: Woven,
) -> None:
    common = [(f"10.1.1.{n}", "10.2.0.1", 22, Rank.AUTHORIZED, 30, 9) for n in range(1, 200)]
    made = woven([
        ("10.1.0.1", "10.2.0.1", 22, Rank.AUTHORIZED, 2, 9),
        ("10.1.0.2", "10.2.0.1", 22, Rank.AUTHORIZED, 2, 9),
        ("10.1.0.3", "10.2.0.1", 22, Rank.AUTHORIZED, 40, 9),
        ("10.3.0.1", "10.1.0.1", 22, Rank.UNAUTHORIZED, 50, 1),
        ("10.3.0.1", "10.1.0.3", 22, Rank.UNAUTHORIZED, 50, 1),
        *common,
    ])  # fmt: skip
    found, _ = chosen(made, host(made, "10.2.0.1"))
    assert {0, 2} <= set(found), "an old one, and one that is newer than many"
    assert 1 not in found
