"""The packs that come with the program, read from their files of data."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

_SUFFIX = ".toml"


@dataclass(frozen=True, slots=True)
class Step:
    """A check, and why it is worth asking in this kind of incident."""

    check: str
    why: str


@dataclass(frozen=True, slots=True)
class Pack:
    """Checks for a kind of incident, the first ones first. `scenario` is the simulated one that it is for."""

    name: str
    title: str
    scenario: str
    why: str
    steps: tuple[Step, ...]

    def asked(self, can: Collection[str]) -> tuple[str, ...]:
        """Its checks in order, of those that can be asked."""
        return tuple(step.check for step in self.steps if step.check in can)


@cache
def packs() -> Mapping[str, Pack]:
    """Every pack by name."""
    found = {}
    for place in sorted(files(__package__).iterdir(), key=lambda one: one.name):
        if place.name.endswith(_SUFFIX):
            name = place.name.removesuffix(_SUFFIX)
            said = tomllib.loads(place.read_text(encoding="utf-8"))
            steps = tuple(Step(step["check"], step["why"]) for step in said["steps"])
            why = " ".join(said["why"].split())
            found[name] = Pack(name, said["title"], said["scenario"], why, steps)
    return MappingProxyType(found)
