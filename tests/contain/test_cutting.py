from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from itertools import product

import pyarrow as pa
import pytest

from sekisho.contain.cutting import Cutting
from sekisho.contain.proposal import Proposal
from sekisho.model.addresses import key
from sekisho.model.verdicts import Rank

Planned = Callable[..., Proposal]
ADDRESSES = [
    "10.40.1.1",
    "10.40.2.10",
    "10.40.9.9",
    "10.1.1.1",
    "10.1.20.3",
    "10.60.0.1",
    "8.8.8.8",
    "198.18.7.7",
    "192.168.3.4",
    "2001:db8:40::10",
    "2001:db8:1::20",
    "203.0.113.9",
]
SERVICES = [(6, 445), (6, 8443), (17, 53), (6, 53), (1, 0), (6, 22)]


@pytest.mark.parametrize(
    ("sever", "fields"),
    [
        (("link:th <-> jp",), {"keep_tier": "essential"}),
        (("all",), {"allow": ("ANYTHING",)}),
        (("host:edi-th", "link:us <-> internet"), {}),
        (("host:203.0.113.9",), {}),
        (("site:th",), {"direction": "out", "keep_tier": "essential"}),
    ],
)
def test_classes_are_cut_as_their_addresses_are(
    planned: Planned, sever: tuple[str, ...], fields: dict[str, object]
) -> None:
    proposal = planned(*sever, **fields)
    cutting = Cutting(proposal.severed, proposal.standing, proposal.atlas)
    hit = set()
    for src, dst in product(ADDRESSES, repeat=2):
        ends = ("", ip_address(src)), ("", ip_address(dst))
        classes = [proposal.atlas.class_of(*end) for end in ends]
        for protocol, port in SERVICES:
            expected = proposal.severed.cut_of(*ends, protocol, port) is not None
            assert cutting.cut(classes[0], classes[1], protocol, port) is expected
            hit.add(expected)
    assert hit == {True, False}


def test_it_judges_tables_as_the_store_asks(planned: Planned) -> None:
    proposal = planned("link:th <-> jp")
    cutting = Cutting(proposal.severed, proposal.standing, proposal.atlas)
    hi, lo = zip(*(key(ip_address(a)) for a in ("10.40.1.1", "10.1.1.1", "10.60.0.1")), strict=True)
    table = pa.table({"epoch": [0, 0, 0], "realm": ["", "", "gone"], "hi": hi, "lo": lo})
    labelled = cutting.label(table)
    classes = labelled["class"].to_pylist()
    assert labelled["epoch"].to_pylist() == [0, 0, 0]
    pairs = pa.table(
        {
            "src_class": pa.array([classes[0], classes[0]], pa.int32()),
            "dst_class": pa.array([classes[1], classes[2]], pa.int32()),
            "protocol": pa.array([6, 6], pa.int16()),
            "port": pa.array([445, 445], pa.int32()),
        }
    )
    decided = cutting.decide(pairs)
    assert decided["rank"].to_pylist() == [Rank.UNAUTHORIZED, Rank.AUTHORIZED]
    assert decided["begin"].null_count == 2
    assert (cutting.epochs, cutting.cuts) == ((), ())


def test_which_gateways_cut_it(planned: Planned) -> None:
    proposal = planned("host:edi-th")
    cutting = Cutting(proposal.severed, proposal.standing, proposal.atlas)

    def at(src: str, dst: str) -> tuple[str, ...]:
        of = proposal.atlas.class_of
        return cutting.gateways(of("", ip_address(src)), of("", ip_address(dst)))

    assert at("10.40.2.10", "10.1.1.1") == ("th-gw", "jp-gw")
    assert at("10.40.1.1", "10.1.1.1") == ()
