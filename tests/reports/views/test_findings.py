from __future__ import annotations

import io

from sekisho.model.findings import AuditDocument
from sekisho.reports.base import Options
from sekisho.reports.documents import FindingsDocument
from sekisho.reports.registry import render
from sekisho.reports.views.findings import COLUMNS, brief_sheet, findings_sheet


def text(document: FindingsDocument, format_name: str = "table") -> str:
    stream = io.StringIO()
    render(document, format_name, stream, Options())
    return stream.getvalue()


def test_the_table_names_both_ends_and_the_decision(audit: AuditDocument) -> None:
    shown = text(FindingsDocument(findings=audit.findings))
    for words in (
        "th-plant fs01 (10.20.0.10)",
        "→ jp-hq dc1",
        "10/20 established",
        "or before",
        "accepted",
    ):
        assert words in shown


def test_no_findings_is_a_sentence() -> None:
    assert text(FindingsDocument(findings=())) == "No findings.\n"


def test_sheets_agree_with_their_columns(audit: AuditDocument) -> None:
    full, brief = findings_sheet(audit.findings), brief_sheet(audit.findings)
    assert {len(row) for row in full.rows} == {len(COLUMNS)}
    assert {len(row) for row in brief.rows} == {len(brief.columns)}
    assert len({column.key for column in COLUMNS}) == len(COLUMNS)


def test_hostile_names_command_nothing(audit: AuditDocument) -> None:
    src = audit.findings[0].src.model_copy(update={"asset": "\x1b]8;;http://x\x07[red]\u202e"})
    hostile = FindingsDocument(findings=(audit.findings[0].model_copy(update={"src": src}),))
    for name in ("table", "csv", "json", "jsonl", "markdown"):
        shown = text(hostile, name)
        assert not [c for c in shown if (c < " " and c != "\n") or c == "\u202e"], name


def test_no_findings_is_not_nothing_recorded() -> None:
    notes = ("there is no evidence at all: nothing was audited",)
    shown = text(FindingsDocument(findings=(), notes=notes))
    assert shown == "No findings.\n\n- there is no evidence at all: nothing was audited\n"


def test_what_is_no_matter_of_verdict_says_what_it_is(audit: AuditDocument) -> None:
    changes = {"kind": "one_sided", "also": ("automation",), "verdict": "authorized"}
    other = audit.findings[1].model_copy(update={"also": ("changed",)})
    both = (audit.findings[0].model_copy(update=changes), other)
    for name in ("table", "markdown", "html"):
        shown = text(FindingsDocument(findings=both), name)
        for words in ("one sided", "automation", "changed"):
            assert words in shown, (name, words)
    csv = text(FindingsDocument(findings=both), "csv").splitlines()
    assert ",one_sided,automation,authorized," in csv[1]
    assert ",verdict,changed,attempted," in csv[2]
    assert "Kind" not in {column.title for column in brief_sheet(audit.findings).columns}
