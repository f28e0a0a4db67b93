"""The hops of an investigation, each once, in order of time."""

from __future__ import annotations

from dataclasses import dataclass

from sekisho.model.hops import HopDocument
from sekisho.model.incidents import InvestigationDocument, TracesRemoved


@dataclass(frozen=True, slots=True)
class Step:
    """A hop with its number (from 1, by time) and the numbers of the paths that it is part of.

    `origin` and `target` are the ends as control went, `(realm, address)`: of a reverse hop the one that
    answered steered the one that opened the session.
    """

    number: int
    hop: HopDocument
    paths: tuple[int, ...]

    @property
    def origin(self) -> tuple[str, str]:
        """Where control came from."""
        return self._dst if self.hop.kind == "reverse" else self._src

    @property
    def target(self) -> tuple[str, str]:
        """Where control went to."""
        return self._src if self.hop.kind == "reverse" else self._dst

    @property
    def origin_site(self) -> str | None:
        """The site of `origin`."""
        return self.hop.dst_site if self.hop.kind == "reverse" else self.hop.src_site

    @property
    def target_site(self) -> str | None:
        """The site of `target`."""
        return self.hop.src_site if self.hop.kind == "reverse" else self.hop.dst_site

    def behind(self, end: tuple[str, str]) -> str:
        """`somebody behind gw-1, ` where an end is a relay that hides who it was; else empty."""
        hidden = self.hop.hidden_behind
        if hidden is None or (hidden.realm or "", hidden.address) != end:
            return ""
        return f"somebody behind {hidden.relay}, "

    @property
    def through(self) -> str:
        """The declared relays that passed it on, `gw-1 (10.1.0.9)`; empty where none did."""
        return ", ".join(f"{relay.relay} ({relay.address})" for relay in self.hop.through)

    @property
    def _src(self) -> tuple[str, str]:
        return self.hop.src_realm or "", self.hop.src

    @property
    def _dst(self) -> tuple[str, str]:
        return self.hop.dst_realm or "", self.hop.dst


def steps(document: InvestigationDocument) -> tuple[Step, ...]:
    """Every hop of every path. The same document gives the same numbers."""
    found: dict[tuple[object, ...], tuple[HopDocument, list[int]]] = {}
    for number, path in enumerate(document.paths, 1):
        for hop in path.hops:
            _, paths = found.setdefault(_key(hop), (hop, []))
            if number not in paths:
                paths.append(number)
    ordered = sorted(found.items(), key=lambda item: item[0])
    return tuple(Step(n, hop, tuple(paths)) for n, (_, (hop, paths)) in enumerate(ordered, 1))


def service_of(hop: HopDocument | TracesRemoved) -> str:
    """`smb`, or `tcp/9999` where the port has no name."""
    return hop.service or (f"{hop.protocol}/{hop.port}" if hop.port else hop.protocol)


def _key(hop: HopDocument) -> tuple[object, ...]:
    ends = hop.src_realm or "", hop.src, hop.dst_realm or "", hop.dst
    return hop.at, *ends, hop.protocol, hop.port, hop.kind
