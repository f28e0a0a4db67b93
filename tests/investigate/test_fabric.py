"""Connections as columns, and what was usual before."""

from collections.abc import Callable

from sekisho.investigate.fabric import Before, Fabric, Ints, fabric, role_of
from sekisho.model.addresses import key, parse_address
from sekisho.model.verdicts import Rank

Woven = Callable[..., Fabric]
ROWS = [
    ("10.1.0.1", "10.2.0.1", 22, Rank.AUTHORIZED, 2, 5),
    ("10.1.0.1", "10.2.0.2", 22, Rank.AUTHORIZED, 40, 5),
    ("10.1.0.1", "10.3.0.1", 3389, Rank.UNAUTHORIZED, 60, 1),
    ("10.2.0.1", "203.0.113.1", 443, Rank.EXTERNAL, 3, 9),
    ("10.1.0.1", "10.4.0.1", 22, Rank.ATTEMPTED, 59, 1),
]


def test_hosts_and_their_connections(woven: Woven) -> None:
    made = woven(ROWS)
    (host,) = made.numbers(*key(parse_address("10.1.0.1")))
    assert (made.address(host), made.realm(host), made.site(host)) == ("10.1.0.1", "", "a")
    assert made.of_host(host).tolist() == [0, 1, 2, 4]
    (outside,) = made.numbers(*key(parse_address("203.0.113.1")))
    assert not made.internal(outside)
    assert made.of_host(outside).tolist() == [3]
    assert made.numbers(*key(parse_address("10.1.0.1")), "other-realm") == []
    assert made.numbers(*key(parse_address("10.9.9.9"))) == []


def test_what_was_usual_counts_no_violation(woven: Woven, at_hour: Callable[[float], int]) -> None:
    made = woven(ROWS)
    (host,) = made.numbers(*key(parse_address("10.1.0.1")))
    kind = host << 24 | int(made.service[0])
    assert [made.served_by.count(kind, at_hour(h)) for h in (1, 10, 90)] == [0, 1, 2]
    assert made.served_by.earliest(kind) == at_hour(2)
    assert made.tries[0].count(host, at_hour(90)) == 1
    assert Before(made.first[:0], made.first[:0]).earliest(0) is None


def test_new_is_only_what_was_seen_to_begin(woven: Woven) -> None:
    made = woven(ROWS)
    assert [made.is_new(row) for row in range(4)] == [None, True, True, None]


def test_addresses_of_one_host_are_one(woven: Woven) -> None:
    made = woven(ROWS)
    first, second = (made.numbers(*key(parse_address(a)))[0] for a in ("10.2.0.1", "10.2.0.2"))
    one: Ints = made.one.copy()
    one[second] = first
    both = Fabric(**{name: getattr(made, name) for name in made.__dataclass_fields__} | {"one": one})
    assert both.of_host(first).tolist() == [0, 1, 3]
    assert both.address(both.ends(1)[1]) == "10.2.0.2", "a connection keeps the address it was made to"
    assert fabric  # made by `woven`


def test_roles() -> None:
    assert (role_of(6, 22), role_of(6, 445), role_of(6, 51_000)) == ("administration", "file", "other")
