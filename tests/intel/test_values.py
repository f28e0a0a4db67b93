from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.intel.values import SAYS, confidence_of, read_value, time_of, words
from sekisho.model.indicators import IndicatorKind as K


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("203.0.113.9", K.ADDRESS, "203.0.113.9"),
        ("203.0.113[.]9", K.ADDRESS, "203.0.113.9"),
        ("203.0.113.9:443", K.ADDRESS, "203.0.113.9"),
        ("[2001:db8::1]:443", K.ADDRESS, "2001:db8::1"),
        ("2001:DB8::1", K.ADDRESS, "2001:db8::1"),
        ("::ffff:203.0.113.9", K.ADDRESS, "203.0.113.9"),
        ("203.0.113.9/32", K.ADDRESS, "203.0.113.9"),
        ("203.0.113.0/24", K.PREFIX, "203.0.113.0/24"),
        ("2001:db8::/32", K.PREFIX, "2001:db8::/32"),
        ("Evil.EXAMPLE.", K.DOMAIN, "evil.example"),
        ("*.evil.example", K.DOMAIN, "evil.example"),
        ("bücher.example", K.DOMAIN, "xn--bcher-kva.example"),
        ("hxxps://evil[.]example/a?b=<script>", K.URL, "https://evil.example/a?b=<script>"),
        ("d41d8cd98f00b204e9800998ecf8427e", K.MD5, "d41d8cd98f00b204e9800998ecf8427e"),
        (
            "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
            K.SHA1,
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        ),
        ("t13d1516h2_8daaf6152771_b186095e22b6", K.JA4, "t13d1516h2_8daaf6152771_b186095e22b6"),
        ("cve-2020-1472", K.VULNERABILITY, "CVE-2020-1472"),
    ],
)
def test_what_a_text_looks_like(text: str, kind: K, value: str) -> None:
    found = read_value(text)
    assert (found.kind, found.text) == (kind, value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "203.0.113.256",
        "203.0.113.9/24",
        "<script>alert(1)</script>",
        "evil example",
        "a" * 2000,
        "evil.example\x1b[31m",
        "http://",
        "javascript:alert(1)",
        "1.2.3",
        "-evil.example",
        "http://[::1",
    ],
)
def test_what_is_nothing(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_value(text)


def test_a_url_has_a_host_which_is_a_name_or_an_address() -> None:
    named, numbered = read_value("http://evil.example:8080/x"), read_value("http://203.0.113.9/x")
    assert (named.host, named.network) == ("evil.example", None)
    assert (numbered.host, str(numbered.network)) == (None, "203.0.113.9/32")


def test_a_kind_that_is_said_is_held_to() -> None:
    text = "d41d8cd98f00b204e9800998ecf8427e"
    assert read_value(text, K.JA3).kind is K.JA3
    with pytest.raises(ValueError, match="sha256"):
        read_value(text, K.SHA256)
    with pytest.raises(ValueError, match="address"):
        read_value("evil.example", K.ADDRESS)


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_nothing_but_a_value_error_comes_of_any_text(text: str) -> None:
    try:
        value = read_value(text)
    except ValueError:
        return
    assert value.text.isprintable()
    assert read_value(value.text, value.kind).text == value.text


def test_words_are_one_printable_line_cut_short() -> None:
    assert words("a\n\x1b[31mb", None, 3, " c ") == "a [31mb c"
    assert len(words("x" * 1000)) == SAYS


@pytest.mark.parametrize(
    ("given_", "at"),
    [
        ("2020-06-11 09:30:00", datetime(2020, 6, 11, 9, 30, tzinfo=UTC)),
        ("2020-06-11 09:30:00 UTC", datetime(2020, 6, 11, 9, 30, tzinfo=UTC)),
        ("2020-06-11T18:30:00+09:00", datetime(2020, 6, 11, 9, 30, tzinfo=UTC)),
        ("1591867800", datetime(2020, 6, 11, 9, 30, tzinfo=UTC)),
        ("2020-06-11", datetime(2020, 6, 11, tzinfo=UTC)),
        ("0001-01-01T00:00:00+09:00", None),
        ("soon", None),
        (None, None),
        (True, None),
        (float("nan"), None),
        (10**30, None),
    ],
)
def test_times(given_: object, at: datetime | None) -> None:
    assert time_of(given_) == at


def test_confidence() -> None:
    assert [confidence_of(one) for one in ("75", 0, 101, None, "x", True)] == [
        75,
        0,
        None,
        None,
        None,
        None,
    ]
