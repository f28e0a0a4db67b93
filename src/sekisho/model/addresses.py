"""Addresses as two signed 64-bit numbers that keep the order of the addresses.

An IPv4 address is its IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2). The 128 bits are cut in two halves
and each half is shifted by 2**63, so that comparing (hi, lo) as signed numbers compares the addresses.
Engines without unsigned or 128-bit integers join on these two columns alike.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

_SHIFT = 1 << 63
_MASK = (1 << 64) - 1
_MAPPED = 0xFFFF << 32
V4_HI = -_SHIFT
"""`hi` of every IPv4 address."""
V4_LO_FIRST = _MAPPED - _SHIFT
"""`lo` of 0.0.0.0; `lo` of an IPv4 address is this plus its 32-bit number."""
V4_LO_LAST = V4_LO_FIRST + 0xFFFFFFFF


def parse_address(text: str) -> IPAddress:
    """Read one address. An IPv4-mapped IPv6 address is the IPv4 address it carries.

    The zone of a link-local address (`fe80::1%eth0`) means nothing on another host and is dropped;
    on any other address it is an error. Raises ValueError.
    """
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            if not address.is_link_local:
                raise ValueError(f"{text!r} has a zone but is not link-local")
            address = IPv6Address(int(address))
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
    return address


def parse_prefix(text: str) -> IPNetwork:
    """Read one prefix or address, host bits unset. Raises ValueError."""
    network = ip_network(text)
    if isinstance(network, IPv6Network) and network.prefixlen >= 96:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return IPv4Network((int(mapped), network.prefixlen - 96))
    return network


def number(address: IPAddress) -> int:
    """The 128-bit number of an address, IPv4 mapped."""
    value = int(address)
    return value | _MAPPED if address.version == 4 else value


def key(address: IPAddress) -> tuple[int, int]:
    """The (hi, lo) columns of an address."""
    return halves(number(address))


def halves(value: int) -> tuple[int, int]:
    """The (hi, lo) columns of a 128-bit number."""
    return (value >> 64) - _SHIFT, (value & _MASK) - _SHIFT


def address_of(hi: int, lo: int) -> IPAddress:
    """The address of its two columns."""
    if hi == V4_HI and V4_LO_FIRST <= lo <= V4_LO_LAST:
        return IPv4Address(lo - V4_LO_FIRST)
    return IPv6Address(((hi + _SHIFT) << 64) | (lo + _SHIFT))


def text_of(hi: int, lo: int) -> str:
    """The address of its two columns as text, as JSON shows it."""
    return str(address_of(hi, lo))


def bounds(prefix: IPNetwork) -> tuple[int, int]:
    """First and last 128-bit number of a prefix, both included."""
    return number(prefix.network_address), number(prefix.broadcast_address)


def keys_from_text(
    column: Any,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Convert a string column (Array or ChunkedArray) of addresses, each different text once.

    Returns `hi`, `lo` and `bad`, one per row; where `bad` is set the text was null or no address, and
    `hi` and `lo` are 0.
    """
    encoded = column.dictionary_encode() if not pa.types.is_dictionary(column.type) else column
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.unify_dictionaries().combine_chunks()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.chunk(0) if encoded.num_chunks else pa.array([], encoded.type)
    texts = encoded.dictionary
    hi = np.zeros(len(texts) + 1, dtype=np.int64)
    lo = np.zeros(len(texts) + 1, dtype=np.int64)
    bad = np.ones(len(texts) + 1, dtype=np.bool_)
    v4, plain = _dotted_quads(texts)
    hi[:-1][plain] = V4_HI
    lo[:-1][plain] = V4_LO_FIRST + v4[plain]
    bad[:-1][plain] = False
    for position in np.flatnonzero(~plain).tolist():
        try:
            hi[position], lo[position] = key(parse_address(texts[position].as_py()))
        except (ValueError, TypeError, AttributeError):
            continue
        bad[position] = False
    codes = pc.fill_null(encoded.indices, len(texts)).to_numpy(zero_copy_only=False)
    return hi[codes], lo[codes], bad[codes]


def _dotted_quads(texts: Any) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """32-bit numbers of a string array, and where the text is a plain dotted quad.

    All texts at once, one character position after the other. Leading zeros are refused, as inet_pton
    refuses them.
    """
    count = len(texts)
    texts = texts.cast(pa.string())
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int32)[texts.offset : texts.offset + count + 1]
    data = texts.buffers()[2]
    letters = np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(0, dtype=np.uint8)
    starts, lengths = offsets[:-1].astype(np.int64), np.diff(offsets)
    good = (lengths >= 7) & (lengths <= 15)
    if texts.null_count:
        good &= texts.is_valid().to_numpy(zero_copy_only=False)
    total = np.zeros(count, dtype=np.int64)
    octet = np.zeros(count, dtype=np.int64)
    digits = np.zeros(count, dtype=np.int8)
    dots = np.zeros(count, dtype=np.int8)
    for position in range(int(lengths[good].max()) if good.any() else 0):
        inside = good & (position < lengths)
        letter = letters[np.where(inside, starts + position, 0)].astype(np.int64)
        dot = inside & (letter == 46)
        digit = inside & (letter >= 48) & (letter <= 57)
        good &= ~inside | digit | (dot & (digits > 0))
        good &= ~digit | (digits == 0) | (octet > 0)
        octet = np.where(digit, octet * 10 + (letter - 48), octet)
        good &= octet <= 255
        digits = np.where(dot, 0, digits + digit).astype(np.int8)
        total = np.where(dot, total * 256 + octet, total)
        octet = np.where(dot, 0, octet)
        dots += dot
    good &= (dots == 3) & (digits > 0)
    return total * 256 + octet, good
