"""MISP's warning lists: what keeps an indicator from raising an alarm, each by its name.

Read from a folder or the package pymispwarninglists (the extra `warninglists`), when somebody asks. Of the
types `cidr`, `string` and `hostname` are used; `regex` and `substring` are not: they take a time that nobody
bounds, and match more than they say. A name is on a list only where it stands there itself: what is below
`github.io` belongs to its customers.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from sekisho.errors import RequestError
from sekisho.intel.base import FeedError
from sekisho.intel.documents import document, texts
from sekisho.intel.values import words
from sekisho.model.addresses import bounds, parse_prefix
from sekisho.model.indicators import IndicatorKind

PACKAGE = "pymispwarninglists"
LARGEST = 128 << 20
MOST = 2_000_000
"""Entries of all lists of a sort that are used."""
MOST_LISTS = 2000
_NETWORKS = frozenset({"ip-src", "ip-dst", "domain|ip", "ip-src|port", "ip-dst|port"})
_NAMES = frozenset({"domain", "hostname", "url", "uri"})
_HASHES = frozenset({"md5", "sha1", "sha256", "x509-fingerprint-sha1", "x509-fingerprint-sha256"})
_HASHED = frozenset(
    {
        IndicatorKind.MD5,
        IndicatorKind.SHA1,
        IndicatorKind.SHA256,
        IndicatorKind.CERTIFICATE_SHA1,
        IndicatorKind.CERTIFICATE_SHA256,
    }
)


@dataclass(frozen=True, slots=True)
class Ranges:
    """Ranges of 128-bit numbers in order, each with the list that it is on."""

    starts: list[int]
    ends: list[int]
    names: list[str]

    def holding(self, first: int, last: int) -> str | None:
        """The list that holds all of a range; None where none does."""
        at = bisect_right(self.starts, first) - 1
        return self.names[at] if at >= 0 and self.ends[at] >= last else None


@dataclass(frozen=True)
class WarningLists:
    """The lists that are used, read when they are first asked. `folders` hold them as MISP lays them out
    (`NAME/list.json`), or as `NAME.json`; `use` are names beyond those of the table, `leave_out` some of it."""

    folders: tuple[Path, ...] = ()
    use: frozenset[str] = frozenset()
    leave_out: frozenset[str] = field(default=frozenset())

    def __bool__(self) -> bool:
        return bool(self.folders)

    def of_range(self, first: int, last: int) -> str | None:
        """The list that all addresses of a range (128-bit numbers) are on."""
        return self._networks.holding(first, last) if self.folders else None

    def of_name(self, name: str) -> str | None:
        """The list that a name is on."""
        return self._names.get(name) if self.folders else None

    def of_hash(self, kind: IndicatorKind, value: str) -> str | None:
        """The list that the hash of a file or certificate is on."""
        return self._hashes.get(value) if self.folders and kind in _HASHED else None

    @cached_property
    def used(self) -> tuple[str, ...]:
        """Which lists are used, of those that are there."""
        return tuple(sorted(name for name in self._there if self._wanted(name)))

    @cached_property
    def _there(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for folder in self.folders:
            if not folder.is_dir():
                raise FeedError(f"{folder} is no folder of warning lists", "look at `warning_lists:`")
            for path in sorted(folder.iterdir()):
                name, place = path.name, path / "list.json"
                if path.suffix == ".json" and path.is_file():
                    name, place = path.stem, path
                if place.is_file() and len(found) < MOST_LISTS:
                    found[name] = place
        unknown = sorted((self.use | self.leave_out) - found.keys() - _table().keys())
        if unknown:
            raise RequestError(
                f"there is no warning list {unknown[0][:60]}", "look at `warning_lists:`"
            )
        return found

    def _wanted(self, name: str) -> bool:
        return name not in self.leave_out and (name in _table() or name in self.use)

    def _read(self, sort: str) -> Iterator[tuple[str, str, Iterable[str]]]:
        """Title, type and entries of the used lists of a sort; of those of no known sort their own attributes
        decide."""
        read = 0
        for name in self.used:
            if _table().get(name, sort) != sort:
                continue
            title, kind, attributes, entries = _list(self._there[name])
            if name not in _table() and _sort(attributes) != sort:
                continue
            read += len(entries)
            if read > MOST:
                raise FeedError(f"warning lists of over {MOST:,} entries", "use fewer of them")
            yield title or name, kind, entries

    @cached_property
    def _networks(self) -> Ranges:
        ranges: list[tuple[int, int, str]] = []
        for title, _, entries in self._read("addresses"):
            for entry in entries:
                try:
                    first, last = bounds(parse_prefix(entry.strip()))
                except ValueError:
                    continue
                ranges.append((first, -last, title))
        starts: list[int] = []
        ends: list[int] = []
        names: list[str] = []
        for first, minus, title in sorted(ranges):
            # The widest of those that begin alike comes first, and holds what lies within.
            if not ends or -minus > ends[-1]:
                starts.append(first)
                ends.append(-minus)
                names.append(title)
        return Ranges(starts, ends, names)

    @cached_property
    def _names(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for title, kind, entries in self._read("names"):
            if kind in ("string", "hostname"):
                for entry in entries:
                    found.setdefault(entry.strip().strip(".").lower(), title)
        found.pop("", None)
        return found

    @cached_property
    def _hashes(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for title, kind, entries in self._read("hashes"):
            if kind == "string":
                for entry in entries:
                    found.setdefault(entry.strip().lower(), title)
        return found


NONE = WarningLists()


def package_folder() -> Path:
    """Where the package keeps its lists. Raises RequestError where it is not installed."""
    try:
        import pymispwarninglists
    except ImportError:
        raise RequestError(
            f"the package {PACKAGE} is not installed",
            "pip install 'sekisho[warninglists]', or name a folder of lists with `folder:`",
        ) from None
    return Path(pymispwarninglists.__file__).parent / "data" / "misp-warninglists" / "lists"


def _list(path: Path) -> tuple[str, str, frozenset[str], list[str]]:
    body: Any = document(path, LARGEST)
    if not isinstance(body, dict) or not isinstance(body.get("list"), list):
        raise FeedError(f"{path} is no warning list: `list` is missing")
    attributes = frozenset(texts(body.get("matching_attributes")))
    return words(body.get("name")), words(body.get("type")), attributes, texts(body["list"])


def _sort(attributes: frozenset[str]) -> str:
    if attributes & _HASHES:
        return "hashes"
    if attributes & _NAMES:
        return "names"
    return "addresses" if attributes & _NETWORKS else ""


@cache
def _table() -> Mapping[str, str]:
    """By name of a list that is used, its sort."""
    read = tomllib.loads(files(__package__).joinpath("warning_lists.toml").read_text(encoding="utf-8"))
    return {name: sort for sort in ("addresses", "names", "hashes") for name in read[sort]}
