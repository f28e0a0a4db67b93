from __future__ import annotations

from collections.abc import Callable

from sekisho.audit.causes.missing_rule import MissingRuleCause
from sekisho.model.findings import Finding

Make = Callable[..., Finding]


def end(address: str, site: str, *groups: str) -> dict[str, object]:
    return {"address": address, "site": site, "groups": groups}


def test_clients_of_one_service_lack_one_rule(make_finding: Make) -> None:
    rows = [
        make_finding(src=f"10.1.0.{n}", dst=end("10.2.0.1", "th", "th/erp"), port=8443)
        for n in range(3)
    ]
    rows.append(
        make_finding(
            src="10.1.0.9",
            dst=end("10.2.0.1", "th", "th/erp"),
            port=8443,
            verdict="attempted",
            established=0,
        )
    )
    other = make_finding(dst=end("10.2.0.1", "th", "th/erp"), port=22)
    (claim,) = MissingRuleCause().claim([*rows, other], ()).claims
    assert claim.members == {f.id for f in rows}
    assert claim.text == "no rule allows jp/* -> th/erp : tcp/8443; 4 sources, 1 destination"


def test_one_source_that_reaches_many_is_said_to(make_finding: Make) -> None:
    rows = [make_finding(dst=f"10.2.0.{n}") for n in range(3)]
    (claim,) = MissingRuleCause().claim(rows, ()).claims
    assert claim.text.endswith("; 10.1.0.1 alone reaches 3 hosts")


def test_tries_alone_and_single_findings_lack_no_rule(make_finding: Make) -> None:
    tries = [make_finding(src=f"10.1.0.{n}", verdict="attempted", established=0) for n in range(3)]
    assert MissingRuleCause().claim(tries, ()).claims == ()
    assert MissingRuleCause().claim([make_finding()], ()).claims == ()


def test_a_protocol_without_ports_has_no_port_in_its_rule(make_finding: Make) -> None:
    rows = [make_finding(src=f"10.1.0.{n}", protocol="gre", port=0) for n in range(2)]
    (claim,) = MissingRuleCause().claim(rows, ()).claims
    assert "jp/* -> th/* : gre;" in claim.text
