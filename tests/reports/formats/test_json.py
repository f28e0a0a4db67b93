from __future__ import annotations

import io
import json

from sekisho.model.findings import AuditDocument
from sekisho.reports.base import Options
from sekisho.reports.formats.json import write
from sekisho.reports.views.audit import AuditView


def test_the_document_by_its_aliases_and_a_newline(audit: AuditDocument) -> None:
    stream = io.StringIO()
    write(AuditView(), audit, stream, Options())
    body = json.loads(stream.getvalue())
    assert stream.getvalue().endswith("}\n")
    assert body["schema"] == "sekisho.audit/1"
    assert set(body["findings"][0]["src"]) >= {"address", "asset", "site", "groups"}
    assert "realm" not in body["findings"][0]["src"]


def test_control_characters_are_escapes_not_characters(audit: AuditDocument) -> None:
    hostile = audit.model_copy(update={"notes": ("\x9b2J \u202e \x1b]0;x\x07 工場",)})
    stream = io.StringIO()
    write(AuditView(), hostile, stream, Options())
    text = stream.getvalue()
    assert not [c for c in text if (c < " " and c != "\n") or "\x7f" <= c <= "\x9f" or c == "\u202e"]
    assert "工場" in text
    assert json.loads(text)["notes"] == list(hostile.notes)
