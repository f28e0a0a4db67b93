from __future__ import annotations

from collections.abc import Callable

from sekisho.audit.causes.scanner import ScannerCause
from sekisho.model.findings import Finding

Make = Callable[..., Finding]


def sweep(make: Make, targets: int, **changes: object) -> list[Finding]:
    return [
        make(dst=f"10.2.0.{n}", port=22, verdict="attempted", established=0, **changes)
        for n in range(targets)
    ]


def test_one_source_that_knocks_on_many_doors(make_finding: Make) -> None:
    rows = sweep(make_finding, 10)
    (claim,) = ScannerCause().claim(rows, ()).claims
    assert claim.members == {f.id for f in rows}
    assert claim.text == "10.1.0.1 tried 10 hosts on 1 service without an answer"


def test_many_ports_of_one_host_are_targets_too(make_finding: Make) -> None:
    rows = [make_finding(port=p, verdict="attempted", established=0) for p in range(1, 31)]
    (claim,) = ScannerCause().claim(rows, ()).claims
    assert "tried 1 host on 30 services" in claim.text


def test_nine_targets_are_not_a_scan(make_finding: Make) -> None:
    assert ScannerCause().claim(sweep(make_finding, 9), ()).claims == ()


def test_answered_findings_of_a_scanner_are_set_apart(make_finding: Make) -> None:
    answered = make_finding(dst="10.2.0.200", port=445)
    found = ScannerCause().claim([*sweep(make_finding, 10), answered], ())
    assert found.apart == {answered.id}
    assert answered.id not in found.claims[0].members
    assert "1 that did answer" in found.claims[0].text


def test_a_source_that_is_mostly_answered_does_not_scan(make_finding: Make) -> None:
    answered = [make_finding(dst=f"10.2.1.{n}", port=443) for n in range(10)]
    found = ScannerCause().claim([*sweep(make_finding, 10), *answered], ())
    assert (found.claims, found.apart) == ((), frozenset())
