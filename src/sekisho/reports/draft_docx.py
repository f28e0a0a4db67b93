"""A draft of a notification as DOCX."""

from __future__ import annotations

import io
from datetime import datetime

from docx import Document
from docx.shared import RGBColor

from sekisho.notify.papers import Draft
from sekisho.reports.text import printable

_RED = RGBColor(0x8A, 0x1C, 0x00)


def draft_docx(draft: Draft, *, now: datetime) -> bytes:
    """The file's bytes. Its footer stands on each page. `now` (aware UTC) is its date."""
    document = Document()
    properties = document.core_properties
    properties.title, properties.author, properties.comments = printable(draft.title), "", draft.footer
    properties.created = properties.modified = now.replace(tzinfo=None, microsecond=0)
    footer = document.sections[0].footer.paragraphs[0].add_run(f"{draft.footer} {draft.mark}")
    footer.font.color.rgb = _RED
    document.add_heading(printable(draft.title), level=0)
    table = document.add_table(rows=0, cols=2)
    as_of = (("As of", draft.at),) if draft.at else ()
    for name, value in (*draft.head, *as_of):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = name, printable(value)
    for number, section in enumerate(draft.sections, 1):
        document.add_heading(f"{number}. {printable(section.heading)}", level=1)
        for statement in section.statements:
            run = document.add_paragraph(style="List Bullet").add_run(printable(statement.marked))
            if not statement.evidence:
                run.font.color.rgb = _RED
    document.add_heading("Evidence", level=1)
    for number, text in enumerate(draft.evidence, 1):
        document.add_paragraph(f"[{number}] {printable(text)}")
    if not draft.evidence:
        document.add_paragraph("Nothing was recorded.")
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()
