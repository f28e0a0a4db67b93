from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_network
from xml.etree.ElementTree import fromstring

import pytest
from tests.contain.backends.packets import Packet, agrees, opens, plan

from sekisho.contain.backends import paloalto
from sekisho.contain.backends.base import CannotExpress
from sekisho.contain.backends.paloalto import PaloAlto
from sekisho.model.restrictions import Restriction


def reads(text: str) -> Callable[[Packet], bool]:
    """Whether the first rule that matches what begins allows it."""
    vsys = fromstring(text).find(".//vsys/entry")
    assert vsys is not None

    def named(path: str, below: str) -> dict[str, list[str]]:
        return {
            str(one.get("name")): [str(value.text) for value in one.iterfind(below)]
            for one in vsys.iterfind(f"{path}/entry")
        }

    addresses, groups = named("address", "ip-netmask"), named("address-group", "static/member")
    tcp, udp = named("service", "protocol/tcp/port"), named("service", "protocol/udp/port")
    rules = [
        {
            tag: [str(m.text) for m in one.iterfind(f"{tag}/member")]
            for tag in ("source", "destination", "service")
        }
        | {"action": [str(one.findtext("action"))]}
        for one in vsys.iterfind("rulebase/security/rules/entry")
    ]

    def holds(names: list[str], packet: Packet, end: str) -> bool:
        address = getattr(packet, end)
        return any(
            address in ip_network(prefix)
            for name in names
            for member in groups[name]
            for prefix in addresses[member]
        )

    def serves(names: list[str], packet: Packet) -> bool:
        if names == ["any"]:
            return True
        ports = {6: tcp, 17: udp}.get(packet.protocol, {})
        ranges = [
            (one.split("-") * 2)[:2] for n in names for p in ports.get(n, []) for one in p.split(",")
        ]
        return any(int(low) <= packet.dport <= int(high) for low, high in ranges)

    def passes(packet: Packet) -> bool:
        for rule in rules:
            if (
                holds(rule["source"], packet, "src")
                and holds(rule["destination"], packet, "dst")
                and serves(rule["service"], packet)
            ):
                return rule["action"] == ["allow"]
        return True

    return passes


def test_what_begins_passes_where_the_model_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = ("EDI", "DNS", "FILES", "OPS", "REMOTE")
    monkeypatch.setattr("tests.contain.backends.packets.RULES", rules)
    agrees("paloalto", reads, opens, ("both", "in", "out"))


def test_addresses_that_are_not_all_there_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    _, order = plan("paloalto", [Restriction(("site:th",), allow=("FILES",))])
    said = paloalto.generate_rules
    text = PaloAlto().render(order).text
    for old, new in (
        ("<ip-netmask>10.40.0.0/16<", "<ip-netmask>10.40.0.0/17<"),
        ("<port>445<", "<port>1-445<"),
        (
            "<member>any</member>\n                  </application>",
            "<member>x</member>\n</application>",
        ),
    ):
        assert old in text
        monkeypatch.setattr(
            paloalto, "generate_rules", lambda *words, o=old, n=new: said(*words).replace(o, n)
        )
        with pytest.raises(CannotExpress, match="is not all of it"):
            PaloAlto().render(order)


def test_without_restrictions_there_are_no_rules() -> None:
    _, order = plan("paloalto", [Restriction(("site:th",))])
    rendered = PaloAlto().render(replace(order, held=()))
    assert fromstring(rendered.text).find(".//entry") is None
    assert "remove the rules whose names begin with sekisho-" in rendered.notes[0]
