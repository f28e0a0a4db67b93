"""What the search for steps asks of relays: whose a connection is, and what that weighs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import log10

from sekisho.investigate.fabric import Fabric
from sekisho.investigate.factors.base import Step, Weight
from sekisho.investigate.relays.base import TOLD, Held, Stitch
from sekisho.model.sites import RelayKind

WORDS: dict[RelayKind, str] = {
    "proxy": "proxy",
    "jump": "jump host",
    "nat": "NAT gateway",
    "vpn": "VPN gateway",
    "load_balancer": "load balancer",
}
USE, ACTS = -1.5, 0.8
"""A session into a relay is what it is there for; what it opens with nobody in session is its own."""


@dataclass(frozen=True)
class Relaying:
    """Stitched rows, rows that relaying explains, and the relays by host, see `Stitched`."""

    stitches: Mapping[int, Stitch] = field(default_factory=dict)
    relayed: frozenset[int] = frozenset()
    hosts: Mapping[int, Held] = field(default_factory=dict)

    @cached_property
    def _by_row(self) -> dict[int, list[int]]:
        """Stitched rows by the logged ones that they are made of."""
        found: dict[int, list[int]] = defaultdict(list)
        for row, stitch in self.stitches.items():
            if stitch.hidden or stitch.share >= TOLD:
                for logged in dict.fromkeys((stitch.out, *(leg.row for leg in stitch.legs))):
                    found[logged].append(row)
        return found

    @cached_property
    def _guesses(self) -> dict[int, frozenset[int]]:
        found: dict[int, set[int]] = defaultdict(set)
        for row, stitch in self.stitches.items():
            if not stitch.hidden and stitch.share < TOLD:
                found[stitch.out].add(row)
        return {out: frozenset(rows) for out, rows in found.items()}

    def guesses(self, out: int) -> frozenset[int]:
        """Rows that give what a relay opened (logged row `out`) to one of several who may have."""
        return self._guesses.get(out, frozenset())

    def instead(self, rows: Iterable[int]) -> set[int]:
        """The rows to begin with: what stands for relayed ones in their place, and beside what a relay
        opened by itself too."""
        found: set[int] = set()
        for row in rows:
            stitch = self.stitches.get(row)
            if stitch is not None and not stitch.hidden and stitch.share < TOLD:
                continue
            if row not in self.relayed or row not in self._by_row:
                found.add(row)
            found.update(self._by_row.get(row, ()))
        return found

    def weights(self, fabric: Fabric, step: Step, at: int) -> Iterator[Weight]:
        """What relaying says of a step."""
        stitch = self.stitches.get(step.row)
        if stitch is not None:
            if not stitch.hidden and stitch.share < TOLD:
                text = f"one of those who may have opened it through {stitch.relay.name}: {stitch.why}"
                yield Weight("client", log10(max(stitch.share, 0.01)), text)
            return
        src, dst = int(fabric.src[step.row]), int(fabric.dst[step.row])
        into, out = self.hosts.get(dst), self.hosts.get(src)
        if step.kind != "connect":
            return
        if into is not None and into.at(dst, at):
            text = f"{into.relay.name} is a {WORDS[into.relay.kind]}: a session into it is its use"
            yield Weight("use", USE, text)
        if out is not None and out.relay.kind != "nat" and out.at(src, at):
            text = f"the {WORDS[out.relay.kind]} opened it while nobody was in session with it"
            yield Weight("acts", ACTS, text)
