"""YAML as people write it, and as nobody should be able to."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.inventory import documents
from sekisho.inventory.documents import read_document


def faults(text: str | bytes) -> list[tuple[int, int, str]]:
    raw = text.encode() if isinstance(text, str) else text
    _, problems = read_document("f.yaml", raw)
    assert all(problem.mend for problem in problems)
    return [(problem.line, problem.column, problem.code) for problem in problems]


def plain(text: str, *sentences: str) -> object:
    document, problems = read_document("f.yaml", text.encode(), sentences)
    assert problems == ()
    assert document.root is not None
    return document.root.plain()


def test_every_scalar_stays_the_text_that_was_written() -> None:
    text = "a: NO\nb: 0o17\nc: 1_000\nd: 2020-01-01\ne: ~\nf: 'null'\ng:\nh: 12:30:45\n"
    assert plain(text) == {
        "a": "NO", "b": "0o17", "c": "1_000", "d": "2020-01-01", "e": None, "f": "null", "g": None,
        "h": "12:30:45",
    }  # fmt: skip


def test_anchors_and_merges_are_followed() -> None:
    text = "x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz: [*x, *x]\n"
    assert plain(text) == {
        "x": {"a": "1", "b": "2"},
        "y": {"b": "3", "a": "1"},
        "z": [{"a": "1", "b": "2"}] * 2,
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n\t- b\n", (2, 1, "yaml/tab")),
        ("a: 1\na: 2\n", (2, 1, "yaml/duplicate-key")),
        ("a: *none\n", (1, 4, "yaml/alias")),
        ("a: 1\n---\nb: 2\n", (2, 1, "yaml/documents")),
        ("a: !!python/object:os.system x\n", (1, 4, "yaml/tag")),
        ("a: [1, 2\n", (2, 1, "yaml/syntax")),
        ("? [a]\n: b\n", (1, 3, "yaml/key")),
        ("a: {<<: b}\n", (1, 9, "yaml/merge")),
        ("a: \x07\n", (1, 4, "yaml/character")),
        (b"a: \xff\n", (1, 4, "file/encoding")),
        ("[" * 30 + "]" * 30, (1, 25, "yaml/depth")),
    ],
)
def test_faults_have_a_place_and_a_mend(text: str | bytes, expected: tuple[int, int, str]) -> None:
    assert faults(text)[0] == expected


def test_aliases_that_multiply_end_soon() -> None:
    text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
    text += "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 20))
    begun = time.monotonic()
    assert faults(text)[0][2] == "yaml/size"
    assert time.monotonic() - begun < 20


def test_a_file_beyond_the_limit_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", 10)
    assert faults("a: 123456789\n")[0][2] == "file/size"


def test_sentences_need_no_quotes() -> None:
    assert plain("- allow: * -> b : tcp/1\n", "allow") == [{"allow": "* -> b : tcp/1"}]
    assert plain("allow: a -> b : x # note\n", "allow") == {"allow": "a -> b : x"}
    assert faults("allow: * -> b : tcp/1\n")[0][2].startswith("yaml/")


@pytest.mark.parametrize(
    ("text", "offset", "expected"),
    [
        ("a: hello world\n", 6, (1, 10)),
        ("a: 'it''s here'\n", 5, (1, 11)),
        ('a: "t\\x41b"\n', 2, (1, 10)),
        ("a: >\n  folded\n  text\n", 7, (3, 3)),
        ("a: &x hello\n", 0, (1, 7)),
    ],
)
def test_a_place_within_a_text(text: str, offset: int, expected: tuple[int, int]) -> None:
    document, _ = read_document("f.yaml", text.encode())
    node = document.at(["a"])
    assert node is not None
    assert document.place_within(node, offset) == expected


def test_places_of_paths_fall_back_to_what_is_above() -> None:
    document, _ = read_document("f.yaml", b"a:\n  b: [1, 2]\n  c:\n")
    assert document.place(["a", "b", 1]) == (2, 10)
    assert document.place(["a", "b"], key=True) == (2, 3)
    assert document.place(["a", "c"]) == (3, 3), "an empty value is found by its key"
    assert document.place(["a", "nothing", "below"]) == (2, 3)
    assert document.at(["a", "b", 9]) is None


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab:-[]{}&*!|>'\"#\n\t %@,?<", max_size=60))
def test_no_text_raises(text: str) -> None:
    document, problems = read_document("f.yaml", text.encode(), ("a",))
    lines = text.count("\n") + 1
    assert all(0 <= problem.line <= lines + 1 for problem in problems)
    if document.root is not None:
        document.root.plain()
