from __future__ import annotations

import io
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from docx import Document
from pypdf import PdfReader

from sekisho.app.decisions import open_decisions
from sekisho.app.notifying.drafting import take, write_draft, write_statement
from sekisho.app.notifying.facts import record
from sekisho.app.notifying.versions import listed
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
    for name, stage, message in (("a.odt", "authority", "neither"), ("a.html", "autority", "no stage")):
        with pytest.raises(RequestError, match=message):
            written(name, stage)
    with pytest.raises(RequestError, match="cannot write"):
        written("missing/a.html")


def test_what_says_the_same_is_the_same_version_in_every_format(
    workspace: Workspace, opened: str, now: datetime, tmp_path: Path
) -> None:
    def written(name: str, later: int) -> int:
        at = now + timedelta(hours=later)
        return write_draft(
            workspace, opened, "th-pdpa", "authority", tmp_path / name, now=at, by="aiko"
        )

    assert [written("a.pdf", 0), written("a.html", 5), written("a.docx", 9), written("a.pdf", 9)] == [
        1
    ] * 4
    record(workspace, opened, ["people=12"], now=now, by="aiko", source="call")
    assert written("b.pdf", 10) == 2
    first, second = listed(workspace, opened).drafts
    assert (sorted(first.files), sorted(second.files)) == (["docx", "html", "pdf"], ["pdf"])
    assert first.at == now
    text = "".join(PdfReader(tmp_path / "b.pdf").pages[-1].extract_text().split())
    assert f"Version2,SHA-256{second.digest}" in text
    # Without new facts the time of the first version stays: lawyers approve what is then sent.
    assert "As of</th><td>2020-06-08 07:00+07:00" in (tmp_path / "a.html").read_text()


def test_what_people_wrote_is_the_next_version(
    workspace: Workspace, opened: str, now: datetime, tmp_path: Path
) -> None:
    def taken(content: bytes, name: str = "edited.docx", stage: str = "authority") -> int:
        (tmp_path / name).write_bytes(content)
        return take(workspace, opened, "th-pdpa", stage, tmp_path / name, now=now, by="lee")

    target = tmp_path / "a.html"
    assert write_draft(workspace, opened, "th-pdpa", "authority", target, now=now, by="aiko") == 1
    assert [taken(b"one"), taken(b"one"), taken(b"two")] == [2, 2, 3]
    assert [one.written_by for one in listed(workspace, opened).drafts] == ["facts", "people", "people"]
    # Written again from the facts it is a version after theirs, not the one before.
    assert write_draft(workspace, opened, "th-pdpa", "authority", target, now=now, by="aiko") == 4
    for content, name, stage, message in (
        (b"", "edited.docx", "authority", "is empty"),
        (b"x", "edited", "authority", "no ending"),
        (b"x", "edited.docx", "autority", "no stage"),
    ):
        with pytest.raises(RequestError, match=message):
            taken(content, name, stage)
    with pytest.raises(RequestError, match="cannot be read"):
        take(workspace, opened, "", "public-statement", tmp_path / "none.docx", now=now, by="lee")


def test_a_statement_and_a_brief(
    workspace: Workspace, opened: str, now: datetime, tmp_path: Path
) -> None:
    facts = ["aware", "people=1200", "personal_data=yes", "countries=TH", "risk=likely"]
    record(workspace, opened, facts, now=now, by="aiko", at=now - timedelta(days=1), source="call")
    for document, heading in (("public-statement", "概要"), ("management-brief", "期限")):
        target = tmp_path / f"{document}.pdf"
        assert write_statement(workspace, opened, document, target, now=now, by="aiko") == 1
        text = "".join("".join(p.extract_text().split()) for p in PdfReader(target).pages)
        assert heading in text
        assert "Howmanypeoplethedataisabout:1,200[" in text
    assert "Thailand,PersonalDataProtectionAct,authority:running" in text
    with pytest.raises(RequestError, match="no document"):
        write_statement(workspace, opened, "poem", tmp_path / "a.pdf", now=now, by="aiko")
