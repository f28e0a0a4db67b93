from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest

from sekisho.state.incident_records import INCIDENT_ACTIONS, RESULTS, IncidentEvent


def test_rows_do_not_change() -> None:
    row = IncidentEvent(1, "INC-1", "note", "aiko", datetime(2026, 3, 1, tzinfo=UTC), "said")
    with pytest.raises(FrozenInstanceError):
        row.text = "unsaid"  # type: ignore[misc]


def test_words_are_those_of_the_ledger_s_kinds() -> None:
    assert "close" in INCIDENT_ACTIONS
    assert RESULTS == ("answered", "cleared", "affected")
