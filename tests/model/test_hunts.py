from __future__ import annotations

from datetime import UTC, datetime

from sekisho.model.hunts import FeedsDocument, HuntDocument


def test_what_is_written_says_which_version_it_is() -> None:
    made = datetime(2020, 6, 11, tzinfo=UTC)
    feeds = FeedsDocument(made=made, feeds=(), indicators=0).model_dump(mode="json", by_alias=True)
    assert (feeds["schema"], feeds["made"]) == ("sekisho.feeds/1", "2020-06-11T00:00:00.000000Z")
    assert HuntDocument.model_fields["schema_"].default == "sekisho.hunt/1"
