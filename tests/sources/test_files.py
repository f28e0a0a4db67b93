from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path

import pyarrow as pa
import pytest

from sekisho.errors import RequestError
from sekisho.sources.files import describe, digest, find_files, head, open_content

CONTENT = b"a line of a log\n" * 200_000


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("name", ["conn.log", "conn.log.gz", "conn.zst", "conn"])
def test_content_is_found_by_its_bytes_whatever_the_name(tmp_path: Path, name: str) -> None:
    for raw in (CONTENT, gzip.compress(CONTENT, 1), pa.compress(CONTENT, "zstd", asbytes=True)):
        (tmp_path / name).write_bytes(raw)
        with open_content(tmp_path / name) as stream:
            assert stream.read() == CONTENT
        assert head(tmp_path / name, 20) == CONTENT[:20]
        found = digest(tmp_path / name)
        assert (found.content_sha256, found.content_size) == (sha(CONTENT), len(CONTENT))
        assert (found.raw_sha256, found.raw_size) == (sha(raw), len(raw))
        assert (found.unterminated, found.damage, found.prefix_match) == (False, None, None)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_grown_file_begins_with_the_longest_of_what_was_known(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    path = tmp_path / "log"
    path.write_bytes(pack(CONTENT))
    sizes = (len(CONTENT) - 1, 16, (1 << 20) + 5, 1 << 20, len(CONTENT) + 1)
    known = {size: {sha(CONTENT[:size]): number} for number, size in enumerate(sizes)}
    assert digest(path, known).prefix_match == 0
    assert digest(path, known).prefix_matches == (1, 3, 2, 0), "all of them, the shortest first"
    del known[sizes[0]]
    assert digest(path, known).prefix_match == 2, "the longest that is left"
    assert digest(path, {len(CONTENT): {sha(CONTENT): 9}}).prefix_match == 9
    other = {size: {sha(b"other" + CONTENT[5:size]): 1, sha(b"more"): 2} for size in sizes}
    assert digest(path, other).prefix_match is None
    other[16][sha(CONTENT[:16])] = 3
    assert digest(path, other).prefix_match == 3, "among several of one size"


def test_nothing_is_known_again_by_being_empty(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"")
    found = digest(tmp_path / "log", {0: {sha(b""): 1}})
    assert (found.content_size, found.prefix_match, found.unterminated) == (0, None, False)
    assert head(tmp_path / "log") == b""


def test_a_last_line_without_its_end_may_still_grow(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"whole\nhal")
    assert digest(tmp_path / "log").unterminated


def test_damage_is_told_and_the_raw_hash_still_covers_the_whole_file(tmp_path: Path) -> None:
    raw = gzip.compress(os.urandom(300_000))[:200_000]
    (tmp_path / "log.gz").write_bytes(raw)
    found = digest(tmp_path / "log.gz")
    assert found.damage is not None
    assert "cut off" in found.damage
    assert (found.raw_sha256, found.raw_size) == (sha(raw), len(raw))
    assert 0 < found.content_size < 300_000
    (tmp_path / "stub.gz").write_bytes(raw[:9])
    assert head(tmp_path / "stub.gz") == b""


def test_files_come_once_in_order_and_links_inside_are_not_followed(tmp_path: Path) -> None:
    logs, outside = tmp_path / "logs", tmp_path / "outside"
    (logs / "2024-03-01").mkdir(parents=True)
    (logs / ".hidden").mkdir()
    outside.mkdir()
    for path in (
        logs / "b.log",
        logs / "a.log",
        logs / "2024-03-01" / "c.log",
        logs / ".hidden" / "x",
        logs / ".swp",
    ):
        path.write_text("x")
    (outside / "secret").write_text("x")
    (logs / "escape").symlink_to(outside)
    (logs / "link.log").symlink_to(outside / "secret")
    found = find_files([logs, logs / "a.log", logs / "2024-03-01"])
    assert list(found) == [logs / "2024-03-01" / "c.log", logs / "a.log", logs / "b.log"]
    assert len(found) == 3
    assert [path for path, _ in found.skipped] == [logs / "escape", logs / "link.log"]
    assert found.unreadable == ()
    assert list(find_files([logs / "escape", logs / ".swp"])) == [
        logs / ".swp",
        logs / "escape" / "secret",
    ]


def test_what_is_no_file_is_listed_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "log").write_text("x")
    found = find_files([tmp_path])
    assert list(found) == [tmp_path / "log"]
    assert found.unreadable == ((tmp_path / "pipe", "is no regular file"),)


def test_a_path_that_does_not_exist_is_a_wrong_request(tmp_path: Path) -> None:
    assert list(find_files([tmp_path])) == []
    for path in (tmp_path / "none", Path(__file__) / "beneath"):
        with pytest.raises(RequestError, match="does not exist"):
            find_files([tmp_path, path])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "an empty file"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"\x0c\xa5\x01\x00", "nfdump"),
        (bytes(range(256)) * 4, "binary data"),
        (b"hello <script>\nmore", "text that begins 'hello <script>'"),
        (b"\xff\xfe\xfa words and words and words", "text that begins"),
        (b"\n\n", "text"),
    ],
)
def test_unknown_content_is_described_for_a_person(content: bytes, words: str) -> None:
    assert words in describe(content)
    assert "\n" not in describe(content)
