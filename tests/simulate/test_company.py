"""Hosts are where they should be, and outside addresses are routable ones."""

from __future__ import annotations

from ipaddress import ip_address

from sekisho.model.special_purpose import NOT_GLOBAL
from sekisho.simulate.base import SIZES, Dice
from sekisho.simulate.company import LOCAL, NOWHERE, found, in_prefix


def test_members_of_groups_lie_in_what_sites_yaml_lists(company):
    for label, texts in company.groups.items():
        assert company.members[label]
        for row in company.members[label]:
            assert any(in_prefix(company.hosts[row].address, text) for text in texts)
            assert company.places[company.hosts[row].site].name == label.split("/")[0]


def test_no_two_hosts_of_a_realm_share_an_address(company):
    keys = [
        (company.places[h.site].realm, h.address) for h in company.hosts if h.site >= 0 and h.listed
    ]
    assert len(keys) == len(set(keys))


def test_the_internet_is_globally_routable_and_distinct(company):
    rows = [h for h in company.hosts if h.site == NOWHERE and "stray" not in h.groups]
    assert len({h.address for h in rows}) == len(rows)
    assert not any(ip_address(h.address) in n for h in rows for n in NOT_GLOBAL)


def test_dual_stack_hosts_have_both_families_under_one_name(company):
    rows = company.names["jp-hq-dns01"]
    assert [":" in company.hosts[r].address for r in rows] == [False, True]
    assert company.of("jp-hq/dns").tolist() + company.of("jp-hq/dns", v6=True).tolist() == sorted(
        company.of("jp-hq/dns").tolist() + company.of("jp-hq/dns", v6=True).tolist(),
        key=lambda r: ":" in company.hosts[r].address,
    )


def test_one_server_stands_in_both_address_spaces(company):
    outer, inner = company.names["aero-gw01"]
    assert company.places[company.hosts[outer].site].realm == ""
    assert company.places[company.hosts[inner].site].realm == "aero"
    assert company.host("aero-gw01") == outer


def test_three_thousand_assets_at_medium_scale():
    company = found(SIZES["medium"], Dice((1,)))
    assert sum(h.listed and h.site >= 0 and ":" not in h.address for h in company.hosts) >= 2700
    assert "jp-dc" in company.having("erp")
    assert "us-aero-mill" not in company.having("dc")


def test_arrays_are_parallel_to_hosts(company):
    assert len(company.sites()) == len(company.where()) == len(company.v6()) == len(company.hosts)
    assert company.sites()[company.of("stray")[0]] == NOWHERE
    assert company.where()[company.of("stray")[0]] == company.site("th-plant")
    assert company.sites()[company.of("ff02", "mdns6", v6=True)[0]] == LOCAL
