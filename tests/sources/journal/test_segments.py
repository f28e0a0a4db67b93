from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from sekisho.sources.journal.segments import (
    PACKED,
    SealedSegment,
    content_sha256,
    opened,
    pack,
    sealed,
    sync_folder,
)

FIRST, SECOND = f"{10:020d}", f"{2_000:020d}"


@pytest.fixture
def folder(tmp_path: Path, segment: Callable[..., bytes]) -> Path:
    (tmp_path / f"{SECOND}.journal").write_bytes(segment(b"two"))
    (tmp_path / f"{FIRST}.journal").write_bytes(segment(b"one" * 1000))
    return tmp_path


def test_sealed_segments_are_listed_in_order_and_nothing_else_is(folder: Path) -> None:
    for other in ("lock", "last", "status.json", f"{5:020d}.open", f"{6:020d}.damaged", "7.journal"):
        (folder / other).write_bytes(b"x")
    assert [one.name for one in sealed(folder)] == [FIRST, SECOND]
    assert [one.begun_at for one in sealed(folder)] == [10, 2000]
    assert sealed(folder / "none") == []


def test_packing_keeps_name_content_and_hash(folder: Path) -> None:
    plain = sealed(folder)[0]
    content = plain.path.read_bytes()
    packed = pack(plain)
    assert packed.name == plain.name
    assert packed.path.name.endswith(PACKED)
    assert packed.size == packed.path.stat().st_size < plain.size
    assert not plain.path.exists()
    assert sealed(folder)[0] == packed == pack(packed)
    with closing(opened(packed)) as stream:
        assert stream.read() == content
    assert content_sha256(packed) == hashlib.sha256(content).hexdigest()


def test_the_plain_one_stands_where_packing_was_cut_short(folder: Path) -> None:
    plain = sealed(folder)[0]
    content = plain.path.read_bytes()
    pack(plain)
    plain.path.write_bytes(content)
    assert sealed(folder)[0] == plain
    assert pack(plain).path.exists()
    assert len(sealed(folder)) == 2


def test_a_hash_is_that_of_the_plain_bytes(folder: Path) -> None:
    for one in sealed(folder):
        assert content_sha256(one) == hashlib.sha256(one.path.read_bytes()).hexdigest()
    sync_folder(folder)
    with pytest.raises(FileNotFoundError):
        content_sha256(SealedSegment(folder / "gone", FIRST, 1))
