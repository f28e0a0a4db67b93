"""The quick parser reads what it reads exactly as the pure one does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sekisho.inventory import documents
from sekisho.inventory.documents import read_document
from sekisho.inventory.events import Unlike, events, quick_events

REGISTER = """\
# The register.
connections:
  - id: TH-HQ-EDI
    allow: "th-plant/edi -> jp-hq/edi : tcp/8443"   # daily
    approved_by: {th-plant: anong, "jp-hq": 'tana''ka'}
    why: "Daily \\u90e8 parts
      orders"
    from: 2019-04-01
  - {id: ANY-DNS, allow: "* -> jp-hq/dns : udp/53, tcp/53", owner: netops, v6: "2001:db8::/32"}
sites:
  jp-hq: {name: 本社, prefixes: [10.1.0.0/16,
      "2001:db8:1::/48"], empty: '', list: []}
  th-plant:
    prefixes:
    - 10.40.0.0/16
    - - nested
      - http://x:80/a#b
"""


def seen(source: Iterator[Any]) -> list[tuple[object, ...]]:
    """All that a document is made of; libyaml writes the style of plain text as ''."""
    found: list[tuple[object, ...]] = []
    for event in source:
        kind = type(event).__name__
        if kind.startswith(("Stream", "Document")):
            found.append((kind,))  # their places are not used
            continue
        start, end = event.start_mark, event.end_mark
        places: tuple[int, ...] = () if "End" in kind else (start.line, start.column, start.index)
        if "Start" not in kind:
            places += (end.index,)
        text, style = getattr(event, "value", None), getattr(event, "style", None) or ""
        anchor, tag = getattr(event, "anchor", None), getattr(event, "ctag", None)
        found.append((kind, *places, text, style, anchor, tag))
    return found


def same(text: str) -> bool:
    """Whether the quick parser answered; then both answers are one."""
    try:
        quick = seen(quick_events(text))
    except Unlike:
        return False
    assert quick == seen(events(text))
    return True


def test_a_register_is_read_quickly() -> None:
    assert same(REGISTER)


@pytest.mark.parametrize(
    "text",
    [
        "a: &x b\n",
        "a: *x\n",
        "a: !!str b\n",
        "a: |\n  b\n",
        "a: >\n  b\n",
        "? a\n: b\n",
        "%YAML 1.1\n---\na\n",
        "a: b\n---\nc: d\n",
        "a: b\n...\n",
        "a:\n",
        "- \n",
        "a: b",
        "a:\tb\n",
        "a: b\r\n",
        "\ufeffa: b\n",
        "a: b\x85c\n",
        "a: \x07\n",
        "a: [\n",
        "a: b: c\n",
        "a: '\n",
        "{a: }\n",
        "a: \ud800\n",
    ],
)
def test_the_pure_parser_reads_what_might_differ(text: str) -> None:
    assert not same(text)


PIECES = (
    "a: b\n",
    "- x\n",
    "{a: b, c: d}",
    "[a, b]",
    "'it''s'",
    '"q\\n"',
    "# c\n",
    "  ",
    "\n",
    "<<: ",
    "é",
    "😀",
    "http://x:80",
    "a:b",
    "::",
    "-",
    "- - a\n",
    '"\\x41\\u0041"',
    ", ",
    "]",
    "}",
    "'",
    '"',
    " #x",
    ": ",
    " :",
    "a: 'b\n  c'\n",
    'k: "b\n\n  c \\\n  d"\n',
    "x:\n  y: 1\n  z:\n  - a\n  - b: c\n",
    '{"a":b}',
    "a&b",
    "{a:,b}",
    "[a:]",
    "x!",
    "a -> b",
    "50%",
    "\x07",
    "--",
    "10.0.0.0/8",
    "\ue000",
    "\ue001 -> b",
)


@settings(max_examples=1500, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=10).map("".join)
    | st.text("ab:-[]{}'\"#\n ,<1=.\\é", max_size=30)
)
def test_any_text_is_read_alike(text: str) -> None:
    same(text + "\n")


edits = st.lists(
    st.tuples(st.integers(0, len(REGISTER)), st.sampled_from("ab:-[]{}'\"#\n ,\\<=")), max_size=4
)


def mutated(changes: list[tuple[int, str]]) -> str:
    text = REGISTER
    for place, character in changes:
        text = text[:place] + character + text[place + (place % 2) :]
    return text + "\n"


@settings(max_examples=300, deadline=None)
@given(edits.map(mutated))
def test_a_damaged_register_is_one_document_or_the_same_problems(text: str) -> None:
    same(text)


@settings(max_examples=300, deadline=None)
@example("sites: {a: b, prefixes:,[10.1.0.0/16]}\n")
@given(edits.map(mutated) | st.text("ab:-[]{}&*!|>'\"#\n\t %@,?<", max_size=60))
def test_documents_do_not_tell_who_read_them(text: str) -> None:
    def never(_source: str) -> Iterator[Any]:
        raise Unlike

    quick = read_document("f.yaml", text.encode(), ("allow",))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "quick_events", never)
        assert read_document("f.yaml", text.encode(), ("allow",)) == quick
