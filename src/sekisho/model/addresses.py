"""Addresses as two signed 64-bit numbers that keep the order of the addresses.

An IPv4 address is its IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2). The 128 bits are cut in two halves
and each half is shifted by 2**63, so that comparing (hi, lo) as signed numbers compares the addresses.
Engines without unsigned or 128-bit integers join on these two columns alike.
"""

from __future__ import annotations

import socket
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
    value = number(address)
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
    texts = encoded.dictionary.to_pylist()
    hi = np.zeros(len(texts) + 1, dtype=np.int64)
    lo = np.zeros(len(texts) + 1, dtype=np.int64)
    bad = np.ones(len(texts) + 1, dtype=np.bool_)
    for position, text in enumerate(texts):
        try:
            # inet_aton is lenient, inet_pton is strict and ten times faster than ipaddress.
            hi[position], lo[position] = (
                V4_HI,
                V4_LO_FIRST + int.from_bytes(socket.inet_pton(socket.AF_INET, text)),
            )
        except (OSError, TypeError, ValueError):
            try:
                hi[position], lo[position] = key(parse_address(text))
            except (ValueError, TypeError, AttributeError):
                continue
        bad[position] = False
    codes = pc.fill_null(encoded.indices, len(texts)).to_numpy(zero_copy_only=False)
    return hi[codes], lo[codes], bad[codes]
