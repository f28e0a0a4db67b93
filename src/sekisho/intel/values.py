"""What an indicator's text is: an address, a prefix, a name, a hash."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from sekisho.model.addresses import IPNetwork, parse_address, parse_prefix
from sekisho.model.indicators import IndicatorKind

LONGEST = 1024
SAYS = 200
"""Characters of a feed's own words that are kept."""
_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}")
_HEX = re.compile(r"[0-9a-f]+")
_JA4 = re.compile(r"[tdq](?:[0-9s][0-9a-z])[di]\d{4}[0-9a-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}")
_CVE = re.compile(r"CVE-\d{4}-\d{4,10}")
_OF_LENGTH = {32: IndicatorKind.MD5, 40: IndicatorKind.SHA1, 64: IndicatorKind.SHA256}
_LENGTHS = {
    IndicatorKind.MD5: 32,
    IndicatorKind.SHA1: 40,
    IndicatorKind.SHA256: 64,
    IndicatorKind.CERTIFICATE_SHA1: 40,
    IndicatorKind.CERTIFICATE_SHA256: 64,
    IndicatorKind.JA3: 32,
}
_SCHEMES = ("http", "https", "ftp", "ftps", "tcp", "udp", "ws", "wss")


@dataclass(frozen=True, slots=True)
class Value:
    """A value in the form in which it is kept. `network` is of addresses, prefixes and URLs with an address
    for a host; `host` is a URL's name."""

    kind: IndicatorKind
    text: str
    network: IPNetwork | None = None
    host: str | None = None


def read_value(text: str, kind: IndicatorKind | None = None) -> Value:
    """What a text is, of a kind or whatever it looks like. Raises ValueError, which says what is wrong.

    Takes what people write to keep a value from being clicked (`hxxp`, `[.]`), and a port behind an address
    or name, which is dropped.
    """
    plain = text.strip()
    if not plain or len(plain) > LONGEST:
        raise ValueError(f"a value has from 1 to {LONGEST} characters")
    if not plain.isprintable():
        raise ValueError("it holds control characters")
    plain = plain.replace("[.]", ".").replace("(.)", ".").replace("[:]", ":")
    plain = re.sub(r"^hxxp(s?)://", r"http\1://", plain, flags=re.IGNORECASE)
    match kind:
        case None:
            return _looks_like(plain)
        case IndicatorKind.ADDRESS | IndicatorKind.PREFIX:
            return _network(plain)
        case IndicatorKind.DOMAIN:
            return _domain(plain)
        case IndicatorKind.URL:
            return _url(plain)
        case IndicatorKind.JA4:
            if not _JA4.fullmatch(plain.lower()):
                raise ValueError("it is no JA4")
            return Value(kind, plain.lower())
        case IndicatorKind.VULNERABILITY:
            if not _CVE.fullmatch(plain.upper()):
                raise ValueError("it is no CVE")
            return Value(kind, plain.upper())
        case _:
            low = plain.lower().replace(":", "")
            if len(low) != _LENGTHS[kind] or not _HEX.fullmatch(low):
                raise ValueError(f"it is no {kind} of {_LENGTHS[kind]} hexadecimal digits")
            return Value(kind, low)


def _looks_like(plain: str) -> Value:
    if "://" in plain:
        return _url(plain)
    low = plain.lower()
    if _HEX.fullmatch(low) and len(low) in _OF_LENGTH:
        return Value(_OF_LENGTH[len(low)], low)
    if _CVE.fullmatch(plain.upper()):
        return Value(IndicatorKind.VULNERABILITY, plain.upper())
    if _JA4.fullmatch(low):
        return Value(IndicatorKind.JA4, low)
    try:
        return _network(plain)
    except ValueError:
        return _domain(plain)


def _network(plain: str) -> Value:
    if plain.startswith("["):
        plain = plain[1:].partition("]")[0]
    elif plain.count(":") == 1:
        plain = plain.partition(":")[0]
    try:
        network = parse_prefix(plain) if "/" in plain else parse_prefix(str(parse_address(plain)))
    except ValueError:
        raise ValueError("it is no address or prefix") from None
    if network.prefixlen == network.max_prefixlen:
        return Value(IndicatorKind.ADDRESS, str(network.network_address), network)
    return Value(IndicatorKind.PREFIX, str(network), network)


def _domain(plain: str) -> Value:
    name, _, port = plain.lower().partition(":")
    name = name.removeprefix("*.").strip(".")
    if port and not port.isdecimal():
        raise ValueError("it is no domain name")
    try:
        name = name.encode("idna").decode("ascii") if not name.isascii() else name
    except UnicodeError:
        raise ValueError("it is no domain name") from None
    if len(name) > 253 or not _DOMAIN.fullmatch(name):
        raise ValueError("it is no domain name")
    if name.rpartition(".")[2].isdecimal():
        raise ValueError("it is neither an address nor a domain name")
    return Value(IndicatorKind.DOMAIN, name)


def _url(plain: str) -> Value:
    try:
        parts = urlsplit(plain)
        host = parts.hostname
    except ValueError:
        raise ValueError("it is no URL") from None
    if parts.scheme.lower() not in _SCHEMES or not host:
        raise ValueError("it is no URL with a host")
    try:
        network = _network(f"[{host}]" if ":" in host else host).network
    except ValueError:
        return Value(IndicatorKind.URL, plain, None, _domain(host).text)
    return Value(IndicatorKind.URL, plain, network)


def words(*parts: Any) -> str:
    """A feed's own words on one line, printable and cut short; what is no text is left out."""
    said = " ".join(part for part in parts if isinstance(part, str) and part.strip())
    line = "".join(one if one.isprintable() else " " for one in said)
    line = " ".join(line.split())
    return line if len(line) <= SAYS else line[: SAYS - 1] + "…"


def time_of(given: Any) -> datetime | None:
    """A time as feeds write it: RFC 3339, `2020-06-11 09:30:00` with or without UTC, a date, or epoch
    seconds. None where it is none, or lies outside of what a calendar holds."""
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        return _epoch(float(given))
    if not isinstance(given, str):
        return None
    text = given.strip().strip('"').removesuffix(" UTC")
    if not text:
        return None
    if text.isdecimal() and len(text) <= 11:
        return _epoch(float(text))
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _epoch(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def confidence_of(given: Any) -> int | None:
    """A confidence from 0 to 100; None where it is none."""
    try:
        number = int(given)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 <= number <= 100 and not isinstance(given, bool) else None
