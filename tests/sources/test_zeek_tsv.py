"""Header lines, blocks and escapes of Zeek's tab-separated logs."""

from __future__ import annotations

import io

import pyarrow as pa
import pytest

from sekisho.sources.base import ReadContext
from sekisho.sources.zeek_tsv import Header, Mark, Segment, dotted, headers, items, resolved, unescaped


def header(*lines: str) -> Header:
    found = Header()
    for line in lines:
        found = found.after(line.encode())
    return found


def test_a_header_says_how_what_follows_is_written() -> None:
    found = header("#separator \\x7c", "#unset_field|~", "#path|dns", "#fields|ts|id_orig_h|ts")
    assert (found.separator, found.unset, found.path) == (b"|", "~", "dns")
    assert found.fields == ("ts", "id.orig_h", "ts'"), "a name that comes twice is told apart"
    assert found.fault(["ts"]) == ""
    assert found.fault(["ts", "uid"]) == "its #fields line has no uid"
    assert header("#path\tdns").fault([]) == "no #fields line stands before it"


def test_a_new_separator_begins_a_new_header() -> None:
    assert header("#path\tdns", "#separator \\x09") == Header()


def test_a_file_is_known_by_the_header_lines_it_begins_with() -> None:
    head = b"#separator \\x09\r\n#path\tdns\nx\n#fields\tts\n" + b"\n" * 64 + b"#path\tconn\n"
    assert [(one.path, one.fields) for one in headers(head)] == [
        ("", ()),
        ("dns", ()),
        ("dns", ("ts",)),
    ]


def test_blocks_come_with_the_header_above_them(context: ReadContext) -> None:
    text = b"#fields\ta\n1\n2\n#fields\tb\n3\n#close\t2024-03-01-00-00-00\n"
    found = list(items(io.BytesIO(text), context))
    segments = [
        (one.lines.first, one.lines.count, one.header.fields)
        for one in found
        if isinstance(one, Segment)
    ]
    assert segments == [(2, 2, ("a",)), (5, 1, ("b",))]
    closed = [one.closed for one in found if isinstance(one, Mark) and one.closed]
    assert [f"{at:%Y-%m-%d}" for at in closed] == ["2024-03-01"]


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("a\\x2cb", "a,b"),
        ("\\xc3\\xa9", "é"),
        ("plain", "plain"),
        ("\\xff", "ÿ"),
        ("\\x1b[2J", "\x1b[2J"),
    ],
)
def test_escapes_are_what_was_seen(written: str, seen: str) -> None:
    assert resolved(written) == seen
    assert unescaped(pa.array([written, None])).to_pylist() == [seen, None]


def test_shippers_write_underscores_for_dots() -> None:
    assert [dotted(name) for name in ("id_orig_h", "id.orig_h", "uid")] == [
        "id.orig_h",
        "id.orig_h",
        "uid",
    ]
