from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.errors import IntegrityError
from sekisho.model.entries import Entry
from sekisho.state.state import State

AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("restore.plan", {"plans": []}),
        ("policy.recertify", {"rule": "R", "site": "th", "owner": "it"}),
        ("policy.recertify", {"rule": "R", "site": "th", "owner": "it", "hash": 5}),
    ],
)
def test_entries_that_make_no_sense(where: str | Path, kind: str, body: dict[str, Any]) -> None:
    with State.open(where) as state, pytest.raises(IntegrityError, match="cannot be understood"):
        state.follow([Entry(1, AT, "ken", kind, body, "0" * 64, "h1", 1, 2)])
