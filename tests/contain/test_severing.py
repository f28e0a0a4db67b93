from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

import pytest

from sekisho.contain.proposal import Proposal
from sekisho.contain.severing import Severed
from sekisho.errors import RequestError

Planned = Callable[..., Proposal]
TH, TH_EDI, SCADA = "10.40.1.1", "10.40.2.10", "10.40.9.9"
JP, JP_EDI, US, OUT = "10.1.1.1", "10.1.20.3", "10.60.0.1", "8.8.8.8"


def cut(severed: Severed, src: str, dst: str, protocol: int = 6, port: int = 445) -> bool:
    return severed.cut_of(("", ip_address(src)), ("", ip_address(dst)), protocol, port) is not None


def test_a_link_is_cut_both_ways_and_nothing_else(planned: Planned) -> None:
    severed = planned("link:th <-> jp").severed
    assert cut(severed, TH, JP)
    assert cut(severed, JP, TH)
    assert cut(severed, "2001:db8:40::1", "2001:db8:1::1")
    assert not cut(severed, TH, US)
    assert not cut(severed, TH, SCADA)
    assert not cut(severed, TH, OUT)


def test_a_site_is_cut_from_all_other_sites(planned: Planned) -> None:
    severed = planned("site:th").severed
    assert cut(severed, TH, US)
    assert cut(severed, JP, TH)
    assert not cut(severed, JP, US)
    assert not cut(severed, TH, OUT)


def test_all_is_cut_between_any_two_sites(planned: Planned) -> None:
    severed = planned("all").severed
    assert cut(severed, JP, US)
    assert cut(severed, TH, JP)
    assert not cut(severed, TH, SCADA)
    assert not cut(severed, TH, OUT)


def test_a_host_is_cut_from_everybody(planned: Planned) -> None:
    severed = planned("host:edi-th").severed
    assert cut(severed, TH_EDI, OUT)
    assert cut(severed, TH, TH_EDI)
    assert cut(severed, "2001:db8:40::10", "2001:db8:1::1")
    assert not cut(severed, TH, OUT)


def test_a_party_outside_is_cut_from_every_site(planned: Planned) -> None:
    severed = planned("host:203.0.113.9").severed
    assert cut(severed, TH, "203.0.113.9")
    assert cut(severed, "203.0.113.9", JP)
    assert not cut(severed, TH, "203.0.113.10")


def test_a_direction_is_seen_from_the_severed_end(planned: Planned) -> None:
    out = planned("link:th <-> jp", direction="out").severed
    assert (cut(out, TH, JP), cut(out, JP, TH)) == (True, False)
    into = planned("group:th/edi", direction="in").severed
    assert (cut(into, TH_EDI, JP), cut(into, JP, TH_EDI)) == (False, True)


def test_rules_of_a_tier_stay_open_from_who_begins(planned: Planned) -> None:
    severed = planned("link:th <-> jp", keep_tier="essential").severed
    assert not cut(severed, TH_EDI, JP_EDI, 6, 8443)
    assert cut(severed, JP_EDI, TH_EDI, 6, 8443)
    assert cut(severed, TH_EDI, JP_EDI, 17, 8443)
    assert not cut(severed, TH, JP_EDI, 17, 53)
    assert cut(severed, TH, JP, 6, 445)
    assert {(one.name, one.by) for one in severed.kept} == {("EDI", "tier"), ("DNS", "tier")}


def test_a_rule_stays_open_by_its_name(planned: Planned) -> None:
    severed = planned("site:th", allow=("FILES",)).severed
    assert not cut(severed, TH, JP, 6, 445)
    assert cut(severed, TH, JP, 6, 446)
    assert [one.name for one in severed.kept] == ["FILES"]


def test_what_does_not_concern_it_is_not_listed(planned: Planned) -> None:
    assert planned("link:th <-> jp", allow=("ANYTHING",)).severed.kept == ()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"allow": ("FILE",)}, "no rule `FILE`"),
        ({"allow": ("OVER",)}, "permits nothing now"),
        ({"existing_at": {"th/nobody": "drain"}}, "no group"),
    ],
)
def test_names_that_are_not_there(planned: Planned, fields: dict[str, object], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        planned("site:th", **fields)


def test_all_has_no_direction(planned: Planned) -> None:
    with pytest.raises(RequestError, match="no direction"):
        planned("all", direction="in")


def test_sessions_run_out_where_it_says_so(planned: Planned) -> None:
    def drains(severed: Severed, src: str, dst: str) -> bool:
        return severed.drains(("", ip_address(src)), ("", ip_address(dst)))

    here = planned("site:th", existing_at={"th/scada": "drain"}).severed
    assert drains(here, SCADA, JP)
    assert drains(here, JP, SCADA)
    assert not drains(here, TH, JP)
    there = planned("site:th", existing="drain", existing_at={"th/scada": "drop"}).severed
    assert drains(there, TH, JP)
    assert not drains(there, JP, SCADA)


def test_lifelines_stay_open_unless_overridden(planned: Planned) -> None:
    gateways = b'lifelines: {fleet: "* -> jp/edi : tcp/8444"}\n'
    assert not cut(planned("site:th", gateways=gateways).severed, TH, JP_EDI, 6, 8444)
    assert cut(planned("site:th", gateways=gateways, override=("fleet",)).severed, TH, JP_EDI, 6, 8444)


def test_the_severed_end_of_a_link_is_the_one_written_first(planned: Planned) -> None:
    severed = planned("link:* <-> th", direction="out").severed
    assert cut(severed, JP, TH)
    assert not cut(severed, TH, JP)
    turned = planned("link:th <-> *", direction="out").severed
    assert cut(turned, TH, JP)
    assert not cut(turned, JP, TH)
