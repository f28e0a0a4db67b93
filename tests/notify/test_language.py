from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.notify.language import (
    MAX_LENGTH,
    Compare,
    Constant,
    ExpressionError,
    Fact,
    Join,
    Known,
    Not,
    names,
    parse,
    words_of,
)


def test_how_it_binds() -> None:
    read = parse("personal_data and not encrypted or people.US-CA >= 1_000")
    assert read == Join(
        "or",
        (
            Join("and", (Fact("personal_data"), Not(Fact("encrypted")))),
            Compare(Fact("people.US-CA"), ">=", Constant(1000)),
        ),
    )
    assert names(read) == {"personal_data", "encrypted", "people.US-CA"}
    assert parse("not not known aware") == Known("aware")
    assert parse("risk in {'likely', 'high'}") == Compare(
        Fact("risk"), "in", Constant(frozenset({"likely", "high"}))
    )


def test_the_words_that_a_fact_is_held_against() -> None:
    read = parse("not (data meets {'health', 'trade'} and risk = 'high') or data.JP meets {'identity'}")
    assert words_of(read, "data") == {"health", "trade", "identity"}
    assert words_of(read, "risk") == {"high"}
    assert words_of(parse("known data and personal_data"), "data") == frozenset()


@pytest.mark.parametrize(
    ("text", "offset", "message", "mend"),
    [
        ("peopel > 5", 0, "`peopel` is no fact", "did you mean `people`?"),
        ("people > 5 personal_data", 11, "not expected here", "`and` or `or`"),
        ("personal_data and (people > 5", 29, "not closed", "write `)`"),
        ("personal_data and", 17, "a fact is expected", "name one"),
        ("people", 0, "not yes or no by itself", "people > 1000"),
        ("countries has 'BR'", 0, "not yes or no by itself", "countries meets {'...'}"),
        ("risk", 0, "not yes or no by itself", "risk = '...'"),
        ("aware", 0, "not yes or no by itself", "`known` asks"),
        ("people > 'many'", 9, "cannot hold a number against a word", "`<` and `>`"),
        ("risk = 'low'", 7, "risk is never 'low'", "unlikely, likely, high"),
        ("risk in {'likely' 'high'}", 18, "a set is not closed", "write `}`"),
        ("data in {'health'}", 8, "cannot hold a set against a set", "`meets`"),
        ("'JP in countries", 0, "means nothing here", "close the quote"),
        ("people > 5; import os", 10, "`;` means nothing", "quotes"),
        ("__import__('os')", 0, "is no fact", "lists them"),
        ("personal_data and 'JA' in countries", 18, "`JA` is no country", "ISO 3166"),
        ("countries meets {'JP', 'UK'}", 16, "`UK` is no country", "ISO 3166"),
        ("known 5", 6, "a fact is expected", "name one"),
    ],
)
def test_what_is_wrong_has_its_place(text: str, offset: int, message: str, mend: str) -> None:
    with pytest.raises(ExpressionError, match=message) as caught:
        parse(text)
    assert caught.value.offset == offset
    assert mend in caught.value.mend


def test_bounds() -> None:
    with pytest.raises(ExpressionError, match="longer than"):
        parse("personal_data or " * MAX_LENGTH)
    with pytest.raises(ExpressionError, match="deeper than"):
        parse("(" * 500 + "personal_data" + ")" * 500)
    assert parse("not " * 400 + "personal_data") == Fact("personal_data")


@given(st.text(alphabet="ab_ ()'{},<>=!0andornotpeople.\n", max_size=60))
def test_whatever_is_written_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        parse(text)
        offset = 0
    except ExpressionError as error:
        offset = error.offset
    assert 0 <= offset <= len(text)
