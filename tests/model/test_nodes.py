from __future__ import annotations

from pathlib import Path

from sekisho.model.nodes import REFUSALS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "fleet-service.md"


def test_every_refusal_is_explained() -> None:
    listed = [line.split("`")[1] for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    assert [name for name in listed if name in REFUSALS] == list(REFUSALS)
