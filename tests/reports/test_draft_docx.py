from __future__ import annotations

import io
from datetime import UTC, datetime

from docx import Document

from sekisho.notify.papers import Draft, Section, Statement
from sekisho.reports.draft_docx import draft_docx


def test_it_opens_and_says_the_same() -> None:
    draft = Draft(
        title="日本: final",
        head=(("Incident", "INC-1"), ("Due", "2026-08-09 23:59+09:00")),
        sections=(
            Section(
                "本人の数 (number of people)",
                (Statement("How many: 1,200", (1,)), Statement("y: Unknown")),
            ),
        ),
        evidence=("people=1200; source: a\x0b\x00<b>",),
    )
    read = Document(io.BytesIO(draft_docx(draft, now=datetime(2026, 6, 12, tzinfo=UTC))))
    text = [paragraph.text for paragraph in read.paragraphs]
    assert text == [
        "日本: final",
        "1. 本人の数 (number of people)",
        "How many: 1,200 [1]",
        "y: Unknown",
        "Evidence",
        "[1] people=1200; source: a\\x0b\\x00<b>",
    ]
    assert [cell.text for cell in read.tables[0].rows[0].cells] == [
        "Incident",
        "INC-1",
    ]
    assert "no legal advice" in read.sections[0].footer.paragraphs[0].text
    assert read.core_properties.created == datetime(2026, 6, 12, tzinfo=UTC)
