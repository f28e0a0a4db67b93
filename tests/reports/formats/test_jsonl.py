from __future__ import annotations

import io
import json
from collections.abc import Callable

from sekisho.model.findings import AuditDocument
from sekisho.reports.base import Options
from sekisho.reports.formats.jsonl import write
from sekisho.reports.views.audit import AuditView


def lines(document: AuditDocument) -> list[dict[str, object]]:
    stream = io.StringIO()
    write(AuditView(), document, stream, Options())
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_the_audit_comes_first_and_each_line_says_what_it_is(audit: AuditDocument) -> None:
    found = lines(audit)
    assert found[0]["record"] == "audit"
    assert found[0]["schema"] == "sekisho.audit/1"
    findings = [line for line in found if line["record"] == "finding"]
    assert [line["id"] for line in findings] == [finding.id for finding in audit.findings]
    assert {line["record"] for line in found} == {"audit", "finding", "cause", "link", "coverage"}


def test_an_audit_without_findings_is_still_a_line(build_audit: Callable[..., AuditDocument]) -> None:
    (only,) = [line for line in lines(build_audit((), ())) if line["record"] != "link"]
    assert only["record"] == "audit"


def test_a_newline_in_input_does_not_split_a_line(audit: AuditDocument) -> None:
    hostile = audit.model_copy(update={"notes": ("a\nb\u2028c",)})
    assert lines(hostile)[0]["notes"] == ["a\nb\u2028c"]
