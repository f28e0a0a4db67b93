from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from sekisho.intel.base import FeedError
from sekisho.intel.lines import LONGEST_LINE, lines


def put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def packed(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "a\nb\n")
    return file.getvalue()


def broken_lzma() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a", "a\nb\n")
    content = bytearray(file.getvalue())
    content[40:48] = b"\xff" * 8
    return bytes(content)


@pytest.mark.parametrize(
    "content", [b"a\r\nb\n", b"\xef\xbb\xbfa\nb", gzip.compress(b"a\nb\n"), packed("feed.csv")]
)
def test_lines_of_text_however_it_is_packed(tmp_path: Path, content: bytes) -> None:
    assert list(lines(put(tmp_path / "x", content))) == ["a", "b"]


def test_what_no_list_is(tmp_path: Path) -> None:
    for content, said in (
        (b"x" * (LONGEST_LINE + 1), "a line of over"),
        (packed("a", "b"), "2 files"),
        (gzip.compress(b"a\n" * 9999)[:-20], "cannot be unpacked"),
        (b"PK\x03\x04rubbish", "cannot be unpacked"),
        (broken_lzma(), "cannot be unpacked"),
    ):
        with pytest.raises(FeedError, match=said):
            list(lines(put(tmp_path / "x", content)))


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused_underway(tmp_path: Path) -> None:
    bomb = put(tmp_path / "x", gzip.compress(b"0123456789\n" * 1_000_000))
    assert bomb.stat().st_size < 100_000
    with pytest.raises(FeedError, match="over 1,000,000 bytes"):
        list(lines(bomb, 1_000_000))


def test_what_is_no_utf8_is_marked(tmp_path: Path) -> None:
    assert list(lines(put(tmp_path / "x", b"a\nb\xff\n"))) == ["a", "b\ufffd"]
