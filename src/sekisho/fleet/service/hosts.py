"""Which addresses one host may have: an IPv6 host takes any of its link's 2^64 (RFC 4291, 2.5.4; RFC 8981)."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, ip_address

_LINK = 64


@lru_cache(maxsize=65_536)
def host_of(address: str) -> str:
    """What stands for the host at an address where shares and rates are counted: an IPv4 address, an IPv6
    address' first 64 bits; what is no address stands for itself."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return f"{IPv6Address(int(found) >> _LINK << _LINK)}/{_LINK}"
