from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sekisho.app.learning.records import actions, coded, lessons
from sekisho.state.notice_records import NoticeAction, NoticeEvent

AT = datetime(2020, 6, 1, tzinfo=UTC)
EVENTS: tuple[tuple[NoticeAction, dict[str, Any]], ...] = (
    ("lesson", {"id": "L-1", "text": "x"}),
    ("action", {"id": "A-1", "text": "y", "owner": "ken", "due": "2020-06-30", "lesson": "L-1"}),
    ("action", {"id": "A-2", "text": "z", "owner": "ken", "due": "2020-06-30"}),
    ("closing", {"action": "A-2", "kind": "file", "ref": "a.txt", "says": "1 byte", "sha256": "ab"}),
    ("coding", {"field": "confidence", "value": "High"}),
    ("coding", {"field": "targeted", "value": "NA"}),
    ("coding", {"field": "targeted", "value": ""}),
)
TAKEN = tuple(
    NoticeEvent(n, "INC-1", what, "aiko", AT, body) for n, (what, body) in enumerate(EVENTS, 1)
)


def test_an_action_is_overdue_when_its_day_is_over_where_people_are() -> None:
    def states(at: datetime) -> list[str]:
        return [one.state for one in actions(TAKEN, at, "Asia/Tokyo")]

    assert states(datetime(2020, 6, 30, 14, 59, tzinfo=UTC)) == ["open", "closed"]
    assert states(datetime(2020, 6, 30, 15, 0, tzinfo=UTC)) == ["overdue", "closed"]
    (one,) = actions(TAKEN, AT, "UTC")[1].evidence
    assert (one.kind, one.ref, one.sha256, one.seq) == ("file", "a.txt", "ab", 4)


def test_the_rest() -> None:
    assert [one.id for one in lessons(TAKEN)] == ["L-1"]
    assert {name: one.values for name, one in coded(TAKEN).items()} == {"confidence": ("High",)}
