"""Which installed software CISA's catalogue of exploited vulnerabilities names.

The catalogue has a vendor and a product in words, and no versions: whether what is installed is affected is for
the vendor's advisory. So each match says by which words it is one.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from sekisho.model.terminals import Program

How = Literal["name", "part_of_name", "alias"]
"""`name`: the program is called just so; `part_of_name`: its name holds more words; `alias`: by a list."""
_WORD = re.compile(r"[a-z0-9.+#]+")
_BRACKETS = re.compile(r"\([^)]*\)")
_SPLIT = re.compile(r",|/|&|\band\b|\bor\b")
_VERSION = re.compile(r"v?\d[\d.]*|x64|x86|amd64|arm64|32|64|bit|en|us|de|ja|jp|update|edition|version")
_FIRM = frozenset(
    (
        *(
            "inc",
            "llc",
            "ltd",
            "gmbh",
            "corp",
            "corporation",
            "co",
            "company",
            "limited",
            "ag",
            "sa",
            "bv",
        ),
        *(
            "ab",
            "srl",
            "foundation",
            "software",
            "systems",
            "technologies",
            "technology",
            "project",
            "team",
        ),
        *("the", "of", "community", "development"),
    )
)
"""Words of a firm's name that tell it from no other."""
_GENERIC = frozenset(
    (
        *(
            "server",
            "client",
            "software",
            "products",
            "product",
            "gateway",
            "agent",
            "service",
            "services",
        ),
        *(
            "framework",
            "suite",
            "center",
            "data",
            "devices",
            "device",
            "os",
            "system",
            "systems",
            "multiple",
        ),
        *("manager", "desktop", "core", "web", "enterprise", "router", "routers"),
    )
)
"""Words that alone are no product's name."""


@dataclass(frozen=True, slots=True)
class Exploited:
    """One entry of the catalogue. `vendor` and `product` are its own words."""

    cve: str
    vendor: str
    product: str


@dataclass(frozen=True, slots=True)
class Match:
    """A program that an entry names, and by which words."""

    program: Program
    how: How
    why: str


@dataclass(frozen=True, slots=True)
class _Alias:
    vendor: str
    product: str
    names: tuple[tuple[str, ...], ...]
    why: str
    system: bool


class Software:
    """What is installed anywhere, each program once, to be asked for by what the catalogue says. `systems` are
    operating systems, `programs` all else."""

    def __init__(self, programs: Iterable[Program], systems: Iterable[Program] = ()) -> None:
        self._by_word: dict[str, list[tuple[Program, tuple[str, ...]]]] = defaultdict(list)
        for one in programs:
            name = _words(one.name)
            for word in set(name):
                self._by_word[word].append((one, name))
        self._systems = [(one, _words(one.name)) for one in systems]

    def of(self, entry: Exploited) -> tuple[Match, ...]:
        """The programs that an entry names, by name; none where it names no single product."""
        if not joinable(entry):
            return ()
        found = {one.program: one for one in self._named(entry)}
        for alias in _aliases():
            if entry.vendor.lower().startswith(alias.vendor) and entry.product.lower().startswith(
                alias.product
            ):
                for one in self._called(alias):
                    found.setdefault(one.program, one)
        return tuple(found[program] for program in sorted(found))

    def _named(self, entry: Exploited) -> Iterator[Match]:
        vendor = tuple(word for word in _words(entry.vendor) if word not in _FIRM) or _words(
            entry.vendor
        )
        for part in _parts(entry.product):
            product = tuple(word for word in part if word not in vendor) or part
            if not product or all(word in _GENERIC for word in product) or _of_system(product):
                continue
            rarest = min(product, key=lambda word: len(self._by_word.get(word, ())))
            for program, name in self._by_word.get(rarest, ()):
                publisher = _words(program.publisher)
                if _follows(name, product) and all(w in publisher or w in name for w in vendor):
                    yield _match(program, name, vendor, product)

    def _called(self, alias: _Alias) -> Iterator[Match]:
        if alias.system:
            candidates = self._systems
        else:
            candidates = [one for name in alias.names for one in self._by_word.get(name[0], ())]
        for program, name in candidates:
            if any(_follows(name, called) for called in alias.names):
                yield Match(program, "alias", alias.why)


def joinable(entry: Exploited) -> bool:
    """Whether it names a product at all: `Multiple Products` could be any of the vendor's."""
    return bool(entry.product.strip()) and not entry.product.lower().startswith("multiple")


def _of_system(product: tuple[str, ...]) -> bool:
    """Parts of Windows are of the system; `Windows` in a program's name says what it runs on."""
    return product[0] in ("windows", "win32k")


def _match(
    program: Program, name: tuple[str, ...], vendor: tuple[str, ...], product: tuple[str, ...]
) -> Match:
    rest = [w for w in name if w not in product and w not in vendor and not _VERSION.fullmatch(w)]
    where = "publisher" if all(w in _words(program.publisher) for w in vendor) else "name"
    said = f"its {where} has “{' '.join(vendor)}”, its name “{' '.join(product)}”"
    return Match(program, "part_of_name" if rest else "name", said)


def _follows(name: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Whether words stand in a name one after the other."""
    size = len(words)
    return any(name[at : at + size] == words for at in range(len(name) - size + 1))


def _parts(product: str) -> Iterator[tuple[str, ...]]:
    """`Acrobat and Reader` is two products."""
    plain = _BRACKETS.sub(" ", product.lower())
    for part in (plain, *_SPLIT.split(plain)):
        if words := _words(part):
            yield words


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip(".") for word in _WORD.findall(text.lower()) if word.strip("."))


@cache
def _aliases() -> tuple[_Alias, ...]:
    read: Mapping[str, list[dict[str, object]]] = tomllib.loads(
        files(__package__).joinpath("software.toml").read_text(encoding="utf-8")
    )
    return tuple(
        _Alias(
            str(one["vendor"]),
            str(one["product"]),
            tuple(_words(str(name)) for name in _list(one["names"])),
            str(one["why"]),
            one.get("system") is True,
        )
        for one in read["alias"]
    )


def _list(given: object) -> list[object]:
    return given if isinstance(given, list) else []
