from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.intel import entries
from sekisho.intel.base import Aside, FeedError, Given
from sekisho.intel.entries import ENTRIES, Entry, arrivals, enter
from sekisho.intel.gathering import gather
from sekisho.intel.screening import Screen
from sekisho.model.indicators import INDICATORS

NOW = datetime(2020, 6, 11, tzinfo=UTC)
LATER = NOW + timedelta(days=40)


def test_what_was_there_keeps_when_it_came() -> None:
    first = enter([Entry("a", "A"), Entry("b", "B")], ENTRIES.empty_table(), NOW)
    again = enter([Entry("a", "A"), Entry("b", "B2"), Entry("c", "C")], first.rows, LATER)
    told: dict[str, Any] = {
        row["id"]: (row["arrived"], row["altered"]) for row in again.rows.to_pylist()
    }
    assert told == {"a": (NOW, NOW), "b": (NOW, LATER), "c": (LATER, LATER)}
    # Where it lies is nothing that it says.
    moved = enter([Entry("a", "A", place="elsewhere")], first.rows, LATER)
    assert moved.rows["altered"].to_pylist() == [NOW]


def test_what_is_aside_is_counted_and_of_one_id_the_first_counts() -> None:
    found = enter(
        [Entry("a", "first"), Entry("a", "second"), Aside("revoked", "x\x1b[31m")],
        ENTRIES.empty_table(),
        NOW,
    )
    assert found.rows["title"].to_pylist() == ["first"]
    assert found.aside == {"malformed": 1, "revoked": 1}
    assert "\x1b" not in found.examples["revoked"][0]


def test_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MOST_ENTRIES", 2)
    with pytest.raises(FeedError, match="more than 2"):
        enter((Entry(str(n), "") for n in range(3)), ENTRIES.empty_table(), NOW)


def test_indicators_keep_when_they_came() -> None:
    def rows(*values: str) -> Any:
        return gather([Given(one) for one in values], Screen()).rows

    first = arrivals(rows("45.9.148.3"), INDICATORS.empty_table(), NOW)
    assert first["arrived"].to_pylist() == [NOW]
    again = arrivals(rows("45.9.148.4", "45.9.148.3"), first, LATER)
    assert again["arrived"].to_pylist() == [LATER, NOW]
    assert again.schema == INDICATORS
    assert arrivals(rows(), first, LATER).num_rows == 0
