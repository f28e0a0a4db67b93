"""The single values of the files people write: prefixes, times, names. Each says how to mend it."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network, summarize_address_range
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import BeforeValidator, WithJsonSchema

from sekisho.inventory.countries import COUNTRIES
from sekisho.inventory.located import did_you_mean, wrong
from sekisho.model.addresses import IPAddress, IPNetwork, parse_address, parse_prefix
from sekisho.model.validity import Validity, in_utc, whole_days

NAME = re.compile(r"\w[\w.-]{0,63}")
RESERVED = {"internet", "zone", "asset", "any"}


def read_prefix(value: Any) -> IPNetwork:
    """A prefix or one address from text. Host bits are an error, since they hide a slip."""
    if not isinstance(value, str):
        raise wrong("prefix/text", "a prefix is text", "write it like 10.1.0.0/16")
    text = value.strip()
    try:
        return parse_prefix(text)
    except ValueError as error:
        reason = str(error)
    if "host bits" in reason:
        address = text.partition("/")[0]
        network = _network(text)
        raise wrong(
            "prefix/host-bits",
            f"{text} has host bits set",
            f"write {network} for the network, or {address} for the one address",
        )
    if "-" in text:
        raise wrong("prefix/range", f"{text} is a range, not a prefix", _as_prefixes(text))
    raise wrong("prefix/text", f"{text!r} is no prefix or address", _nearly(text))


def _network(text: str) -> str:
    return str(ip_network(text, strict=False))


def _as_prefixes(text: str) -> str:
    first, _, last = (part.strip() for part in text.partition("-"))
    try:
        spans = list(summarize_address_range(ip_address(first), ip_address(last)))
    except (ValueError, TypeError):
        return "write prefixes such as 10.1.0.0/28"
    shown = ", ".join(str(span) for span in spans[:8])
    return f"write {shown}" + (" …" if len(spans) > 8 else "")


def _nearly(text: str) -> str:
    short = re.fullmatch(r"(\d{1,3}(?:\.\d{1,3}){0,2})\.?(?:\.\*)?(?:/(\d{1,2}))?", text)
    if short:
        octets = short[1].split(".")
        length = short[2] or str(8 * len(octets))
        candidate = ".".join((octets + ["0"] * 4)[:4]) + f"/{length}"
        try:
            return f"write {_network(candidate)}"
        except ValueError:
            pass
    return "write it like 10.1.0.0/16 or 2001:db8:1::/48"


def read_address(value: Any) -> IPAddress:
    """One address from text."""
    if isinstance(value, str):
        try:
            return parse_address(value.strip())
        except ValueError:
            pass
    raise wrong(
        "address/text", f"{str(value)[:80]!r} is no address", "write it like 10.40.0.1 or 2001:db8::1"
    )


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?\s*(Z|[+-]\d{2}:?\d{2})?")


def read_when(value: Any) -> date | datetime:
    """A day (`2027-03-31`, a whole UTC day) or a time (`2020-06-11T08:12:41Z`; UTC without a zone)."""
    text = value.strip() if isinstance(value, str) else str(value)
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        if _TIME.fullmatch(text):
            return in_utc(datetime.fromisoformat(re.sub(r"\s+(?=[Z+-])", "", text)))
    except (ValueError, OverflowError):
        raise wrong(
            "time/none", f"{text} does not exist", "check the day and month; write YYYY-MM-DD"
        ) from None
    other = re.fullmatch(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})", text)
    mend = (
        f"write {int(other[1]):04d}-{int(other[2]):02d}-{int(other[3]):02d}"
        if other
        else "write 2027-03-31 for a whole UTC day, or 2020-06-11T08:12:41Z"
    )
    raise wrong("time/text", f"{text[:60]!r} is no date or time", mend)


def read_name(value: Any) -> str:
    """A name as selectors use it."""
    text = value if isinstance(value, str) else str(value)
    if not NAME.fullmatch(text):
        raise wrong(
            "name/text",
            f"{text[:80]!r} cannot be a name",
            "use letters, digits, `-`, `_` and `.`, at most 64, no spaces or slashes",
        )
    if text in RESERVED:
        raise wrong(
            "name/reserved", f"`{text}` has a meaning of its own in rules", "choose another name"
        )
    return text


def read_realm(value: Any) -> str:
    """A realm's name; it must not read like the beginning of an IPv6 address."""
    if value in (None, ""):
        return ""
    text = read_name(value)
    if re.fullmatch(r"[0-9a-fA-F]{1,4}", text):
        raise wrong(
            "name/realm",
            f"the realm `{text}` reads like part of an IPv6 address",
            f"choose another name, such as `realm-{text}`",
        )
    return text


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def read_timezone(value: Any) -> str:
    """An IANA time zone."""
    text = str(value)
    if text not in _zones():
        raise wrong(
            "timezone/unknown",
            f"there is no time zone {text[:60]!r}",
            did_you_mean(text, _zones(), "write an IANA name such as Asia/Tokyo"),
        )
    return text


def read_country(value: Any) -> str:
    """An ISO 3166-1 alpha-2 code."""
    text = str(value)
    if text in COUNTRIES:
        return text
    if text.upper() in COUNTRIES:
        raise wrong("country/unknown", f"{text!r} is no country code", f"write {text.upper()}")
    mend = (
        "write Great Britain as GB"
        if text.upper() == "UK"
        else "write the two letters of ISO 3166, such as JP"
    )
    raise wrong("country/unknown", f"{text[:60]!r} is no country code", mend)


def validity(
    begin: date | datetime | None, last: date | datetime | None, key: str = "until"
) -> Validity:
    """Validity from the two keys a person wrote; raises where the end lies before the beginning."""
    result = whole_days(begin, last)
    if result.begin is not None and result.end is not None and result.begin >= result.end:
        raise wrong(
            "time/backwards", f"`{key}` {last} lies before `from` {begin}", "exchange them, or mend one"
        )
    return result


def _text(example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": [example]})


Prefix = Annotated[IPNetwork, BeforeValidator(read_prefix), _text("10.1.0.0/16")]
Address = Annotated[IPAddress, BeforeValidator(read_address), _text("10.40.0.1")]
When = Annotated[date | datetime, BeforeValidator(read_when), _text("2027-03-31")]
Name = Annotated[str, BeforeValidator(read_name), _text("th-plant")]
Realm = Annotated[str, BeforeValidator(read_realm), _text("acquired-co")]
Timezone = Annotated[str, BeforeValidator(read_timezone), _text("Asia/Tokyo")]
Country = Annotated[str, BeforeValidator(read_country), _text("JP")]
