from __future__ import annotations

import pytest
from pydantic import ValidationError

from sekisho.notify.shapes import MAX_TEXT, StageShape


def test_a_stage_needs_what_a_clock_needs() -> None:
    good = {"kind": "final", "to": ("X",), "anchor": "aware", "due": "30 days"}
    assert StageShape.model_validate(good).first_day == "excluded"
    for key, bad in (
        ("due", "30 moons"),
        ("kind", "rumour"),
        ("roll", "yes"),
        ("customary", "x" * MAX_TEXT * 2),
    ):
        with pytest.raises(ValidationError):
            StageShape.model_validate(good | {key: bad})
