from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sekisho.investigate.chronicle import chronicle
from sekisho.model.incident_state import Action, IncidentDocument
from sekisho.model.incidents import TimelineItem
from sekisho.model.sites import Site

AT = datetime(2026, 3, 1, tzinfo=UTC)
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
