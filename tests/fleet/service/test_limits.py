from __future__ import annotations

import pytest

from sekisho.fleet.service.limits import Gate, Limits
from sekisho.fleet.service.wire import Refused


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def passed(times: int, ask: object) -> int:
    done = 0
    for _ in range(times):
        try:
            ask()  # type: ignore[operator]
        except Refused as refused:
            done += 0 if refused.reason == "too_often" else 1_000_000
        else:
            done += 1
    return done


def test_one_node_is_slowed_and_others_are_not() -> None:
    clock = Clock()
    gate = Gate(Limits(node=5), clock)
    assert passed(100, lambda: gate.node("a", "10.1.0.1")) == 10
    assert passed(10, lambda: gate.node("b", "10.1.0.1")) == 10
    clock.at = 1
    assert passed(100, lambda: gate.node("a", "10.1.0.1")) == 5


def test_a_thousand_enrolments_a_second_from_one_address_keep_nobody_else_out() -> None:
    clock = Clock()
    gate = Gate(Limits(enrolments=50), clock)
    taken = 0
    for n in range(3000):
        clock.at = n / 1000
        taken += passed(1, lambda: gate.enrolment("10.66.0.6"))
        if n % 100 == 0:
            gate.enrolment("10.1.0.1")
    assert 240 <= taken <= 260


def test_who_shows_keys_that_nobody_was_given_is_slowed_and_known_nodes_beside_it_are_not() -> None:
    clock = Clock()
    gate = Gate(Limits(failures=10), clock)
    gate.good("known")
    for n in range(30):
        gate.failed("10.1.0.1", f"forged {n}")
    with pytest.raises(Refused):
        gate.node("another", "10.1.0.1")
    with pytest.raises(Refused):
        gate.enrolment("10.1.0.1")
    gate.node("known", "10.1.0.1")
    gate.node("another", "10.1.0.2")
    clock.at = 60
    gate.node("another", "10.1.0.1")


def test_nodes_of_before_a_restart_are_no_strangers_beside_a_hostile_host() -> None:
    gate = Gate(Limits(failures=10), Clock())
    gate.remember(["old", "older"])
    for n in range(30):
        gate.failed("10.1.0.1", f"forged {n}")
    gate.node("old", "10.1.0.1")
    with pytest.raises(Refused):
        gate.node("another", "10.1.0.1")


def test_one_node_does_not_fill_the_disk() -> None:
    clock = Clock()
    gate = Gate(Limits(bytes=1000, bytes_at_once=10_000), clock)
    assert passed(100, lambda: gate.brings("hostile", 2500)) == 4
    assert passed(1, lambda: gate.brings("other", 2500)) == 1
    # Small things still have room when it has waited for them.
    clock.at = 1
    assert passed(5, lambda: gate.brings("hostile", 900)) == 1


def test_an_ipv6_host_that_takes_another_address_each_time_is_one_host() -> None:
    gate = Gate(Limits(enrolments=5, failures=5), Clock())
    own = [f"2001:db8:6:6::{n:x}" for n in range(100)]
    assert sum(passed(1, lambda a=a: gate.enrolment(a)) for a in own) == 10
    for address in own:
        gate.failed(address)
    with pytest.raises(Refused):
        gate.node("stranger", own[0])
    gate.node("another", "2001:db8:6:7::1")
    gate.enrolment("2001:db8:6:7::1")
