from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.policy.language import MAX_LENGTH, MAX_WORDS, read_sentence, read_words


def test_words_know_where_they_stand() -> None:
    text = "th/edi,  10.1.0.0/16 -> jp/* , realm:2001:db8::/32 : tcp/1-2 ,icmp"
    sentence, slips = read_sentence(text)
    assert not slips
    assert sentence is not None
    words = (*sentence.sources, *sentence.destinations, *sentence.services)
    assert [word.text for word in words] == [
        "th/edi", "10.1.0.0/16", "jp/*", "realm:2001:db8::/32", "tcp/1-2", "icmp",
    ]  # fmt: skip
    assert all(text[word.offset :].startswith(word.text) for word in words)


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("a b : c", "rule/no-arrow", ""),
        ("a <-> b : any", "rule/arrow", "<->"),
        ("a <- b : any", "rule/arrow", "<-"),
        ("a => b : any", "rule/arrow", "=>"),
        ("a → b : any", "rule/arrow", "→"),
        ("a -> b -> c : any", "rule/two-arrows", "-> c"),
        ("a -> b", "rule/no-service", ""),
        ("a -> b:tcp/443", "rule/no-service", ""),
        ("a : tcp/1 -> b : any", "rule/colon", ": tcp"),
        ("a, -> b : any", "rule/empty", ""),
        ("a -> b : ", "rule/empty", ""),
        (" -> b : any", "rule/empty", ""),
        ("a b -> c : any", "rule/comma", "b -> c"),
        ("a -> b : tcp/1 tcp/2", "rule/comma", "tcp/2"),
        ("x" * (MAX_LENGTH + 1), "rule/length", ""),
        ("a, " * MAX_WORDS + "a -> b : any", "rule/length", ""),
    ],
)
def test_what_is_wrong_is_shown_where_it_stands(text: str, code: str, at: str) -> None:
    _, slips = read_sentence(text)
    assert code in [slip.code for slip in slips]
    slip = next(slip for slip in slips if slip.code == code)
    assert text[slip.offset :].startswith(at)
    assert slip.mend


def test_a_missing_blank_is_shown_with_the_very_text_to_write() -> None:
    _, (slip,) = read_sentence("a -> jp/edi:tcp/443")
    assert slip.mend == "put spaces around the colon: jp/edi : tcp/443"


def test_colons_of_addresses_are_no_separator() -> None:
    sentence, slips = read_sentence("2001:db8::1 -> ::/0, acq:10.0.0.1 : tcp/22:23")
    assert not slips
    assert sentence is not None
    assert [word.text for word in sentence.destinations] == ["::/0", "acq:10.0.0.1"]
    assert [word.text for word in sentence.services] == ["tcp/22:23"]


@given(st.text(max_size=200))
def test_any_text_is_read_or_explained(text: str) -> None:
    sentence, slips = read_sentence(text)
    assert sentence is not None or slips
    for slip in slips:
        assert 0 <= slip.offset <= len(text)
    words, _ = read_words(text)
    assert all(text[word.offset :].startswith(word.text) for word in words)
