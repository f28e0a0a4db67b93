"""Who stands behind an address outside: by a list of common services, and by the zones of the company."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from ipaddress import ip_network
from typing import Literal

from sekisho.model.addresses import IPAddress, IPNetwork

Kind = Literal["storage", "mixed", "code", "text", "messages", "tunnel", "zone"]
"""What a party is used for; `mixed` are addresses behind which storage is one of many things, `zone` a party
that the company itself has named."""


@dataclass(frozen=True, slots=True)
class Party:
    """Whose address or name it is; `said` is how that is known."""

    name: str
    kind: Kind
    said: str


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the list: its ranges, and the names it answers to."""

    name: str
    kind: Kind
    source: str
    prefixes: tuple[IPNetwork, ...]
    names: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Clouds:
    """The list as it was on a day."""

    as_of: date
    services: tuple[Service, ...]

    def of_address(self, address: IPAddress) -> Party | None:
        """Whose range it is in; the narrowest."""
        found = [
            (prefix.prefixlen, service, prefix)
            for service in self.services
            for prefix in service.prefixes
            if prefix.version == address.version and address in prefix
        ]
        if not found:
            return None
        _, service, prefix = max(found, key=lambda one: one[0])
        said = f"{prefix} is {service.name}'s, by the list of {self.as_of}"
        return Party(service.name, service.kind, said)

    def of_names(self, names: Iterable[str]) -> Party | None:
        """Whose one of the names is: the first that is anybody's."""
        for name in names:
            labels = tuple(name.lower().removesuffix(".").split("."))
            for service in self.services:
                if any(_matches(labels, one) for one in service.names):
                    return Party(service.name, service.kind, f"it was asked for as {name[:253]}")
        return None


def _matches(labels: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    end = labels[-len(wanted) :]
    return len(end) == len(wanted) and all(b in ("*", a) for a, b in zip(end, wanted, strict=True))


@cache
def clouds() -> Clouds:
    """The list that comes with the program."""
    read = tomllib.loads(files(__package__).joinpath("clouds.toml").read_text(encoding="utf-8"))
    return Clouds(
        read["as_of"],
        tuple(
            Service(
                one["name"],
                one["kind"],
                one["source"],
                tuple(ip_network(prefix) for prefix in one.get("prefixes", ())),
                tuple(tuple(name.split(".")) for name in one.get("names", ())),
            )
            for one in read["services"]
        ),
    )
