from __future__ import annotations

import io
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from docx import Document

from sekisho.app.decisions import open_decisions
from sekisho.app.notifying.drafting import write_draft
from sekisho.app.notifying.facts import record
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError


def test_every_version_is_kept(
    workspace: Workspace, opened: str, now: datetime, tmp_path: Path
) -> None:
    def written(name: str, stage: str = "authority") -> int:
        return write_draft(workspace, opened, "th-pdpa", stage, tmp_path / name, now=now, by="aiko")

    assert written("a.html") == 1
    aware = now - timedelta(days=1)
    record(workspace, opened, ["aware", "people=12"], now=now, by="aiko", at=aware, source="call")
    assert written("a.docx") == 2
    text = [p.text for p in Document(str(tmp_path / "a.docx")).paragraphs]
    assert any("How many people the data is about: 12 [" in line for line in text)
    with open_decisions(workspace) as decisions:
        first, second = [e for e in decisions.state.notices().events(opened) if e.action == "draft"]
        assert decisions.state.content(first.body["sha256"]) == (tmp_path / "a.html").read_bytes()
        kept = decisions.state.content(second.body["sha256"])
    assert kept == (tmp_path / "a.docx").read_bytes()
    assert Document(io.BytesIO(kept)).paragraphs[0].text.startswith("Thailand")
    for name, stage, message in (("a.pdf", "authority", "neither"), ("a.html", "autority", "no stage")):
        with pytest.raises(RequestError, match=message):
            written(name, stage)
    with pytest.raises(RequestError, match="cannot write"):
        written("missing/a.html")
