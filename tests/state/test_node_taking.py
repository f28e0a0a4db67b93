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


def test_secrets_are_made_and_retired_once(where: str | Path) -> None:
    with State.open(where) as state:
        state.follow(
            [
                entry(1, "fleet.secret", {"id": "S-1", "hash": "a", "site": "th-plant", "why": "w"}),
                entry(2, "fleet.secret", {"id": "S-2", "hash": "b"}),
                entry(3, "fleet.secret_retire", {"id": "S-1"}),
            ]
        )
        one, two = state.nodes().secrets()
        assert (one.id, one.hash, one.site, one.why, one.retired_by) == (
            "S-1",
            "a",
            "th-plant",
            "w",
            "ken",
        )
        assert (one.made, one.retired) == (AT, AT)
        assert (two.site, two.retired, two.retired_by) == ("", None, "")


def test_a_secret_without_its_hash_is_told(where: str | Path) -> None:
    with State.open(where) as state, pytest.raises(IntegrityError, match="cannot be understood"):
        state.follow([entry(1, "fleet.secret", {"id": "S-1"})])
