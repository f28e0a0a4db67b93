from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from sekisho.investigate.inquiries import inquiry
from sekisho.model.incident_state import (
    Action,
    EvidenceFile,
    IncidentDocument,
    IncidentsDocument,
    Task,
)
from sekisho.model.incidents import Seed
from sekisho.model.sites import Site
from sekisho.reports.base import Options, Report
from sekisho.reports.incidents import (
    SHOWN_FILES,
    every_file,
    incident_report,
    incidents_report,
    inquiry_report,
)
from sekisho.reports.registry import render
from sekisho.state.incident_records import InquiryEvent

AT = datetime(2026, 3, 1, tzinfo=UTC)
HOSTILE = "\x1b[31mred\x1b[0m [bold]x[/bold]"


def file(state: Any, **more: Any) -> EvidenceFile:
    return EvidenceFile(
        path=f"/var/log/{HOSTILE}", sensor="th", content_sha256="c" * 64, state=state, at=AT, **more
    )


DOCUMENT = IncidentDocument(
    id="INC-1",
    title=HOSTILE,
    status="open",
    opened=AT,
    opened_by="aiko",
    assignee="ken",
    seeds=(Seed(kind="host", value="10.40.9.9", connections=3),),
    findings=tuple(f"F-{n}" for n in range(12)),
    connections=3,
    days=4,
    tasks=(Task(id="T-1", text="image", added=AT, by="aiko"),),
    actions=(Action(entry=1, at=AT, by="aiko", kind="open", text=HOSTILE),),
    evidence=(file("preserved", sha256="d" * 64, size=10), file("gone", why="rotated")),
    inquiry={"asked": 2, "cleared": 1, "affected": 0},
)


def shown(report: Report, form: str = "table") -> str:
    stream = io.StringIO()
    render(report, form, stream, Options())
    return stream.getvalue()


def test_what_stands_and_what_is_missing() -> None:
    text = shown(incident_report(DOCUMENT))
    assert text.startswith("INC-1 (open, with ken)")
    assert "1 file preserved (10 B), 1 not: their bytes are gone" in " ".join(text.split())
    assert "F-9 and 2 more" in " ".join(text.split())
    assert "2 asked, 1 cleared" in text
    assert all(c == "\n" or c.isprintable() for c in text)
    assert max(map(len, text.splitlines())) <= 80
    bare = DOCUMENT.model_copy(update={"evidence": (), "held": False})
    said = " ".join(shown(incident_report(bare)).split())
    assert "no original bytes are preserved" in said
    assert "may be pruned" in said


def test_files_that_a_screen_leaves_out_are_counted() -> None:
    """Logs that rotate each day bear one name in a folder a day: the folder tells them apart."""
    many = tuple(
        file("preserved", sha256="d" * 64, size=10).model_copy(
            update={"path": f"/logs/day-{day:02d}/conn.log"}
        )
        for day in range(SHOWN_FILES + 3)
    )
    document = DOCUMENT.model_copy(update={"evidence": many})
    text = shown(incident_report(document))
    assert f"Original bytes, {SHOWN_FILES} of {SHOWN_FILES + 3}" in text
    assert "every file: `sekisho investigate preserve INC-1`" in text
    assert "day-00/conn.log" in text
    assert [row[2] for row in every_file(document).rows] == [
        f"day-{day:02d}/conn.log" for day in range(SHOWN_FILES + 3)
    ]
    few = document.model_copy(update={"evidence": many[:SHOWN_FILES]})
    assert "every file" not in shown(incident_report(few))


@pytest.mark.parametrize("form", ["csv", "html", "jsonl"])
def test_other_formats_take_it(form: str) -> None:
    text = shown(incident_report(DOCUMENT, whole=True), form)
    assert "10.40.9.9" in text
    assert "\x1b" not in text


def test_json_is_the_contract() -> None:
    read = json.loads(shown(incident_report(DOCUMENT), "json"))
    assert (read["schema"], read["id"]) == ("sekisho.incident/1", "INC-1")


def test_a_list() -> None:
    text = shown(incidents_report(IncidentsDocument(incidents=(DOCUMENT, DOCUMENT), notes=("look",))))
    assert text.startswith("2 incidents.")
    assert "look" in text
    assert "No incidents." in shown(incidents_report(IncidentsDocument(incidents=())))


def test_an_inquiry_shows_both_clocks_and_every_state() -> None:
    sites = {"th": Site("th", "th", "TH", "Asia/Bangkok", "it-th", ())}
    events = [
        InquiryEvent(1, "INC-1", "start", "", "aiko", AT, due=AT, text="Did you?"),
        InquiryEvent(2, "INC-1", "ask", "th", "aiko", AT, due=AT),
        InquiryEvent(3, "INC-1", "answer", "old", "aiko", AT, result="cleared", text=HOSTILE),
    ]
    text = shown(inquiry_report(inquiry("INC-1", sites, events, AT)))
    assert text.startswith("INC-1, 2 sites: 1 overdue, 1 cleared.")
    assert "2026-03-01 00:00" in text
    assert "2026-03-01 07:00" in text
    assert "not in sites.yaml" in " ".join(text.split())
    assert all(state in text for state in ("not asked", "answered", "affected"))
    assert "question: Did you?" in text
    assert "no inquiry was begun" in shown(inquiry_report(inquiry("INC-1", sites, (), AT)))
