from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_it_needs_indicators_and_says_where_nothing_was_taken(
    raw_company: Path, sekisho: Callable[..., Any]
) -> None:
    words = ("--workspace", raw_company, "fleet", "hunt")
    ran = sekisho(*words)
    assert ran.status == 2
    assert "intel refresh" in ran.err
    (raw_company / "values.txt").write_text("bad.example\n")
    (raw_company / "intel.yaml").write_text(
        "feeds:\n  mine: {kind: list, path: values.txt, licence: CC0, confidence: 90}\n"
    )
    assert sekisho("--workspace", raw_company, "intel", "refresh").status == 0
    ran = sekisho(*words, "--since", "30d")
    assert ran.status == 0
    assert "nothing found says nothing" in " ".join(ran.out.split())
