from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sekisho.investigate.chronicle import chronicle
from sekisho.model.incident_state import Action, EvidenceFile, IncidentDocument
from sekisho.model.incidents import TimelineItem
from sekisho.model.sites import Site
from sekisho.state.incident_records import InquiryEvent

AT = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
SITES = {"th": Site("th", "th", "TH", "Asia/Bangkok", "it-th", ())}


def test_evidence_and_actions_are_one_story_in_order() -> None:
    incident = IncidentDocument(
        id="INC-1",
        title="smb",
        status="open",
        opened=AT,
        opened_by="aiko",
        seeds=(),
        actions=(Action(entry=7, at=AT, by="aiko", kind="open", text="opened: smb"),),
    )
    later = TimelineItem(at=AT + timedelta(hours=1), kind="hop", text="b", site="th", source="flows")
    earlier = TimelineItem(at=AT - timedelta(days=9), kind="hop", text="a", site="mars", source="flows")
    first, second, third = chronicle([later, earlier], incident, SITES)
    assert [first.text, second.text, third.text] == ["a", "aiko opened: smb", "b"]
    assert second.source == "ledger"
    assert second.evidence[0].text == "ledger entry 7"
    assert third.local == "2026-03-01T08:00:00+07:00"
    assert first.local is None, "a site that nobody knows has no clock"


def test_what_sites_were_asked_and_answered_and_what_was_preserved_stand_in_it() -> None:
    def file(name: str, state: Any) -> EvidenceFile:
        return EvidenceFile(path=name, sensor="th", content_sha256="c" * 64, state=state, at=AT)

    incident = IncidentDocument(
        id="INC-1",
        title="smb",
        status="open",
        opened=AT,
        opened_by="aiko",
        seeds=(),
        evidence=(file("a", "preserved"), file("b", "preserved"), file("c", "gone")),
    )
    many = [f"s{n:02}" for n in range(14)]
    events = [
        InquiryEvent(2, "INC-1", "start", "", "aiko", AT + HOUR, text="Did you see it?"),
        *(InquiryEvent(3, "INC-1", "ask", site, "aiko", AT + 2 * HOUR) for site in many),
        InquiryEvent(
            4, "INC-1", "answer", "th", "ken", AT + 3 * HOUR, result="cleared", text="No", name="a.pdf"
        ),
        InquiryEvent(5, "INC-1", "ask", "th", "ken", AT + 4 * HOUR),
    ]
    told = chronicle((), incident, SITES, events)
    assert [item.text for item in told] == [
        "original bytes of 2 files were preserved, 1 could not be",
        "aiko began an inquiry: Did you see it?",
        f"aiko asked {', '.join(many[:12])} and 2 more",
        "ken noted what th answered (cleared), with a.pdf: No",
        "ken asked th",
    ]
    assert [item.evidence[0].text for item in told[1:]] == [f"ledger entry {n}" for n in (2, 3, 4, 5)]
    assert [item.site for item in told] == [None, None, None, "th", "th"]
    assert told[3].local == "2026-03-01T10:00:00+07:00"
