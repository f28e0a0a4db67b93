from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.intel.base import FeedError
from sekisho.intel.documents import document, maps, texts


@pytest.mark.parametrize("text", ["", "{", '{"a": ', "[" * 200_000, "nan?", '{"a": 1} x'])
def test_what_is_no_document(tmp_path: Path, text: str) -> None:
    (tmp_path / "x").write_text(text)
    with pytest.raises(FeedError, match="no JSON"):
        document(tmp_path / "x", 1 << 20)


def test_one_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("[1, 2, 3]")
    assert document(tmp_path / "x", 9) == [1, 2, 3]
    with pytest.raises(FeedError, match="at most 8"):
        document(tmp_path / "x", 8)


def test_lists_of_what_is_wanted() -> None:
    assert texts(["a", 1, None]) == ["a"]
    assert maps([{"a": 1}, "b", []]) == [{"a": 1}]
    assert texts("abc") == maps({"a": {}}) == []
