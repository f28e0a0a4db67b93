from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

from sekisho.model.notices import ClocksDocument, ClockState


def test_it_says_that_it_is_no_advice() -> None:
    document = ClocksDocument(incident="INC-1", at=datetime(2026, 1, 1, tzinfo=UTC), clocks=())
    told = document.model_dump(mode="json", by_alias=True)
    assert told["schema"] == "sekisho.clocks/1"
    assert "no legal advice" in told["notes"][0]
    assert len(get_args(ClockState)) == 8
