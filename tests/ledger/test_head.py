from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.errors import IntegrityError
from sekisho.ledger.head import Head, read_head, write_head


def test_a_head_comes_back_and_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "head.json"
    assert read_head(path) is None
    for head in (Head(1, "a" * 64, 0, 10), Head(2, "b" * 64, 10, 25)):
        write_head(path, head)
        assert read_head(path) == head
    assert [entry.name for entry in tmp_path.iterdir()] == ["head.json"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"seq": 1}',
        '{"seq": -1, "hash": "' + "a" * 64 + '", "start": 0, "end": 1}',
        '{"seq": 1, "hash": "short", "start": 0, "end": 1}',
        '{"seq": true, "hash": "' + "a" * 64 + '", "start": 0, "end": 1}',
        "x" * 10_000,
    ],
)
def test_a_damaged_one_is_told(text: str, tmp_path: Path) -> None:
    (tmp_path / "head.json").write_text(text)
    with pytest.raises(IntegrityError):
        read_head(tmp_path / "head.json")
