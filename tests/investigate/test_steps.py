"""Steps, and what is known of hosts by them."""

from collections.abc import Callable

from sekisho.investigate.fabric import Fabric
from sekisho.investigate.factors.base import Kind, Step, Weight
from sekisho.investigate.steps import Known, Scored, foremost
from sekisho.investigate.talks import Talks
from sekisho.model.verdicts import Rank

Woven, Hour = Callable[..., Fabric], Callable[[float], int]


def scored(row: int, at: int, total: float) -> Scored:
    return Scored(Step(row, "connect", 1, 2), at, (Weight("all", total, ""),))


def test_of_several_services_between_two_hosts_the_first_stands_for_all() -> None:
    first, second, later = scored(0, 0, 1.0), scored(1, 30_000_000, 2.0), scored(2, 10**10, 9.0)
    assert foremost([later, second, first]) == {second: (first, later)}
    back = Scored(Step(3, "connect", 2, 1), 5, ())
    assert set(foremost([first, back])) == {first, back}


def taken(made: Fabric, row: int, kind: Kind = "connect") -> Scored:
    src, dst = int(made.src[row]), int(made.dst[row])
    tail, head = (src, dst) if kind == "connect" else (dst, src)
    return Scored(Step(row, kind, tail, head), int(made.first[row]), ())


def test_when_control_came_and_what_a_host_did_are_asked_without_the_step_in_question(
    woven: Woven, at_hour: Hour
) -> None:
    made = woven([
        ("10.1.0.1", "10.2.0.1", 22, Rank.UNAUTHORIZED, 50, 1),
        ("10.1.0.9", "10.2.0.1", 22, Rank.UNAUTHORIZED, 60, 1),
        ("10.2.0.1", "10.3.0.1", 22, Rank.UNAUTHORIZED, 70, 1),
    ])  # fmt: skip
    known = Known(made, Talks(), {})
    known.steps = {row: taken(made, row) for row in range(3)}
    host = int(made.dst[0])
    assert known.arrival(host) == at_hour(50)
    assert known.arrival(host, without=0) == at_hour(60)
    assert known.acts(host) == [at_hour(70)]
    assert known.acts(host, without=2) == []


def test_hosts_that_share_a_party_outside_hang_together(woven: Woven) -> None:
    made = woven([
        ("10.1.0.1", "203.0.113.5", 443, Rank.EXTERNAL, 50, 9),
        ("10.2.0.1", "203.0.113.5", 443, Rank.EXTERNAL, 50, 9),
        ("10.3.0.1", "203.0.113.6", 443, Rank.EXTERNAL, 50, 9),
    ])  # fmt: skip
    known = Known(made, Talks(), {}, seed_hosts={int(made.src[0])})
    known.steps = {row: taken(made, row, "reverse") for row in range(3)}
    assert known.together() == {0, 1}
    assert known.touched() == {int(made.src[row]) for row in range(3)}, (
        "parties outside are no hosts in it"
    )
