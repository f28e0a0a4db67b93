"""What was done, entry by entry."""

from datetime import UTC, datetime

from sekisho.model.plans import PlanAction
from sekisho.reports.history import history

AT = datetime(2020, 6, 11, tzinfo=UTC)


def test_each_entry_says_who_did_what() -> None:
    done = PlanAction.model_validate(
        {"entry": 7, "at": AT, "by": "aiko", "kind": "approve", "text": "approved"}
    )
    sheet = history("What was done", [done])
    assert [column.key for column in sheet.columns] == ["entry", "at", "by", "kind", "text"]
    assert list(sheet.rows) == [(7, AT, "aiko", "approve", "approved")]
    assert history("What was done", []).rows == ()
