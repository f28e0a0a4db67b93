"""Cells of lines, held against csv and against a plain parser of pairs."""

from __future__ import annotations

import csv

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.sources.cells import Pairs, Separated, Text
from sekisho.sources.lines import Lines


def text_of(*lines: str) -> Text:
    data = "".join(line + "\n" for line in lines).encode("utf-8", "surrogateescape")
    return Text.of(Lines(1, len(lines), data))


_CELL = st.text(st.characters(codec="ascii", exclude_characters='\r\n",\0'), max_size=5)
_QUOTED = st.text(st.sampled_from("a, b"), max_size=5).map(lambda word: f'"{word}"')


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(_CELL | _QUOTED, min_size=1, max_size=5), min_size=1, max_size=5))
def test_separated_cells_are_those_of_csv(rows: list[list[str]]) -> None:
    cells = Separated(text_of(*map(",".join, rows)), b",", quoted=True)
    plain = [next(csv.reader([",".join(row)]), [""]) for row in rows]
    assert cells.counts.tolist() == [len(row) for row in rows]
    for place in range(6):
        wanted = [row[place] or None if place < len(row) else None for row in plain]
        assert cells.column(place).to_pylist() == wanted


def test_a_quote_that_does_not_end_harms_its_own_line_only() -> None:
    cells = Separated(text_of('a,"b,c', "d,e,f"), b",", quoted=True)
    assert cells.unbalanced.tolist() == [True, False]
    assert cells.column(1).to_pylist()[1] == "e"


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.sampled_from(["src", "dst", "srcip", "xsrc", "act"]),
                st.text(st.sampled_from("ab=1 "), min_size=1, max_size=6),
            ),
            min_size=1,
            max_size=5,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_pairs_are_found_by_their_whole_key_and_never_inside_a_quoted_value(
    rows: list[list[tuple[str, str]]],
) -> None:
    pairs = Pairs(text_of(*(" ".join(f'{key}="{value}"' for key, value in row) for row in rows)))
    for key in ("src", "dst", "srcip", "nothing"):
        wanted = [next((value for name, value in row if name == key), None) for row in rows]
        assert pairs.column(key).to_pylist() == wanted


def test_bare_values_end_at_a_boundary_and_the_first_of_two_stands() -> None:
    pairs = Pairs(text_of("<13>src=10.0.0.1 src=10.0.0.2 dst=", "dst=x|src=y"), boundaries=b" |>")
    assert pairs.column("src").to_pylist() == ["10.0.0.1", "y"]
    assert pairs.column("dst").to_pylist() == [None, "x"]


def test_an_escaped_quote_ends_no_value_and_an_escaped_sign_begins_none() -> None:
    quoted = Pairs(text_of(r'msg="a \" src=1.1.1.1" src=2.2.2.2'))
    assert quoted.column("src").to_pylist() == ["2.2.2.2"]
    bare = Pairs(text_of(r"msg=a src\=1.1.1.1 src=2.2.2.2"), quoted=False)
    assert bare.column("src").to_pylist() == ["2.2.2.2"]


def test_an_open_quote_hides_the_rest_of_its_line_only() -> None:
    pairs = Pairs(text_of('msg="a src=1.1.1.1', "src=2.2.2.2"))
    assert pairs.column("src").to_pylist() == [None, "2.2.2.2"]
    assert pairs.unbalanced.tolist() == [True, False]


def test_line_ends_blanks_and_bytes_that_are_no_text() -> None:
    data = b"a b\r\n \t\r\n\xff\xfe c\n\n"
    text = Text.of(Lines(1, 4, data))
    assert text.blank().tolist() == [False, True, False, True]
    assert Separated(text, b" ").column(1).to_pylist()[2] == "c"
    assert text.lines().to_pylist() == ["a b", " \t", "\\xff\\xfe c", None]
    assert text.only(np.array([2])).lines().to_pylist() == ["\\xff\\xfe c"]
