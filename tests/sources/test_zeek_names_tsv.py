"""Zeek's logs of names as tab-separated text: blocks, escapes, and what does not belong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sekisho.sources.registry import detect

TOP = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n"
FIELDS = "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tquery\tanswers\n"
DNS = TOP + "#path\tdns\n" + FIELDS
LINE = "1709251200.5\tC1\t10.0.0.1\t5\t10.0.0.2\t53\t{}\t{}\n"


def line(query: str = "a.example", answers: str = "-") -> str:
    return LINE.format(query, answers)


@pytest.mark.parametrize("broken", ["", "rubbish\n"], ids=["at once", "line by line"])
def test_unset_and_empty_are_nothing_and_escapes_are_what_was_seen(
    read_with: Callable[..., Any], broken: str
) -> None:
    text = (
        DNS + broken + line("-") + line("(empty)", "(empty)") + line("x\\x2cy", "a\\x2cb,-,\\xc3\\xa9")
    )
    read = read_with("zeek-dns-tsv", text)
    first = 7 + bool(broken)
    assert read.values == [
        (first + 2, "dns_query", "x,y"),
        (first + 2, "dns_answer", "a,b"),
        (first + 2, "dns_answer", "é"),
    ]
    assert (read.ignored, len(read.rejects)) == (6 + 2, int(bool(broken)))


def test_a_log_may_change_its_columns_and_its_kind_on_the_way(read_with: Callable[..., Any]) -> None:
    other = "#path\tweird\n#fields\tts\tname\n1709251200.5\todd\n"
    again = "#path\tdns\n#fields\tts\tid_orig_h\tid_resp_h\tquery\n1709251200.5\t10.0.0.1\t::1\tb\n"
    read = read_with("zeek-dns-tsv", DNS + line() + other + again)
    assert [value for _, _, value in read.values] == ["a.example", "b"]
    assert [n["dst_port"] for n in read.names] == [53, None]
    assert read.rejects == []


def test_connections_in_it_are_not_lost_silently(read_with: Callable[..., Any]) -> None:
    text = DNS + line() + "#path\tconn\n#fields\tts\n1709251200.5\n"
    assert "stands below #path conn" in read_with("zeek-dns-tsv", text).reasons[10]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (TOP + "#path\tdns\n" + line(), "no #fields line stands before it"),
        (
            TOP + "#path\tdns\n#fields\tts\tquery\n1.0\ta\n",
            "its #fields line has no id.orig_h, id.resp_h",
        ),
        (DNS + "1.0\ta\n", "2 columns where #fields names 8"),
        (DNS + line().replace("10.0.0.2", "there"), "id.resp_h is no address"),
        (DNS + line().replace("1709251200.5", "-"), "the time is missing or no time"),
        (DNS + line().replace("1709251200.5", "noon"), "ts is no time"),
        (DNS + line().replace("\t53\t", "\t70000\t"), "id.resp_p is over 65535"),
    ],
)
def test_what_cannot_be_used_says_why(read_with: Callable[..., Any], text: str, reason: str) -> None:
    read = read_with("zeek-dns-tsv", text)
    assert list(read.reasons.values()) == [reason]
    assert read.names == []


def test_it_is_known_by_its_path_or_its_own_columns() -> None:
    for head in (DNS, TOP + FIELDS.replace("answers", "qtype_name")):
        found = detect(head.encode())
        assert found is not None
        assert found.name == "zeek-dns-tsv"
    assert detect((TOP + "#path\tweird\n" + FIELDS).encode()) is None


def test_each_log_has_its_own_reader_in_a_folder_of_them() -> None:
    for log in ("dns", "ssl", "http", "files", "kerberos", "ntlm", "smb_files", "dce_rpc"):
        found = detect((TOP + f"#path\t{log}\n").encode())
        assert found is not None
        assert (found.name, found.family) == (f"zeek-{log}-tsv", "zeek")


def test_fields_that_sensors_select_by_stand_beside_each_name(read_with: Callable[..., Any]) -> None:
    text = DNS + line("x", "a,b") + line("-") + line("y")
    read = read_with("zeek-dns-tsv", text, fields=["uid", "vlan"])
    assert read.name_fields == [{"uid": "C1", "vlan": None}] * 4
