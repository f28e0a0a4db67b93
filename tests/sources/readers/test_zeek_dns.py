"""Zeek's dns.log in both notations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

HEAD = "#separator \\x09\n#set_separator\t,\n#path\tdns\n"
FIELDS = (
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tquery\trcode_name\tanswers\n"
)


def test_a_query_and_its_answers_as_text(read_with: Callable[..., Any]) -> None:
    line = (
        "1.5\tC1\t10.0.0.1\t5\t10.0.0.2\t53\tudp\tWWW.Example.com\tNOERROR\tcdn.example.net,192.0.2.7\n"
    )
    none = line.replace("NOERROR", "NXDOMAIN").replace("cdn.example.net,192.0.2.7", "-")
    read = read_with("zeek-dns-tsv", HEAD + FIELDS + line + none)
    assert read.values == [
        (5, "dns_query", "www.example.com"),
        (5, "dns_answer", "cdn.example.net"),
        (5, "dns_answer", "192.0.2.7"),
        (6, "dns_query", "www.example.com"),
    ], "what does not exist was asked for all the same"
    assert {(n["src"], n["dst"], n["dst_port"]) for n in read.names} == {("10.0.0.1", "10.0.0.2", 53)}
    assert read.spans == [], "names are no evidence of flows"


def test_answers_of_a_flood_are_bounded(read_with: Callable[..., Any]) -> None:
    answers = ",".join(f"10.0.{n // 256}.{n % 256}" for n in range(5_000))
    line = f"1.5\tC1\t10.0.0.1\t5\t10.0.0.2\t53\tudp\tq\tNOERROR\t{answers}\n"
    read = read_with("zeek-dns-tsv", HEAD + FIELDS + line)
    assert len(read.names) == 65
    assert any("left out" in note for note in read.notes)
