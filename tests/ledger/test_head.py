from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.errors import IntegrityError
from sekisho.ledger.head import Head, read_head, write_head, write_whole
from sekisho.ledger.verifier import KEY_KIND, leaf_hash, node_hash
from sekisho.model.entries import Entry

ONE, TWO = bytes([1]) * 32, bytes([2]) * 32


def test_a_head_comes_back_and_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "head.json"
    assert read_head(path) is None
    several = (
        Head(1, "a" * 64, 0, 10, (ONE,)),
        Head(3, "b" * 64, 10, 25, (ONE, TWO), 5),
        Head(2, "c" * 64, 10, 25, None),
    )
    for head in several:
        write_head(path, head)
        assert read_head(path) == head
    assert [entry.name for entry in tmp_path.iterdir()] == ["head.json"]


def test_the_tree_and_the_key_follow_the_entries() -> None:
    head, leaves = Head(), []
    for seq in range(1, 4):
        kind = KEY_KIND if seq == 2 else "x"
        digest = f"{seq:064x}"
        start = seq * 10
        entry = Entry(
            seq, datetime(2026, 1, 1, tzinfo=UTC), "a", kind, {}, "", digest, start, start + 10
        )
        head = head.after(entry)
        leaves.append(leaf_hash(digest))
    assert (head.seq, head.start, head.end, head.key) == (3, 30, 40, 20)
    assert head.root == node_hash(node_hash(leaves[0], leaves[1]), leaves[2])
    old = Head(1, "a" * 64, 0, 10, None)
    assert old.after(entry).edge is None
    with pytest.raises(ValueError, match="not known"):
        _ = old.root


def test_a_file_is_its_owners_alone_from_the_first_byte(tmp_path: Path) -> None:
    write_whole(tmp_path / "x.key", b"secret")
    assert (tmp_path / "x.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "x.key").read_bytes() == b"secret"


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
        '{"seq": 1, "hash": "' + "a" * 64 + '", "start": 0, "end": 1, "edge": []}',
        '{"seq": 1, "hash": "' + "a" * 64 + '", "start": 0, "end": 1, "edge": ["ab"]}',
        '{"seq": 1, "hash": "' + "a" * 64 + '", "start": 0, "end": 1, "edge": [1]}',
        '{"seq": 1, "hash": "' + "a" * 64 + '", "start": 0, "end": 1, "key": 4}',
        "x" * 10_000,
    ],
)
def test_a_damaged_one_is_told(text: str, tmp_path: Path) -> None:
    (tmp_path / "head.json").write_text(text)
    with pytest.raises(IntegrityError):
        read_head(tmp_path / "head.json")
