from __future__ import annotations

from datetime import UTC, datetime

from sekisho.model.briefs import BriefDocument, ChangesDocument


def test_a_brief_in_which_nothing_is_new_says_so_after_it_was_written_and_read() -> None:
    made = BriefDocument(
        made=datetime(2020, 6, 30, tzinfo=UTC), month="2020-06", asked=True, feeds=(), before=None,
        attack=None, changes=(), indicators=(), new_exploited=0, exploited=(), rules=(), advisories=(),
        todo=(),
    )  # fmt: skip
    assert not made.anything
    assert made.model_copy(update={"new_exploited": 1}).anything
    assert BriefDocument.model_validate_json(made.model_dump_json(by_alias=True)) == made
    assert ChangesDocument.model_fields["schema_"].default == "sekisho.changes/1"
