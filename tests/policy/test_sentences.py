from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address

from sekisho.inventory.files import parse_inventory
from sekisho.model.rules import Selector
from sekisho.model.services import PortRange
from sekisho.policy.sentences import read_parts

INVENTORY = parse_inventory(
    {"sites.yaml": b"sites:\n  a: {prefixes: 10.1.0.0/16}\n  b: {prefixes: 10.2.0.0/16}\n"}
)


def test_a_sentence_as_selectors_and_services() -> None:
    parts, slips = read_parts(
        "a/*, a/* -> 10.2.0.9 : tcp/443, edi", INVENTORY, {"edi": (PortRange(6, 8443, 8443),)}
    )
    assert slips == ()
    assert parts is not None
    sources, destinations, services, text = parts
    assert sources == (Selector("site", "a"),)
    assert [d.prefix.network_address for d in destinations if d.prefix] == [ip_address("10.2.0.9")]
    assert services == (PortRange(6, 443, 443), PortRange(6, 8443, 8443))
    assert text == "tcp/443, edi"
    assert INVENTORY.place("", ip_address("10.2.0.9"), datetime(2026, 1, 1, tzinfo=UTC)).site == "b"


def test_every_slip_of_a_sentence_and_no_parts() -> None:
    parts, slips = read_parts("c/* -> b/x : tpc/1", INVENTORY, {})
    assert parts is None
    assert [slip.code for slip in slips] == [
        "rule/unknown-site",
        "rule/unknown-group",
        "service/unknown",
    ]
