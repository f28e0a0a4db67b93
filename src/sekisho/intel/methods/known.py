"""The two lists that come with the program: what is on record here, and what looks for what."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from sekisho.intel.attack.catalogue import Catalogue, LogSource, Technique
from sekisho.model.methods import Where

From = Literal["flows", "names", "logons", "events", "terminals"]


@dataclass(frozen=True, slots=True)
class Component:
    """One of ATT&CK's data components that a source is. `logs` None: in whatever log."""

    name: str
    why: str
    logs: re.Pattern[str] | None = None
    tactics: frozenset[str] = frozenset()

    def is_of(self, shown: LogSource, technique: Technique) -> bool:
        """Whether that source of a technique is this one."""
        return (
            shown.component == self.name
            and (self.logs is None or not shown.log or self.logs.fullmatch(shown.log) is not None)
            and (not self.tactics or bool(self.tactics & set(technique.tactics)))
        )


@dataclass(frozen=True, slots=True)
class Source:
    """One source. By `origin`, `sees`, `kinds`, `events` (`channel:number`) or `check` say what is asked;
    `relations` are the records of sensors of which Sigma rules are asked for it."""

    id: str
    title: str
    origin: From
    sees: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    check: str = ""
    logsources: tuple[str, ...] = ()
    relations: frozenset[str] = frozenset()
    components: tuple[Component, ...] = ()


@dataclass(frozen=True, slots=True)
class Shows:
    """A technique that a source shows, although ATT&CK does not say so."""

    source: str
    techniques: frozenset[str]
    why: str


@dataclass(frozen=True, slots=True)
class Look:
    """Something that looks for techniques; see looks.toml."""

    id: str
    title: str
    where: Where
    why: str
    needs: tuple[str, ...]
    techniques: frozenset[str]
    services: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    checks: frozenset[str] = frozenset()
    vias: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Known:
    """Both lists as they were on a day."""

    as_of: date
    tactics: tuple[str, ...]
    techniques: frozenset[str]
    sources: Mapping[str, Source]
    shows: tuple[Shows, ...]
    looks: tuple[Look, ...]

    def scope(self, catalogue: Catalogue) -> tuple[Technique, ...]:
        """The techniques that are asked about: those that count, of the tactics and single ones of the list."""
        return tuple(one for one in catalogue.techniques.values() if self.in_scope(one))

    def in_scope(self, one: Technique) -> bool:
        """Whether a technique is one of these."""
        return one.status == "active" and (
            bool(set(one.tactics) & set(self.tactics)) or bool({one.id, one.parent} & self.techniques)
        )

    def read_by(self, logsource: str) -> tuple[str, ...]:
        """The sources that a Sigma rule of this log source reads; none where nothing here is that."""
        return tuple(
            one.id
            for one in self.sources.values()
            if any(logsource == name or logsource.startswith(f"{name}/") for name in one.logsources)
        )


@cache
def known() -> Known:
    """The lists that come with the program."""
    read, looks = _read("sources.toml"), _read("looks.toml")
    sources = [_source(one) for one in read["source"]]
    return Known(
        as_of=min(read["as_of"], looks["as_of"]),
        tactics=tuple(read["scope"]["tactics"]),
        techniques=frozenset(read["scope"]["techniques"]),
        sources={one.id: one for one in sources},
        shows=tuple(
            Shows(one["source"], frozenset(one["techniques"]), one["why"]) for one in read["shows"]
        ),
        looks=tuple(_look(one) for one in looks["look"]),
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def _source(one: dict[str, Any]) -> Source:
    return Source(
        id=one["id"],
        title=one["title"],
        origin=one["from"],
        sees=frozenset(one.get("sees", ())),
        kinds=frozenset(one.get("kinds", ())),
        events=frozenset(one.get("events", ())),
        check=one.get("check", ""),
        logsources=tuple(one.get("logsources", ())),
        relations=frozenset(one.get("relations", ())),
        components=tuple(
            Component(
                part["name"],
                part["why"],
                re.compile(part["logs"]) if "logs" in part else None,
                frozenset(part.get("tactics", ())),
            )
            for part in one.get("component", ())
        ),
    )


def _look(one: dict[str, Any]) -> Look:
    sets = {
        name: frozenset(one.get(name, ()))
        for name in ("techniques", "services", "kinds", "checks", "vias")
    }
    return Look(one["id"], one["title"], one["where"], one["why"], tuple(one["needs"]), **sets)
