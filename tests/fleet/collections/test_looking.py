from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sekisho.fleet.collections.base import Collection, Gathered
from sekisho.fleet.collections.looking import Look
from sekisho.fleet.collections.members import Member
from sekisho.model.terminals import Sighting

PC = Sighting("pc")


class Words:
    """Rules of which one finds `evil`, and one cannot be told of `slow`."""

    largest = 10

    def prepare(self) -> None:
        raise ValueError("compiled")

    def matches(self, name: str, content: bytes) -> Iterator[tuple[str, str]]:
        if b"slow" in content:
            raise ValueError("took longer than 1 s")
        if b"evil" in content:
            yield "words.yar", "evil"


def member(name: str, *blocks: bytes, error: Exception | None = None) -> Member:
    def read() -> Iterator[bytes]:
        yield from blocks
        if error is not None:
            raise error

    return Member(1, name, read)


def looked(look: Look, *members: Member) -> tuple[dict[str, Gathered], Collection]:
    found = Collection()
    for one in members:
        look.at(found, PC, one)
    ((_, tables),) = found.machines.values()
    return tables, found


def test_hashes_and_matches_by_file() -> None:
    tables, _ = looked(Look(Words()), member("a", b"ev", b"il"), member("b", b"good"))
    assert [row["sha256"] for row in tables["collected_files"].rows] == [
        hashlib.sha256(b"evil").hexdigest(),
        hashlib.sha256(b"good").hexdigest(),
    ]
    (row,) = tables["rule_matches"].rows
    assert (row["rule"], row["namespace"], row["path"]) == ("evil", "words.yar", "a")
    assert tables["rule_matches"].whole
    assert "rule_matches" not in looked(Look(), member("a", b"evil"))[0]


def test_what_was_not_looked_at_is_told() -> None:
    tables, _ = looked(
        Look(Words()), member("x/big", b"0" * 11), member("slow", b"slow"), member("C/$MFT", b"0" * 11)
    )
    one = tables["rule_matches"]
    assert (one.whole, one.rows) == (False, [])
    assert one.why == "not looked at: x/big is larger than 0 MiB; slow: took longer than 1 s"
    assert len(tables["collected_files"].rows) == 3


def test_what_cannot_be_read_is_set_aside_and_not_found_clean() -> None:
    tables, found = looked(Look(Words()), member("a", b"x", error=ValueError("torn")))
    assert [(a.row, a.why) for a in found.aside] == [(1, "torn")]
    assert not any(table.whole or table.rows for table in tables.values())
