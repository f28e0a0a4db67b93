from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.ledger.publish import der


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=400), max_size=4), st.integers(0, 2**64))
def test_what_is_written_is_read(contents: list[bytes], value: int) -> None:
    raw = der.element(
        der.SEQUENCE, *(der.element(der.OCTETS, one) for one in contents), der.integer(value)
    )
    (whole,) = der.elements(raw)
    *octets, number = der.inside(whole, der.SEQUENCE)
    assert [one.content for one in octets] == contents
    assert der.number(number) == value


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=40))
def test_rubbish_is_refused_or_read_and_never_breaks(raw: bytes) -> None:
    try:
        found = der.elements(raw)
    except ValueError:
        return
    assert sum(len(one.content) for one in found) <= len(raw)


def test_what_is_no_der() -> None:
    assert der.integer(0) == b"\x02\x01\x00"
    assert der.integer(128) == b"\x02\x02\x00\x80"
    for raw in (b"\x30", b"\x30\x05ab", b"\x1f\x01\x00", b"\x30\x80\x00\x00", b"\x30\x85\0\0\0\0\1a"):
        with pytest.raises(ValueError, match="no DER"):
            der.elements(raw)
    with pytest.raises(ValueError, match="expected"):
        der.inside(der.Element(2, b""), der.SEQUENCE)
    for wrong in (der.Element(4, b"a"), der.Element(2, b"")):
        with pytest.raises(ValueError, match="INTEGER"):
            der.number(wrong)
