from __future__ import annotations

from datetime import datetime
from pathlib import Path

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
