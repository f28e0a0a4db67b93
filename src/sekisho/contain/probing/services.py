"""Services that a terminal can try: those of well-known ports, and those that a person names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, ip_address
from types import MappingProxyType

from sekisho.errors import RequestError
from sekisho.inventory.register import Inventory
from sekisho.model.probes import Trial, TrialKind

TLS = (443, 465, 563, 636, 853, 990, 993, 995, 3269, 5061, 5671, 5986, 6514, 8443, 8883, 9443)
HTTP = (80, 591, 5985, 8008, 8080)
"""TCP ports of well-known services. Source: IANA, Service Name and Transport Protocol Port Number Registry."""
_TLS_PORTS: Mapping[int, TrialKind] = dict.fromkeys(TLS, "tls")
KINDS: Mapping[int, TrialKind] = MappingProxyType({**_TLS_PORTS, **dict.fromkeys(HTTP, "http")})
_NAMED = re.compile(
    r"(?:(?P<scheme>https?)://)?(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<path>/[A-Za-z0-9._~/-]{0,200})?"
)
_HOW = "write 10.1.20.5:8443, or http://10.1.20.5:8080/"


def named(text: str, inventory: Inventory) -> Trial:
    """The service that a person names: `HOST:PORT` or a URL; the host is an address, or a name of assets.csv.

    An `https` URL is tried by a handshake, since osquery would want its certificate to be of a name that it
    trusts. Raises RequestError.
    """
    found = _NAMED.fullmatch(text) if len(text) < 600 else None
    if found is None and text.count(":") > 1 and "://" not in text:
        raise RequestError(f"`{text[:80]}`: osquery asks for no IPv6 address", _HOW)
    if found is None or (found["scheme"] is None and (found["port"] is None or found["path"])):
        raise RequestError(f"`{text[:80]}` names no service", _HOW)
    port = int(found["port"] or {"http": 80, "https": 443}[found["scheme"]])
    if not 0 < port < 65536:
        raise RequestError(f"`{text[:80]}`: there is no port {port}", _HOW)
    address = str(_address(found["host"], inventory))
    plain = found["scheme"] == "http" or (found["scheme"] is None and KINDS.get(port) == "http")
    return Trial("http", address, port, found["path"] or "/") if plain else Trial("tls", address, port)


def _address(host: str, inventory: Inventory) -> IPv4Address:
    try:
        known = [ip_address(host)]
    except ValueError:
        known = [asset.address for asset in inventory.hostnames.get(host.casefold(), ())]
    found = [one for one in known if isinstance(one, IPv4Address)]
    if len(set(found)) != 1:
        why = "is no name of assets.csv" if not known else "has no IPv4 address, or several"
        raise RequestError(f"{host[:80]} {why}", f"name its address: {_HOW}")
    return found[0]
