from __future__ import annotations

from dataclasses import replace

from sekisho.notify.papers import Draft, Section, Statement

DRAFT = Draft("t", (("To", "x"),), (Section("h", (Statement("a", (1,)),)),), ("e",), at="now")


def test_the_digest_is_of_what_it_says_alone() -> None:
    assert replace(DRAFT, at="later", version=7).digest == DRAFT.digest
    for other in (
        replace(DRAFT, title="u"),
        replace(DRAFT, head=(("To", "y"),)),
        replace(DRAFT, sections=(Section("h", (Statement("a"),)),)),
        replace(DRAFT, sections=(Section("i", (Statement("a", (1,)),)),)),
        replace(DRAFT, evidence=("f",)),
    ):
        assert other.digest != DRAFT.digest


def test_what_stands_on_each_page() -> None:
    assert "no legal advice" in DRAFT.footer
    assert DRAFT.mark == f"Version -, SHA-256 {DRAFT.digest}"
    assert replace(DRAFT, version=2).mark.startswith("Version 2, ")
