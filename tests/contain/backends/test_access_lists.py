from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import pytest
from tests.contain.backends.cisco_text import reads
from tests.contain.backends.packets import agrees, plan

from sekisho.contain.backends.access_lists import each_entry
from sekisho.contain.backends.base import CannotExpress
from sekisho.contain.backends.lines import Line
from sekisho.contain.backends.registry import BACKENDS
from sekisho.model.restrictions import Restriction

PLATFORMS = ["cisco-ios", "cisco-nxos", "cisco-xr", "arista"]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_text_and_model_pass_the_same_packets(platform: str) -> None:
    agrees(platform, reads)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_without_restrictions_everything_passes(platform: str) -> None:
    _, order = plan(platform, [Restriction(("site:th",))])
    rendered = BACKENDS[platform].render(replace(order, held=()))
    assert "deny" not in rendered.text
    assert rendered.text.count("permit ip") == 2
    assert rendered.notes == ()


def test_what_it_cannot_say() -> None:
    for field, why in (
        ({"direction": "out"}, "cannot tell who began a session"),
        ({"existing": "drain"}, "cannot let the open sessions"),
        ({"existing_at": {"th/scada": "drain"}}, "cannot let the open sessions"),
    ):
        proposal, _ = plan("cisco-ios", [Restriction(("site:th",), **field)])  # type: ignore[arg-type]
        assert proposal.told[0].rendered is None
        assert why in proposal.told[0].why


def test_an_entry_too_few_is_seen() -> None:
    line = Line(
        "drop-1",
        "",
        accept=False,
        sources=(ip_network("10.0.0.0/8"),),
        destinations=(ip_network("0.0.0.0/0"),),
    )
    assert each_entry("\n deny ip 10.0.0.0 0.255.255.255 any\n", line)
    assert not each_entry("\n permit ip 10.0.0.0 0.255.255.255 any\n", line)
    assert not each_entry("", line)


def test_a_range_of_two_ports_is_said_as_two() -> None:
    line = Line(
        "keep-1-1",
        "",
        accept=True,
        sources=(ip_network("2001:db8::/48"),),
        destinations=(ip_network("2001:db8:1::/48"),),
        protocol=6,
        destination_ports=((636, 636), (3268, 3269), (5000, 5002)),
    )
    entries = ("eq 636", "eq 3268", "eq 3269", "range 5000 5002")
    text = "".join(f"\n permit tcp 2001:db8::/48 2001:db8:1::/48 {one}" for one in entries)
    assert each_entry(text, line)
    assert not each_entry(text.replace("\n permit tcp 2001:db8::/48 2001:db8:1::/48 eq 3269", ""), line)


def test_a_restriction_without_addresses_is_refused() -> None:
    _, order = plan("cisco-ios", [Restriction(("site:th",))])
    elsewhere = replace(order, gateway=replace(order.gateway, realm="elsewhere"))
    with pytest.raises(CannotExpress, match="cuts no IPv4 and no IPv6"):
        BACKENDS["cisco-ios"].render(elsewhere)
