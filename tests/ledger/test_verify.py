from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tests.ledger.conftest import Signed

from sekisho.ledger.checkpoints import FOLDER
from sekisho.ledger.head import Head, write_head
from sekisho.ledger.ledger import FILE, HEAD, Ledger
from sekisho.ledger.verify import verify_ledger


def codes(folder: Path, known: dict[int, str] | None = None) -> list[str]:
    return [flaw.code for flaw in verify_ledger(folder, known).flaws]


def test_no_ledger_is_whole_unless_there_was_one(tmp_path: Path) -> None:
    assert verify_ledger(tmp_path).whole
    assert codes(tmp_path, {3: "a" * 64}) == ["truncated"]


def test_the_remembered_head_and_what_is_known_elsewhere_must_agree(ledger: Ledger) -> None:
    head = ledger.head()
    report = verify_ledger(ledger.folder, {4: head.hash})
    assert (report.whole, report.entries, report.head) == (True, 4, head)
    assert "head" in codes(ledger.folder, {4: "b" * 64})
    (ledger.folder / HEAD).write_text("{}")
    assert codes(ledger.folder) == ["head"]
    (ledger.folder / HEAD).unlink()
    assert codes(ledger.folder) == ["head"]


def test_a_cut_end_shows_by_the_head_beside_it(ledger: Ledger) -> None:
    path = ledger.folder / FILE
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    assert codes(ledger.folder) == ["truncated"]
    path.unlink()
    assert codes(ledger.folder) == ["truncated"]


def test_what_was_set_aside_must_still_be_there(ledger: Ledger, at: datetime) -> None:
    with (ledger.folder / FILE).open("ab") as stream:
        stream.write(b"torn")
    ledger.append("x", {}, at, "anong")
    assert codes(ledger.folder) == []
    (side,) = (ledger.folder / "torn").iterdir()
    side.write_bytes(b"other")
    assert codes(ledger.folder) == ["side-file"]
    side.unlink()
    assert codes(ledger.folder) == ["side-file"]


def test_heads_that_were_signed_are_held_against_it(signed: Signed) -> None:
    folder = signed.ledger.folder
    head = signed.sign()
    signed.grow(2)
    report = verify_ledger(folder)
    assert (report.whole, report.signed, len(report.keys)) == (True, 5, 1)
    forged = replace(head.checkpoint, root=bytes(32))
    assert [flaw.code for flaw in verify_ledger(folder, signed=[forged]).flaws] == ["replaced"]
    assert [flaw.code for flaw in verify_ledger(folder, trusted=[bytes(32)]).flaws] == ["signature"]
    leaves = bytearray()
    verify_ledger(folder, leaves=leaves)
    assert [leaves[n : n + 32].hex() for n in range(0, len(leaves), 32)] == [
        entry.hash for entry in signed.ledger.entries()
    ]
    next((folder / FOLDER).iterdir()).write_bytes(b"x")
    assert codes(folder) == ["head"]
    (folder / FILE).unlink()
    assert set(codes(folder)) == {"head", "truncated"}


def test_a_tree_or_key_that_is_remembered_wrongly(signed: Signed) -> None:
    folder, path = signed.ledger.folder, signed.ledger.folder / HEAD
    signed.sign()
    good = signed.ledger.head()
    for wrong in (replace(good, edge=(bytes(32), bytes(32))), replace(good, key=None)):
        write_head(path, wrong)
        assert codes(folder) == ["head"]
    write_head(path, Head(good.seq, good.hash, good.start, good.end, None))
    assert codes(folder) == [], "from before there was a tree"
