from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.errors import IntegrityError
from sekisho.model.entries import Entry
from sekisho.state.state import State

AT = datetime(2026, 3, 1, tzinfo=UTC)


def entry(n: int, kind: str, body: dict[str, Any]) -> Entry:
    return Entry(n, AT, "ken", kind, body, f"h{n - 1}" if n > 1 else "0" * 64, f"h{n}", n, n + 1)


def test_decisions_and_campaigns_are_taken_over(where: str | Path) -> None:
    with State.open(where) as state:
        state.follow(
            [
                entry(1, "fleet.import", {"sha256": "ab"}),
                entry(2, "fleet.campaign", {"name": "march", "checks": ["services"], "why": "w"}),
                entry(
                    3,
                    "fleet.exclude",
                    {"terminal": "t", "hostname": "pc", "why": "w", "until": "2026-04-01T00:00:00Z"},
                ),
            ]
        )
        (campaign,) = state.fleet().campaigns()
        assert (campaign.name, campaign.checks, campaign.begin, campaign.by) == (
            "march",
            ("services",),
            AT,
            "ken",
        )
        (one,) = state.fleet().decisions()
        assert (one.seq, one.terminal, one.action, one.why) == (3, "t", "exclude", "w")
        assert one.until == datetime(2026, 4, 1, tzinfo=UTC)
        assert one.body == {"hostname": "pc"}


def test_an_entry_that_lacks_its_terminal_is_told(where: str | Path) -> None:
    with State.open(where) as state, pytest.raises(IntegrityError, match="cannot be understood"):
        state.follow([entry(1, "fleet.exclude", {"why": "w"})])
