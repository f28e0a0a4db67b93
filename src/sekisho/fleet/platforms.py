"""On which platforms osquery has a table, and which platform a machine says that it is.

Source: osquery's specs (specs/CMakeLists.txt says for which systems each table is built), platform_type.h (the
bits of `platform_type`), packs.cpp (`platform` of a query).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from sekisho.fleet.collections.base import text_of

PLATFORMS = ("windows", "darwin", "linux", "freebsd")
"""As osquery names them; '' stands for one that is not known."""
EVERYWHERE = frozenset(PLATFORMS)
_POSIX = frozenset({"linux", "darwin", "freebsd"})
_BITS = {0x02: "windows", 0x10: "darwin", 0x08: "linux", 0x20: "freebsd"}
_DISTRIBUTIONS = frozenset(
    (
        *("almalinux", "amazon", "amzn", "arch", "centos", "debian", "fedora", "gentoo", "linux"),
        *("linuxmint", "nixos", "ol", "opensuse", "opensuse-leap", "opensuse-tumbleweed", "raspbian"),
        *("redhat", "rhel", "rocky", "sled", "sles", "suse", "ubuntu"),
    )
)
_FILE = "osquery_tables.toml"
_FROM = re.compile(r"\b(?:from|join)\s+[\"'`\[]?([a-z_][a-z0-9_]{0,63})", re.IGNORECASE)
_MISSING = re.compile(r"no such table: ([a-z_][a-z0-9_]{0,63})")
_NO_COLUMN = "no such column: g.group_sid"
"""Where members of groups are asked for by SID: a column on Windows alone."""
LONGEST = 100
"""Characters of a message that is looked at."""
_TYPE = re.compile(r"\s*\"?([0-9]{1,6})\"?\s*")


def has(table: str) -> frozenset[str]:
    """The platforms on which osquery has a table; all where that is not known of it."""
    return _tables().get(table, EVERYWHERE)


@cache
def _tables() -> Mapping[str, frozenset[str]]:
    said = tomllib.loads(files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            name: frozenset(part["platforms"])
            for part in said["tables"]
            for name in part["names"].split()
        }
    )


def of_sql(sql: str) -> frozenset[str]:
    """The platforms that have every table that a question reads."""
    return EVERYWHERE.intersection(*(has(name.lower()) for name in _FROM.findall(sql)))


def of_words(text: str) -> frozenset[str]:
    """The platforms that a query names as packs of osquery do: 'windows', 'darwin,linux', 'posix', 'all'.

    Raises ValueError for a word that is none.
    """
    found: set[str] = set()
    for word in text.casefold().replace(" ", "").split(","):
        if word in ("", "any", "all", "null"):
            return EVERYWHERE
        if word == "posix":
            found |= _POSIX
        elif word in PLATFORMS:
            found.add(word)
        elif word in _DISTRIBUTIONS:
            found.add("linux")
        else:
            raise ValueError(word)
    return frozenset(found)


def told(kind: str, details: Mapping[str, Mapping[str, object]]) -> str:
    """What a machine that enrols says of itself: `kind` is its `platform_type`, as JSON. '' where it says
    nothing that is known, or contradicts itself."""
    said = {_bits(kind), _bits(text_of(details.get("osquery_info", {}).get("platform_mask")))}
    said |= {_named(text_of(details.get("os_version", {}).get("platform")))}
    said -= {""}
    return said.pop() if len(said) == 1 else ""


def of_os(text: str) -> str:
    """The platform of an operating system as inventories write it; '' where that is not plain."""
    plain = text.casefold()
    words = set(re.findall(r"[a-z]+", plain))
    found = {
        name
        for name, marks in (
            ("windows", {"windows", "win"}),
            ("darwin", {"macos", "darwin", "osx"}),
            ("linux", _DISTRIBUTIONS),
            ("freebsd", {"freebsd"}),
        )
        if words & marks
    }
    return found.pop() if len(found) == 1 else ""


def agreed(said: Iterable[str]) -> str:
    """The one platform that all name that name any; '' where there is none, or they differ."""
    found = set(said) - {""}
    return found.pop() if len(found) == 1 else ""


def missing(status: int, message: str, sql: str, platform: str = "") -> str:
    """The table that osquery says it does not have, where the question reads it and only some platforms have
    it, not this one if it is known; '' for success, and for every other message."""
    if not status or len(message) > LONGEST:
        return ""
    if message.strip() == _NO_COLUMN:
        name, only = "groups", frozenset({"windows"})
        asked = "group_sid" in sql
    else:
        found = _MISSING.fullmatch(message.strip())
        name = found[1] if found else ""
        only, asked = has(name), name in {one.lower() for one in _FROM.findall(sql)}
    return name if asked and only != EVERYWHERE and platform not in only else ""


def _bits(text: str) -> str:
    found = _TYPE.fullmatch(text)
    number = int(found[1]) if found else 0
    named = [name for bit, name in _BITS.items() if number & bit]
    return named[0] if len(named) == 1 else ""


def _named(text: str) -> str:
    plain = text.strip().casefold()
    return plain if plain in PLATFORMS else "linux" if plain in _DISTRIBUTIONS else ""
