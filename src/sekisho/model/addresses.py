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
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

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


def keys_from_text(column: Any) -> tuple[Ints, Ints, Bools]:
    """Convert a string column (Array or ChunkedArray) of addresses.

    Returns `hi`, `lo` and `bad`, one per row; where `bad` is set the text was null or no address, and
    `hi` and `lo` are 0.
    """
    column = _one_array(column)
    if not pa.types.is_dictionary(column.type):
        return _keys(column.cast(pa.string()))
    hi, lo, bad = (np.append(part, last) for part, last in zip(
        _keys(column.dictionary.cast(pa.string())), (0, 0, True), strict=True
    ))  # fmt: skip
    codes = pc.fill_null(column.indices, len(column.dictionary)).to_numpy(zero_copy_only=False)
    return hi[codes], lo[codes], bad[codes]


def _one_array(column: Any) -> Any:
    if not isinstance(column, pa.ChunkedArray):
        return column
    if column.num_chunks == 1:
        return column.chunk(0)
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _keys(texts: Any) -> tuple[Ints, Ints, Bools]:
    """Dotted quads all at once, any other text once for all its rows."""
    numbers, plain = _dotted_quads(texts)
    if plain.all():
        return np.full(len(texts), V4_HI), numbers + V4_LO_FIRST, ~plain
    hi, lo = np.where(plain, V4_HI, 0), np.where(plain, numbers + V4_LO_FIRST, 0)
    bad = ~plain
    others = np.flatnonzero(bad)
    encoded = texts.take(pa.array(others)).dictionary_encode()
    found = np.zeros((3, len(encoded.dictionary) + 1), dtype=np.int64)
    found[2] = 1
    for position, text in enumerate(encoded.dictionary.to_pylist()):
        try:
            found[:2, position] = key(parse_address(text))
        except ValueError:
            continue
        found[2, position] = 0
    codes = pc.fill_null(encoded.indices, len(encoded.dictionary)).to_numpy(zero_copy_only=False)
    hi[others], lo[others], bad[others] = found[:, codes]
    return hi, lo, bad


def _dotted_quads(texts: Any) -> tuple[Ints, Bools]:
    """32-bit numbers of a string array, and where the text is a plain dotted quad; elsewhere 0.

    Leading zeros are refused, as inet_pton refuses them.
    """
    count = len(texts)
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int32)[texts.offset : texts.offset + count + 1]
    first, last = int(offsets[0]), int(offsets[-1])
    # Three bytes in front, so that there is something to look at before the first digit.
    padded = np.zeros(last - first + 3, dtype=np.uint8)
    digits = padded[3:]
    if last > first:
        np.subtract(np.frombuffer(texts.buffers()[2], dtype=np.uint8)[first:last], 48, out=digits)
    offsets = offsets - np.int32(first)
    marks = np.flatnonzero(digits > 9)
    good, dots = _three_each(marks, offsets)
    if texts.null_count:
        good &= texts.is_valid().to_numpy(zero_copy_only=False)
    if len(dots):
        good &= (digits[dots] == _DOT).all(axis=0)

    bounds = np.empty((5, count), dtype=np.int32)
    bounds[0], bounds[4] = offsets[:-1] - 1, offsets[1:]
    bounds[1:4] = dots if len(dots) else 0
    ends, lengths = bounds[1:], np.diff(bounds, axis=0) - 1
    if not good.all():
        ends, lengths = np.where(good, ends, 0), np.where(good, lengths, 0)
    two, three = lengths > 1, lengths > 2
    octets = padded.take(ends + 2).astype(np.int16)
    octets += padded.take(ends + 1) * (two * np.uint8(10))
    octets += (padded.take(ends) * three) * np.int16(100)
    least = two * np.int16(10) + three * np.int16(90)
    good &= ((lengths > 0) & (lengths < 4) & (octets < 256) & (octets >= least)).all(axis=0)
    total = octets[0].astype(np.int64)
    for octet in octets[1:]:
        total <<= 8
        total |= octet
    return np.where(good, total, 0) if not good.all() else total, good


_DOT = (ord(".") - 48) % 256


def _three_each(marks: npt.NDArray[np.intp], offsets: npt.NDArray[np.int32]) -> tuple[Bools, Any]:
    """Which texts hold exactly three marks, and where: an array of three rows, empty where none does.

    `marks` are places in the texts' letters in order; `offsets` are where each text begins and the end.
    """
    count = len(offsets) - 1
    if len(marks) == 3 * count:
        dots = marks.reshape(count, 3).T
        good: Bools = (dots[0] >= offsets[:-1]) & (dots[2] < offsets[1:])
        if good.all():
            return good, dots
    before = np.searchsorted(marks, offsets)
    good = np.diff(before) == 3
    if not good.any():
        return good, marks[:0]
    places = np.where(good, before[:-1], 0) + np.arange(3)[:, np.newaxis]
    return good, marks[places]
