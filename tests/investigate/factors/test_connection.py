"""What the connection itself says."""

from collections.abc import Callable

import numpy as np
import pytest

from sekisho.investigate.fabric import Fabric
from sekisho.investigate.factors import connection
from sekisho.investigate.factors.base import Step
from sekisho.investigate.moments import HOUR
from sekisho.investigate.talks import Talk, Talks
from sekisho.model.verdicts import Rank

Woven, Hour = Callable[..., Fabric], Callable[[float], int]


def of(made: Fabric, row: int, kind: str = "connect") -> Step:
    src, dst = int(made.src[row]), int(made.dst[row])
    return Step(row, "connect", src, dst) if kind == "connect" else Step(row, "reverse", dst, src)


def test_every_verdict_weighs_and_no_rule_weighs_most(woven: Woven) -> None:
    rows = [("10.1.0.1", f"10.2.0.{n}", 22, rank, 50, 1) for n, rank in enumerate(Rank)]
    made = woven(rows)
    weights = {rank: connection.policy(made, of(made, n)).value for n, rank in enumerate(Rank)}
    assert max(weights, key=lambda rank: weights[rank]) == Rank.UNAUTHORIZED
    assert weights[Rank.LAPSED] > 0 > weights[Rank.AUTHORIZED]


@pytest.mark.parametrize(("port", "helps"), [(22, True), (445, True), (53, False), (389, False)])
def test_administration_helps_and_what_all_ask_does_not(woven: Woven, port: int, helps: bool) -> None:
    made = woven([("10.1.0.1", "10.2.0.1", port, Rank.UNAUTHORIZED, 50, 1)])
    assert (connection.service(made, of(made, 0)).value > 0) is helps
    assert connection.service(made, of(made, 0, "reverse")).value < 0.3


def weights(made: Fabric, row: int, at: int) -> dict[str, float]:
    return {w.id: w.value for w in connection.rarity(made, of(made, row), at)}


def test_a_new_pair_is_more_telling_where_a_rule_allows_it(woven: Woven, at_hour: Hour) -> None:
    pairs = [
        ("10.1.0.1", "10.2.0.1", 22, Rank.AUTHORIZED, 50, 1),
        ("10.1.0.2", "10.2.0.2", 22, Rank.UNAUTHORIZED, 50, 1),
        ("10.1.0.3", "10.2.0.3", 22, Rank.AUTHORIZED, 2, 1),
    ]
    made = woven(pairs)
    assert weights(made, 0, at_hour(50))["rarity"] > weights(made, 1, at_hour(50))["rarity"] > 0
    assert weights(made, 2, at_hour(50))["rarity"] < 0
    assert "rarity" not in weights(made, 2, at_hour(3)), "evidence began too late to say"


def test_what_everybody_uses_is_seldom_there_to_steer_one_host(woven: Woven, at_hour: Hour) -> None:
    rows = [(f"10.1.0.{n}", "10.2.0.1", 5060, Rank.AUTHORIZED, 2, 1) for n in range(20)]
    rows += [
        ("10.1.0.90", "10.2.0.1", 5060, Rank.AUTHORIZED, 50, 1),
        ("10.1.0.91", "10.2.0.1", 5060, Rank.UNAUTHORIZED, 50, 1),
    ]
    made = woven(rows)
    told = [
        {w.id for w in connection.rarity(made, of(made, row, "reverse"), at_hour(50))}
        for row in (20, 21)
    ]
    assert "prevalence" in told[0]
    assert "prevalence" not in told[1], "without a rule it is no session such as everybody has"


def test_who_administers_many_makes_a_habit_of_it(woven: Woven, at_hour: Hour) -> None:
    rows = [("10.1.0.1", f"10.2.0.{n}", 22, Rank.AUTHORIZED, n * 3, 1) for n in range(12)]
    rows += [("10.1.0.9", f"10.3.0.{n}", 22, Rank.INTRA_SITE, 90 + n / 9, 1) for n in range(12)]
    rows += [
        ("10.1.0.1", "10.4.0.1", 22, Rank.AUTHORIZED, 91, 1),
        ("10.1.0.9", "10.4.0.1", 22, Rank.AUTHORIZED, 91, 1),
    ]
    made = woven(rows)
    assert weights(made, 24, at_hour(91))["habit"] < -1
    assert weights(made, 25, at_hour(91))["habit"] > 0, (
        "what it did that day may be the intruder's work"
    )


def test_a_habit_of_one_service_excuses_no_other_that_lacks_a_rule(woven: Woven, at_hour: Hour) -> None:
    rows = [("10.1.0.1", f"10.2.0.{n}", 22, Rank.AUTHORIZED, n * 3, 1) for n in range(12)]
    rows += [
        ("10.1.0.1", "10.4.0.1", 3389, Rank.AUTHORIZED, 91, 1),
        ("10.1.0.1", "10.4.0.2", 3389, Rank.UNAUTHORIZED, 91, 1),
        ("10.1.0.1", "10.4.0.3", 22, Rank.UNAUTHORIZED, 91, 1),
    ]
    made = woven(rows)
    assert [weights(made, row, at_hour(91))["habit"] > 0 for row in (12, 13, 14)] == [
        False,
        True,
        False,
    ]


def test_crossing_and_probing(woven: Woven, at_hour: Hour) -> None:
    rows = [("10.1.0.1", f"10.2.0.{n}", 445, Rank.ATTEMPTED, 40, 1) for n in range(5)]
    rows += [
        ("10.1.0.1", "10.2.0.9", 445, Rank.UNAUTHORIZED, 41, 1),
        ("10.1.0.1", "10.1.0.2", 22, Rank.INTRA_SITE, 41, 1),
    ]
    made = woven(rows)
    assert [w.id for w in connection.crossing(made, of(made, 5))] == ["crossing"]
    assert list(connection.crossing(made, of(made, 6))) == []
    assert [w.value for w in connection.probing(made, of(made, 5), at_hour(41))] == [0.5]
    assert [w.value for w in connection.probing(made, of(made, 6), at_hour(41))] == [0.3]
    assert list(connection.probing(made, of(made, 5), at_hour(30))) == []


def test_too_few_bytes_for_a_logon_are_a_port_that_was_looked_at(woven: Woven, at_hour: Hour) -> None:
    hosts = [
        ("10.2.0.1", f"10.1.0.{n}", 445, Rank.UNAUTHORIZED, 50, 1) for n in range(connection.SWEEP)
    ]
    fabric = woven(hosts)
    step, at = Step(0, "connect", int(fabric.src[0]), int(fabric.dst[0])), at_hour(50)

    def told(sent: int, received: int, after: float = 0.0) -> list[str]:
        talk = Talk(at + round(after * HOUR), at + HOUR, sent, received, "s")
        return [w.id for w in connection.slight(fabric, Talks({0: (talk,)}), step, at)]

    assert told(520, 1_060) == ["slight"]
    assert told(1_500, 1_060) == []
    assert told(520, 0) == [], "a record of one direction says nothing of the other"
    assert told(520, 1_060, after=30) == []
    assert list(connection.slight(fabric, Talks(), step, at)) == []
    few, small = woven(hosts[1:]), Talks({0: (Talk(at, at + HOUR, 520, 1_060, "s"),)})
    assert list(connection.slight(few, small, of(few, 0), at)) == [], "a small session may be a step"


def test_whoever_begins_with_very_many_in_a_day_is_a_scanner(woven: Woven, at_hour: Hour) -> None:
    def told(hosts: int, rank: Rank) -> set[str]:
        rows = [("10.2.0.1", f"10.1.0.{n}", 22, rank, 50 + n / 60, 1) for n in range(hosts)]
        fabric = woven([("10.3.0.1", "10.4.0.1", 80, Rank.AUTHORIZED, 0, 1), *rows])
        row = int(np.flatnonzero(fabric.port == 22)[0])
        step = Step(row, "connect", int(fabric.src[row]), int(fabric.dst[row]))
        return {w.text for w in connection.rarity(fabric, step, at_hour(50)) if w.id == "habit"}

    assert any("as a scanner does" in text for text in told(connection.SWEEP, Rank.AUTHORIZED))
    assert not any("scanner" in text for text in told(connection.SWEEP - 1, Rank.AUTHORIZED))
    assert not any("scanner" in text for text in told(60, Rank.UNAUTHORIZED))
