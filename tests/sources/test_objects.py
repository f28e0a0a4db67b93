"""Objects of a store, here of the local filesystem by its address: listed, fetched, and their faults."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from sekisho.errors import RequestError
from sekisho.sources import objects
from sekisho.sources.objects import StoredObject, fetched, is_address, listing


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    for name in ("b/2.log", "a/1.log", "a/.hidden", ".tmp/x.log", "c.log"):
        path = tmp_path / "bucket" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "bucket"


def one(path: Path) -> StoredObject:
    (found,) = listing(path.as_uri())
    return found


def test_addresses_are_told_from_paths() -> None:
    assert is_address("s3://bucket/prefix")
    assert is_address("file:///x")
    for path in ("logs/a", "/logs", "C:\\logs", "c://x", "://x", "logs/s3://x"):
        assert not is_address(path), path


def test_a_listing_is_in_order_and_without_what_is_hidden(bucket: Path) -> None:
    found = listing(bucket.as_uri())
    root = bucket.as_uri()
    assert [x.name for x in found] == [f"{root}/a/1.log", f"{root}/b/2.log", f"{root}/c.log"]
    assert [x.size for x in found] == [7, 7, 5]
    assert one(bucket / "a" / ".hidden").size == 9, "it was asked for itself"


def test_a_stamp_tells_one_writing_from_the_next(bucket: Path) -> None:
    before = one(bucket / "c.log")
    assert one(bucket / "c.log").stamp == before.stamp
    os.utime(bucket / "c.log", ns=(1, 1_709_251_200_000_000_001))
    after = one(bucket / "c.log")
    assert after.stamp != before.stamp
    assert after.changed.year == 2024


def test_what_is_fetched_is_gone_afterwards(bucket: Path) -> None:
    with fetched(one(bucket / "c.log")) as copy:
        assert copy.read_text() == "c.log"
    assert not copy.exists()


@pytest.mark.parametrize("size", [4, 6])
def test_an_object_that_changed_since_the_listing_is_refused(bucket: Path, size: int) -> None:
    with (
        pytest.raises(OSError, match="changed since"),
        fetched(replace(one(bucket / "c.log"), size=size)),
    ):
        pass


def test_what_does_not_fit_or_is_gone_is_refused(bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = one(bucket / "c.log")
    with pytest.raises(OSError, match="no room"), fetched(replace(found, size=1 << 60)):
        pass
    (bucket / "c.log").unlink()
    with pytest.raises(OSError, match=r"c\.log"), fetched(found):
        pass

    class Broken:
        def open_input_stream(self, _place: str, compression: None) -> object:
            raise pa.ArrowException("s3://key:secret@host broke")

    with pytest.raises(OSError, match="s3://host broke"), fetched(replace(found, filesystem=Broken())):
        pass


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("file:///there/is/none", "no such object or folder"),
        ("nostore://bucket/x", "nostore://bucket/x cannot be listed"),
        ("s3://key:secret@/x?scheme=gopher", "cannot be listed"),
    ],
)
def test_what_cannot_be_listed_is_told_without_its_login(address: str, reason: str) -> None:
    with pytest.raises(RequestError, match=reason) as refused:
        objects.listing(address)
    assert "secret" not in str(refused.value)
