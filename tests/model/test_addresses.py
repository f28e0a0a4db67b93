from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.model.addresses import (
    address_of,
    bounds,
    key,
    keys_from_text,
    number,
    parse_address,
    parse_prefix,
    text_of,
)

any_address = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


def canonical(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


@given(any_address)
def test_the_columns_give_the_address_back(address: IPv4Address | IPv6Address) -> None:
    assert address_of(*key(address)) == canonical(address)
    assert text_of(*key(address)) == str(canonical(address))


@given(any_address, any_address)
def test_the_columns_keep_the_order(
    left: IPv4Address | IPv6Address, right: IPv4Address | IPv6Address
) -> None:
    assert (key(left) < key(right)) == (number(left) < number(right))


@given(any_address)
def test_the_columns_fit_signed_64_bits(address: IPv4Address | IPv6Address) -> None:
    assert all(-(2**63) <= half < 2**63 for half in key(address))


def test_a_mapped_address_is_the_one_it_carries() -> None:
    assert parse_address("::ffff:10.1.2.3") == ip_address("10.1.2.3")
    assert parse_prefix("::ffff:10.1.0.0/112") == ip_network("10.1.0.0/16")


def test_a_zone_is_dropped_from_link_local_and_refused_elsewhere() -> None:
    assert parse_address("fe80::1%eth0") == ip_address("fe80::1")
    with pytest.raises(ValueError, match="not link-local"):
        parse_address("2001:db8::1%eth0")
    with pytest.raises(ValueError, match="10\\.0\\.0\\.1"):
        parse_address("10.0.0.1%eth0")


def test_bounds_include_both_ends() -> None:
    first, last = bounds(ip_network("10.0.0.0/30"))
    assert last - first == 3
    assert bounds(ip_network("2001:db8::/128")) == (0x20010DB8 << 96, 0x20010DB8 << 96)


@pytest.mark.parametrize(
    "text", ["", "-", "10.1", "010.0.0.1", "10.0.0.256", "1.2.3.4.5", "g::1", "127.1"]
)
def test_what_is_no_address_is_marked_bad(text: str) -> None:
    _, _, bad = keys_from_text(pa.array(["10.0.0.1", text, None, "2001:db8::1"]))
    assert bad.tolist() == [False, True, True, False]


@given(
    st.lists(
        st.one_of(
            st.none(),
            any_address.map(str),
            st.text("0123456789.:af %-", max_size=17),
            st.lists(st.integers(0, 1000).map(str), min_size=3, max_size=5).map(".".join),
        ),
        max_size=20,
    ),
    st.integers(0, 3),
    st.booleans(),
)
def test_a_column_of_anything_converts_as_its_texts_do(
    texts: list[str | None], skip: int, encoded: bool
) -> None:
    column = pa.array(texts, pa.string())
    column = (column.dictionary_encode() if encoded else column).slice(skip)
    hi, lo, bad = keys_from_text(column)
    for place, text in enumerate(texts[skip:]):
        try:
            expected = (*key(parse_address(text or "")), False)
        except ValueError:
            expected = (0, 0, True)
        assert (hi[place], lo[place], bad[place]) == expected


@given(st.lists(any_address, max_size=20))
def test_a_column_converts_as_its_values_do(
    addresses: list[IPv4Address | IPv6Address],
) -> None:
    column = pa.chunked_array([pa.array([str(a)], pa.string()) for a in addresses], type=pa.string())
    hi, lo, bad = keys_from_text(column)
    assert not bad.any()
    assert list(zip(hi.tolist(), lo.tolist(), strict=True)) == [key(canonical(a)) for a in addresses]
