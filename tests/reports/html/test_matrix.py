from __future__ import annotations

from collections.abc import Callable

from sekisho.model.findings import AuditDocument, Finding
from sekisho.reports.html.matrix import LARGEST, NOWHERE, Square, matrix
from sekisho.reports.inventory import InventorySummary


def square(document: AuditDocument, inventory: InventorySummary | None, src: str, dst: str) -> Square:
    for _, squares in matrix(document, inventory).rows:
        for found in squares:
            if (found.src, found.dst) == (src, dst):
                return found
    raise AssertionError((src, dst))


def test_a_square_counts_findings_and_bears_the_worst(
    audit: AuditDocument, inventory_summary: InventorySummary
) -> None:
    found = square(audit, inventory_summary, "th-plant", "jp-hq")
    assert (found.state, found.findings, found.severity, found.verdict) == (
        "found",
        2,
        "critical",
        "unauthorized",
    )


def test_four_states_are_four(audit: AuditDocument, inventory_summary: InventorySummary) -> None:
    states = {
        ("th-plant", "jp-hq"): "found",
        ("jp-hq", "th-plant"): "clear",
        ("th-plant", "ph-office"): "silent",
        ("us-sales", NOWHERE): "unseen",
        ("us-sales", "us-sales"): "silent",
    }
    assert {k: square(audit, inventory_summary, *k).state for k in states} == states


def test_without_an_inventory_nothing_is_called_unseen(audit: AuditDocument) -> None:
    assert "unseen" not in {s.state for _, squares in matrix(audit, None).rows for s in squares}


def test_headings_tell_no_sensor_from_no_data(
    audit: AuditDocument, inventory_summary: InventorySummary
) -> None:
    blind = {heading.name: heading.blind for heading in matrix(audit, inventory_summary).headings}
    assert blind["us-sales"] == "no sensor"
    assert blind["id-works"] == "no data"
    assert blind["jp-hq"] == blind[NOWHERE] == ""


def test_too_many_sites_leave_the_least_and_say_so(
    audit: AuditDocument, build_audit: Callable[..., AuditDocument]
) -> None:
    def at(finding: Finding, n: int) -> Finding:
        src = finding.src.model_copy(update={"site": f"site-{n:02}"})
        return finding.model_copy(
            update={"src": src, "id": f"F-{n}", "severity": "info" if n else "critical"}
        )

    findings = tuple(at(audit.findings[0], n) for n in range(LARGEST + 5))
    found = matrix(build_audit(findings, (), links=()), None)
    assert len(found.headings) == LARGEST
    assert len(found.left_out) == 6
    assert "site-00" in {heading.name for heading in found.headings}
