from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.reports.text import json_escape, json_safe, printable


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("plain 日本語 Ñ", "plain 日本語 Ñ"),
        ("\x1b[2J\x1b]0;owned\x07", r"\x1b[2J\x1b]0;owned\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("all of it ASCII\x7f", r"all of it ASCII\x7f"),
        ("a\rb\nc\td", r"a\x0db\x0ac\x09d"),
        ("moc.elpmaxe\u202e", r"moc.elpmaxe\u202e"),
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
        ("\U000e0041", r"\U000e0041"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_a_terminal_would_obey_is_spelled_out(given_text: str, shown: str) -> None:
    assert printable(given_text) == shown


def test_newlines_of_our_own_text_stay() -> None:
    assert printable("one\ntwo\x1b", keep_newlines=True) == "one\ntwo\\x1b"


def test_without_utf8_every_character_is_ascii() -> None:
    assert printable("工場 → x", ascii_only=True) == r"\u5de5\u5834 \u2192 x"


@given(st.text())
@settings(max_examples=60, deadline=None)
def test_nothing_below_space_nor_c1_ever_passes(text: str) -> None:
    assert not [c for c in printable(text) if c < " " or "\x7f" <= c <= "\x9f"]


@given(st.text(st.characters(exclude_categories=["Cs"])))
@settings(max_examples=60, deadline=None)
def test_safe_json_is_the_same_value(text: str) -> None:
    safe = json_safe(json.dumps({"a": text}, ensure_ascii=False))
    assert json.loads(safe) == {"a": text}
    assert not [c for c in safe if "\x7f" <= c <= "\x9f"]


@pytest.mark.parametrize("text", ['{"a": "b"}', '{\n  "a": 1\n}\n', '{"a": "\x7f"}', '{"a": "é"}'])
def test_only_what_is_unsafe_is_escaped(text: str) -> None:
    assert json_safe(text) == text.replace("\x7f", "\\u007f")


def test_json_escape_beyond_the_basic_plane_is_a_pair() -> None:
    assert json.loads(f'"{json_escape("😀")}"') == "😀"
