from __future__ import annotations

from collections.abc import Callable

from sekisho.audit.causes.missing_prefix import MissingPrefixCause
from sekisho.model.findings import Finding

Make = Callable[..., Finding]


def test_several_addresses_of_an_unknown_network(make_finding: Make) -> None:
    rows = [
        make_finding(dst={"address": f"192.168.7.{n}"}, verdict="unmapped", port=n) for n in range(1, 4)
    ]
    (claim,) = MissingPrefixCause().claim(rows, ()).claims
    assert claim.text == "192.168.7.0/24 belongs to no site; 3 addresses, 3 connections"
    assert claim.members == {f.id for f in rows}


def test_one_stranger_with_many_ports_is_not_a_network(make_finding: Make) -> None:
    rows = [make_finding(dst={"address": "192.168.7.1"}, verdict="unmapped", port=n) for n in range(20)]
    assert MissingPrefixCause().claim(rows, ()).claims == ()


def test_realms_and_families_are_kept_apart(make_finding: Make) -> None:
    rows = [
        make_finding(dst={"address": f"fd00::{n}", "realm": realm}, verdict="unmapped", port=n)
        for n, realm in enumerate(["", "acq", "acq", "acq", ""])
    ]
    (claim,) = MissingPrefixCause().claim(rows, ()).claims
    assert claim.text.startswith("fd00::/64 in realm acq belongs to no site; 3 addresses")
