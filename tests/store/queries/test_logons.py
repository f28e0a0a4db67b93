"""The questions about logons as the engine is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.store.queries import logons


@pytest.mark.parametrize("question", [logons.sought, logons.hours])
def test_a_path_is_the_only_thing_that_stands_in_the_text_and_it_is_quoted(question: object) -> None:
    assert callable(question)
    text = question([Path("/lake/it's/logons/a.parquet")])
    assert "it''s" in text
    assert "$1" in text
    assert "$3" in text
