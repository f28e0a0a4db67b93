from __future__ import annotations

from collections.abc import Callable

from sekisho.contain.proposal import Proposal

Planned = Callable[..., Proposal]
MANAGED = b"""
gateways:
  th-gw:
    platform: nftables
    address: 10.40.0.1
    links: ["th <-> *"]
    management: "jp/edi -> 10.40.0.1 : tcp/22"
    logs: "10.40.0.1 -> jp/edi : udp/514"
never_cut: {time: "* -> jp/edi : udp/123"}
"""


def kinds(proposal: Proposal) -> set[tuple[str, str]]:
    return {(one.kind, one.name) for one in proposal.breaches}


def test_how_a_gateway_is_told_and_heard_is_guarded(planned: Planned) -> None:
    proposal = planned("link:th <-> jp", gateways=MANAGED)
    assert kinds(proposal) == {("management", "th-gw"), ("logs", "th-gw"), ("never_cut", "time")}
    assert all("link:th <-> jp" in str(one) and one.mend for one in proposal.breaches)
    assert kinds(planned("link:th <-> us", gateways=MANAGED)) == {("never_cut", "time")} - {
        ("never_cut", "time")
    }


def test_one_host_of_many_that_manage_it_can_be_left_out(planned: Planned) -> None:
    wide = MANAGED.replace(b"jp/edi -> 10.40.0.1 : tcp/22", b"th/* -> 10.40.0.1 : tcp/22")
    (one,) = (b for b in planned("host:10.40.2.10", gateways=wide).breaches if b.kind == "management")
    assert "leave what is severed out of its `management`" in one.mend
    (whole,) = (
        b for b in planned("link:th <-> jp", gateways=MANAGED).breaches if b.kind == "management"
    )
    assert "leave" not in whole.mend


def test_a_rule_that_permits_the_path_keeps_it(planned: Planned) -> None:
    proposal = planned("link:th <-> jp", gateways=MANAGED, allow=("OPS",))
    assert ("management", "th-gw") not in kinds(proposal)
    assert ("logs", "th-gw") in kinds(proposal)


def test_a_direction_that_leaves_the_path_alone(planned: Planned) -> None:
    assert ("management", "th-gw") not in kinds(
        planned("link:th <-> jp", gateways=MANAGED, direction="out")
    )


def test_the_gateway_itself(planned: Planned) -> None:
    assert kinds(planned("host:10.40.0.1")) == {("gateway", "th-gw")}
    assert kinds(planned("host:10.0.0.0/8")) == {("gateway", "th-gw"), ("gateway", "jp-gw")}
    assert kinds(planned("host:10.40.0.2")) == set()


def test_what_must_not_be_cut_is_cut_by_name_alone(planned: Planned) -> None:
    gateways = b'never_cut: {time: "* -> jp/edi : udp/123"}\n'
    assert kinds(planned("site:th", gateways=gateways)) == {("never_cut", "time")}
    told = planned("site:th", gateways=gateways, override=("time",))
    assert kinds(told) == set()
    assert told.warnings == ("time is cut although it must not be: * -> jp/edi : udp/123",)
