from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address

import pytest
from tests.contain.conftest import NOW

from sekisho.contain.backends.base import CannotExpress
from sekisho.contain.backends.nftables import Nftables, exempted
from sekisho.contain.orders import Exempt, Held, Order
from sekisho.contain.proposal import Proposal
from sekisho.contain.regions import Region, joined
from sekisho.model.addresses import number
from sekisho.policy.ports import Span

Planned = Callable[..., Proposal]


def text(proposal: Proposal, gateway: int = 0) -> str:
    rendered = proposal.told[gateway].rendered
    assert rendered is not None
    assert rendered.suffix == ".nft"
    return rendered.text


def loads(rules: str) -> None:
    """The kernel takes it, in a network of its own."""
    nft = shutil.which("nft", path="/usr/sbin:/usr/bin:/sbin")
    if nft is None:
        pytest.skip("needs nft: Debian's package nftables")
    done = subprocess.run(
        ["unshare", "-n", nft, "-f", "-"], input=rules, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def at(address: str) -> Region:
    value = number(ip_address(address))
    return Region({"": ((value, value),)})


def test_a_link_with_what_stays_open(planned: Planned) -> None:
    rules = text(planned("link:th <-> jp", keep_tier="essential"))
    assert rules.startswith("#!/usr/sbin/nft -f\n")
    assert "table inet sekisho\ndelete table inet sekisho\n" in rules
    assert "flush ruleset" not in rules
    assert "10.1.0.0/16 . 10.40.0.0/16,\n\t\t\t10.40.0.0/16 . 10.1.0.0/16" in rules
    assert "10.40.2.10 . 10.1.20.0/28 . 6 . 8443" in rules
    assert "2001:db8:40::10 . 2001:db8:1::20 . 6 . 8443" in rules
    assert "established" not in rules
    for hook in ("forward", "input", "output"):
        assert f"type filter hook {hook} priority filter - 10; policy accept;" in rules
    loads(rules)


@pytest.mark.parametrize(
    ("sever", "fields"),
    [
        (("all",), {"keep_tier": "essential", "allow": ("ANYTHING",)}),
        (("host:edi-th", "site:th", "link:th <-> internet"), {}),
        (("host:203.0.113.9",), {"direction": "in"}),
        (("site:th",), {"existing": "drain", "existing_at": {"th/scada": "drop"}}),
        (("group:th/scada",), {"direction": "out", "existing_at": {"th/scada": "drain"}}),
    ],
)
def test_the_kernel_takes_it(
    planned: Planned, sever: tuple[str, ...], fields: dict[str, object]
) -> None:
    for one in planned(*sever, **fields).told:
        assert one.rendered is not None
        loads(one.rendered.text)


def test_sessions_that_may_run_out_are_told_apart(planned: Planned) -> None:
    rules = text(planned("site:th", existing="drain", existing_at={"th/scada": "drop"}))
    order = [rules.index(word) for word in ("@p1_dropped4", "p1_drained return", "goto p1_drop")]
    assert order == sorted(order)


def test_only_one_way_of_a_direction(planned: Planned) -> None:
    rules = text(planned("link:th <-> us", direction="out"))
    assert "10.40.0.0/16 . 10.60.0.0/16" in rules
    assert "10.60.0.0/16 . 10.40.0.0/16" not in rules
    assert "ct direction original goto p1_drop" in rules
    assert "ct state invalid,untracked" in rules


def test_an_exemption_closes_itself_on_the_gateway(planned: Planned) -> None:
    order = planned("site:th").told[0].order
    ssh: tuple[Span, ...] = ((6 << 16 | 22, 6 << 16 | 22),)
    open_ = Exempt("X-1", at("10.1.1.1"), at("10.40.1.1"), ssh, NOW + timedelta(minutes=10))
    both = joined((at("10.1.1.1"), at("10.1.1.2")))
    wide = Exempt("X-2", both, at("10.40.1.1"), ssh, NOW + timedelta(minutes=5))
    past = Exempt("X-3", at("10.1.1.9"), at("10.40.1.1"), ssh, NOW)
    table = Nftables().render(order).text
    filled = exempted((wide, open_, past), "", NOW)
    assert "{ 10.1.1.1 . 10.40.1.1 . 6 . 22 timeout 600s }" in filled
    assert "{ 10.1.1.2 . 10.40.1.1 . 6 . 22 timeout 300s }" in filled
    assert filled.count("timeout ") == 2
    assert "10.1.1.9" not in filled
    loads(table + filled + filled)


def test_nothing_in_force_is_an_empty_table(planned: Planned) -> None:
    order = planned("site:th").told[0].order
    rules = Nftables().render(replace(order, held=())).text
    assert "drop" not in rules
    assert "@" not in rules
    assert "exempt" not in rules
    loads(rules)


def test_a_restriction_without_addresses_is_refused(planned: Planned) -> None:
    order: Order = planned("site:th").told[0].order
    empty = Held("P-9", order.held[0].severed, (replace(order.held[0].cuts[0], near=Region()),))
    with pytest.raises(CannotExpress, match="P-9 cuts no IPv4 and no IPv6"):
        Nftables().render(replace(order, held=(empty,)))


def test_the_same_order_gives_the_same_bytes(planned: Planned) -> None:
    assert text(planned("all", keep_tier="essential")) == text(planned("all", keep_tier="essential"))


def test_too_many_elements_are_refused(planned: Planned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sekisho.contain.backends.nftables.MAX_ELEMENTS", 1)
    assert planned("link:th <-> jp").told[0].why == "the set p1_cut4 would have 2 elements"
