"""What a person may name as a target of alerts. Nothing from a record ever becomes one."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

Transport = Literal["udp", "tcp", "tls"]
"""How syslog travels."""
Security = Literal["starttls", "tls", "none"]
"""How mail is protected on its way to the server."""


def url_problem(url: str, *, in_the_clear: bool = False) -> str | None:
    """Why a URL may not be posted to, or None: https to a host, or http to this machine alone, and to
    others where `in_the_clear` says that what goes over it needs no cover."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        return f"is no URL: {error}"
    if not url.isprintable() or " " in url or not parts.hostname:
        return "is no URL with a host"
    if parts.username is not None or parts.password is not None:
        return "holds a login; give the receiver a token in its path, or a signature"
    if parts.scheme == "https":
        return None
    if parts.scheme == "http" and (in_the_clear or _is_here(parts.hostname)):
        return None
    return "must begin with https:// (http:// only to this machine)"


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
