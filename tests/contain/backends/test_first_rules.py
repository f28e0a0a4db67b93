from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import pytest
from tests.contain.backends.packets import plan

from sekisho.contain.backends.base import CannotExpress
from sekisho.contain.backends.first_rules import first_rules, notes, same
from sekisho.contain.orders import Order
from sekisho.model.restrictions import Restriction


def order(*spans: tuple[int, int]) -> Order:
    found = plan("nftables", [Restriction(("link:th <-> jp",), allow=("EDI",))])[1]
    held = found.held[0]
    kept = replace(held.severed.kept[0], spans=spans)
    severed = replace(held.severed, kept=(kept,) if spans else ())
    return replace(found, held=(replace(held, severed=severed),))


def test_names_differ_over_both_families() -> None:
    found = first_rules(order((6 << 16 | 22, 6 << 16 | 22)), "fortigate")
    names = [line.name for one in found.values() for line in one]
    assert len(set(names)) == len(names) == 6
    assert all(name.startswith(("sekisho-4-", "sekisho-6-")) for name in names)


def test_port_0_stays_cut() -> None:
    (line, *_) = first_rules(order((6 << 16, 6 << 16 | 5)), "fortigate")[4]
    assert line.destination_ports == ((1, 5),)
    (line, *_) = first_rules(order((6 << 16, 6 << 16 | 65535)), "fortigate")[4]
    assert line.destination_ports == ((1, 65535),)
    assert all(not line.accept for line in first_rules(order((6 << 16, 6 << 16)), "fortigate")[4])


def test_what_would_be_permitted_as_everything_is_refused() -> None:
    with pytest.raises(CannotExpress, match="cannot keep protocol 1 open"):
        first_rules(order((1 << 16, 1 << 16 | 65535)), "fortigate")


def test_what_a_person_must_know() -> None:
    assert len(notes(order())) == 4
    assert len(notes(replace(order(), held=()))) == 1


def test_divided_prefixes_are_the_same_and_others_are_not() -> None:
    wanted = [ip_network("8000::/2")]
    assert same(["8000::/3", "a000::/3"], wanted)
    for wrong in (["8000::/3"], ["8000::/1"], ["10.0.0.0/8"], ["None"], []):
        assert not same(wrong, wanted)
    assert same(["10.0.0.0/255.0.0.0"], [ip_network("10.0.0.0/8")])
