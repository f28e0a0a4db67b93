from __future__ import annotations

from datetime import UTC, datetime

from sekisho.model.notices import Clock, ClocksDocument, ClockState
from sekisho.notify.calendar import icalendar

AT = datetime(2026, 6, 12, tzinfo=UTC)


def clock(state: ClockState, due: datetime | None, why: str = "72 hours from aware") -> Clock:
    return Clock(
        obligation="jp-appi",
        state=state,
        stage="final",
        anchor="aware",
        started=AT,
        due=due,
        missing=(),
        why=why,
        title="個人情報保護法, a law",
        to=("Commission; 委員会",),
        period="30 days",
        confidence="confirmed",
        zone="Asia/Tokyo",
    )


def test_open_deadlines_are_events() -> None:
    due = datetime(2026, 7, 10, 14, 59, 59, 999999, tzinfo=UTC)
    hostile = "one\r\nBEGIN:VALARM\nthe; end\\ " + "長" * 60
    document = ClocksDocument(
        incident="INC-1",
        at=AT,
        clocks=(
            clock("running", due, hostile),
            clock("needs_decision", due),
            clock("met", due),
            clock("running", None),
            clock("not_applicable", None),
        ),
    )
    text = icalendar(document)
    lines = text.split("\r\n")
    assert lines[-1] == ""
    assert all(len(line.encode()) <= 75 for line in lines)
    unfolded = text.replace("\r\n ", "").split("\r\n")
    assert unfolded.count("BEGIN:VEVENT") == unfolded.count("BEGIN:VALARM") == 2
    assert "DTSTART:20260710T145959Z" in unfolded
    assert "UID:INC-1-jp-appi-final@sekisho" in unfolded
    assert "SUMMARY:INC-1: 個人情報保護法\\, a law\\, final (if it applies)" in unfolded
    (said,) = [line for line in unfolded if "the\\; end\\\\" in line]
    assert said.startswith("DESCRIPTION:one\\nBEGIN:VALARM\\n")
    assert "no legal advice" in said
