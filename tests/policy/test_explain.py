from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from sekisho.errors import RequestError
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.explain import MOST, explain, trace

AT = datetime(2020, 6, 2, tzinfo=UTC)
RULES = """
services: {mes: [tcp/9000]}
connections:
  - {id: EDI, allow: "th/edi -> jp/edi : tcp/8443", owner: logistics, ticket: CHG-1}
  - {id: OLD, allow: "th/* -> jp/* : smb", expires: 2019-12-31}
  - {id: MAYBE, allow: "th/* -> jp/* : rdp", state: proposed}
  - {id: MES, allow: "th/* -> jp/db : mes"}
"""


def test_a_permitted_connection_names_its_rule(register: Callable[[str], CompiledPolicy]) -> None:
    found = explain(register(RULES), "10.40.2.10", "10.1.20.5", "tcp/8443", AT)
    (only,) = found.traces
    assert (only.verdict, only.because, only.nearest) == ("authorized", "EDI permits it", None)
    assert [(rule.id, rule.why_not, rule.owner, rule.line) for rule in only.rules] == [
        ("EDI", None, "logistics", 4)
    ]
    assert (only.src.site, only.src.groups, only.dst.site) == ("th", ("th/edi",), "jp")


@pytest.mark.parametrize(
    ("src", "dst", "service", "verdict", "because", "nearest"),
    [
        ("th-app02", "jp-files01", "smb", "lapsed", "OLD names it, but did not hold then", "OLD"),
        ("th-app02", "jp-files01", "tcp/3389", "unauthorized", "MAYBE names it", "MAYBE"),
        ("asset:th-app02", "10.1.20.5", "tcp/8443", "unauthorized", "no rule names both", "EDI"),
        ("10.40.1.1", "10.40.1.2", "ssh", "intra_site", "both ends are in th", None),
        ("10.40.1.1", "8.8.8.8", "https", "external", "8.8.8.8 is outside", None),
        ("10.40.1.1", "172.16.0.1", "https", "unmapped", "172.16.0.1 belongs to no site", None),
        ("acq:10.1.20.5", "10.1.20.5", "tcp/8443", "unauthorized", "no rule names both", "EDI"),
    ],
)
def test_why_each_verdict(
    register: Callable[[str], CompiledPolicy],
    src: str, dst: str, service: str, verdict: str, because: str, nearest: str | None,
) -> None:  # fmt: skip
    (only,) = explain(register(RULES), src, dst, service, AT).traces
    assert only.verdict == verdict
    assert only.because.startswith(because)
    assert (only.nearest.id if only.nearest else None) == nearest


def test_a_site_is_every_kind_of_address_that_the_register_tells_apart(
    register: Callable[[str], CompiledPolicy],
) -> None:
    found = explain(register(RULES), "th/*", "jp/edi", "tcp/8443", AT)
    assert {trace.src.address: trace.verdict for trace in found.traces} == {
        "10.40.0.0": "unauthorized",
        "10.40.2.10": "authorized",
    }
    assert found.notes == ("several cases: authorized, unauthorized",)
    assert explain(register(RULES), "th", "jp/edi", "tcp/8443", AT).traces == found.traces


def test_the_services_that_the_register_names_may_be_asked_for(
    register: Callable[[str], CompiledPolicy],
) -> None:
    (only,) = explain(register(RULES), "10.40.1.1", "10.1.30.1", "mes", AT).traces
    assert (only.verdict, only.port) == ("authorized", 9000)


@pytest.mark.parametrize(
    ("src", "service", "said"),
    [
        ("nowhere", "https", "'nowhere' names no end"),
        ("th/nothing", "https", "'th/nothing' names no end"),
        ("th/old", "https", "'th/old' has no addresses at that time"),
        ("10.40.1.1", "nothing", "there is no service `nothing`"),
        ("10.40.1.1", "any", "any"),
    ],
)
def test_what_names_nothing_is_said(
    register: Callable[[str], CompiledPolicy], src: str, service: str, said: str
) -> None:
    with pytest.raises(RequestError, match=said):
        explain(register(RULES), src, "jp/edi", service, AT)


def test_no_more_is_shown_than_a_person_reads(register: Callable[[str], CompiledPolicy]) -> None:
    rules = "".join(f"  - {{id: R{n}, allow: '10.40.{n}.0/24 -> jp/edi : ssh'}}\n" for n in range(60))
    found = explain(register("connections:\n" + rules), "th/*", "jp/edi", "ssh", AT)
    assert len(found.traces) == MOST
    assert f"only the first {MOST} cases are shown" in found.notes


def test_a_trace_of_one_flow(register: Callable[[str], CompiledPolicy]) -> None:
    ends = ("", ip_address("10.40.2.10")), ("", ip_address("10.1.20.5"))
    found = trace(register(RULES), *ends, 1, 0, AT)
    assert (found.verdict, found.protocol, found.service) == ("unauthorized", "icmp", "icmp")
    assert found.nearest is not None
    assert found.nearest.why_not == "allows tcp/8443, not icmp"


def test_families_do_not_mix(register: Callable[[str], CompiledPolicy]) -> None:
    found = explain(register(RULES), "10.40.2.10", "10.1.20.5", "icmp", AT)
    assert [(trace.protocol, trace.src.address) for trace in found.traces] == [("icmp", "10.40.2.10")]
    with pytest.raises(RequestError, match="IPv6"):
        explain(register(RULES), "10.40.2.10", "fe80::1", "smb", AT)
