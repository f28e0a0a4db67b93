from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.state.test_notices import FACT, OPEN, SENT, follow

from sekisho.errors import IntegrityError
from sekisho.state.state import State


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("notify.fact", FACT | {"incident": "INC-9"}, "contradicts"),
        ("notify.fact", FACT | {"value": 5}, "cannot be understood"),
        ("notify.delivery", {k: v for k, v in SENT.items() if k != "proof"}, "cannot be understood"),
    ],
)
def test_entries_that_make_no_sense(
    where: str | Path, kind: str, body: dict[str, Any], message: str
) -> None:
    with State.open(where) as state, pytest.raises(IntegrityError, match=message):
        follow(state, ("incident.open", OPEN), (kind, body))
