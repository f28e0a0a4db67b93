"""What a restriction cuts of everything that was seen: decided for classes of addresses, not one by one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from sekisho.contain.regions import Atlas, Region
from sekisho.contain.severing import Cut, Severed
from sekisho.contain.standing import Standing
from sekisho.model.flows import TIME
from sekisho.model.verdicts import Rank
from sekisho.policy.ports import Span, covers, key, union

CUT = Rank.UNAUTHORIZED
"""What a connection that is cut is to the store, so that its measures are those of a violation."""
_SPARED = Rank.AUTHORIZED


class OfNow(ABC):
    """A register that judges evidence by the addresses of now, whenever they were seen, and by what does not
    change over the evidence. `atlas` is set by whoever is one."""

    epochs: Sequence[datetime] = ()
    cuts: Sequence[datetime] = ()
    atlas: Atlas

    def label(self, addresses: Any) -> Any:
        """Append `class` to a table of `epoch`, `realm`, `hi`, `lo`."""
        return self.atlas.label(addresses)

    def decide(self, combinations: Any) -> Any:
        """The table of `src_class`, `dst_class`, `protocol`, `port` with `begin`, `end` (null) and `rank`: what
        is cut violates, at all times."""
        columns = [
            combinations[name].to_pylist() for name in ("src_class", "dst_class", "protocol", "port")
        ]
        ranks = [int(CUT if self.cut(*row) else _SPARED) for row in zip(*columns, strict=True)]
        always = pa.nulls(len(ranks), TIME)
        return (
            combinations.select(["src_class", "dst_class", "protocol", "port"])
            .append_column("begin", always)
            .append_column("end", always)
            .append_column(
                pa.field("rank", pa.int8(), nullable=False), pa.array(np.array(ranks, np.int8))
            )
        )

    @abstractmethod
    def cut(self, src: int, dst: int, protocol: int, port: int) -> bool:
        """Whether a connection of two classes violates it."""


class Cutting(OfNow):
    """A restriction as the register that judges evidence. The addresses mean what they mean now, whenever
    they were seen: that is what gateways will cut."""

    def __init__(self, severed: Severed, standing: Standing, atlas: Atlas) -> None:
        self.atlas = atlas
        self._ways = _Ways(severed.cuts, atlas)
        # A gateway cuts all of a severed host that it meets; it meets only what its links carry.
        self._carried = {
            gateway.name: _Ways(
                [
                    piece
                    for cut in severed.cuts
                    for piece in standing.narrowed(gateway, replace(cut, whole=False))
                ],
                atlas,
            )
            for gateway in standing.gateways
        }
        self._kept = [
            (atlas.member(one.sources), atlas.member(one.destinations), one.spans)
            for one in severed.kept
        ]
        self._open: dict[tuple[int, int], tuple[Span, ...]] = {}

    def cut(self, src: int, dst: int, protocol: int, port: int) -> bool:
        """Whether a connection of two classes is cut by the plan, wherever that can be enforced."""
        return self._ways.hold(src, dst) and not self._keeps(src, dst, key(protocol, port))

    def spared(self, src: int, dst: int, protocol: int, port: int) -> bool:
        """Whether a connection of two classes goes on although its way is cut: a rule keeps it open."""
        return self._ways.hold(src, dst) and self._keeps(src, dst, key(protocol, port))

    def gateways(self, src: int, dst: int) -> tuple[str, ...]:
        """The gateways that cut a connection of two classes."""
        return tuple(name for name, ways in self._carried.items() if ways.hold(src, dst))

    def _keeps(self, src: int, dst: int, value: int) -> bool:
        spans = self._open.get((src, dst))
        if spans is None:
            # Pairs of classes are few where connections are many: the rules are gone through once for each.
            spans = self._open[src, dst] = union(
                span
                for sources, destinations, of in self._kept
                if sources[src] and destinations[dst]
                for span in of
            )
        return covers(spans, value)


class Going(OfNow):
    """What goes on at some gateways although they cut, as the register that judges evidence: it violates there,
    so that it is measured."""

    def __init__(self, cutting: Cutting, gateways: Iterable[str]) -> None:
        self.atlas = cutting.atlas
        self._cutting, self._gateways = cutting, frozenset(gateways)

    def cut(self, src: int, dst: int, protocol: int, port: int) -> bool:
        """Whether a connection of two classes goes on at one of them."""
        return self._cutting.spared(src, dst, protocol, port) and not self._gateways.isdisjoint(
            self._cutting.gateways(src, dst)
        )


class _Ways:
    """Ways of cuts over classes, each pair worked out once."""

    def __init__(self, cuts: Iterable[Cut], atlas: Atlas) -> None:
        members: dict[int, Sequence[bool]] = {}

        def member(region: Region) -> Sequence[bool]:
            if id(region) not in members:
                members[id(region)] = atlas.member(region)
            return members[id(region)]

        self._ways = [(member(a), member(b)) for cut in cuts for a, b in cut.ways()]
        self._known: dict[tuple[int, int], bool] = {}

    def hold(self, src: int, dst: int) -> bool:
        """Whether one of them goes from the one class to the other."""
        found = self._known.get((src, dst))
        if found is None:
            found = any(a[src] and b[dst] for a, b in self._ways)
            self._known[src, dst] = found
        return found
