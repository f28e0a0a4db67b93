from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sekisho.sources.delimited import header_names


@pytest.mark.parametrize(
    ("line", "names"),
    [
        (b"a,b", ("a", "b")),
        (b' a ,"b c"', ("a", "b c")),
        (b"a,a,a", ("a", "a'", "a''")),
        (b'"unclosed', ()),
        (b"\xff,b", ("\\xff", "b")),
    ],
)
def test_names_of_a_header(line: bytes, names: tuple[str, ...]) -> None:
    assert header_names(line, ",") == names


def test_quotes_newlines_and_windows_ends(read_with: Callable[..., Any]) -> None:
    header = "start,src,dst,dst_port,protocol,service\r\n"
    row = '2024-03-01T00:00:00Z,10.0.0.1,10.0.0.2,443,tcp,"a, ""b"""\r\n'
    read = read_with("generic-csv", header + row)
    assert read.flows[0]["service"] == 'a, "b"'
    split = read_with("generic-csv", header + row.replace("b", "b\nc") + row)
    assert len(split.flows) == 1, "a record is one line: what spans two is told, not guessed"
    assert sorted(split.reasons) == [2, 3]


def test_a_column_that_comes_twice_counts_once(read_with: Callable[..., Any]) -> None:
    text = "start,src,dst,dst,dst_port,protocol\n2024-03-01T00:00:00Z,10.0.0.1,10.0.0.2,9.9.9.9,1,6\n"
    read = read_with("generic-csv", text, fields=["dst", "dst'"])
    assert read.flows[0]["dst"] == "10.0.0.2"
    assert read.fields == [{"dst": "10.0.0.2", "dst'": "9.9.9.9"}]


def test_an_empty_file_and_a_header_alone(read_with: Callable[..., Any]) -> None:
    assert read_with("generic-csv", "").flows == []
    read = read_with("generic-csv", "start,src,dst,protocol")
    assert (read.flows, read.rejects, read.ignored, read.last_row) == ([], [], 1, 1)
