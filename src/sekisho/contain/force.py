"""The restrictions in force, worked out together: what each cuts, and since when at which gateway."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sekisho.contain.cutting import Cutting, OfNow
from sekisho.contain.exemptions import read_path
from sekisho.contain.points import Path
from sekisho.contain.probing.known import Known
from sekisho.contain.proposal import Ground
from sekisho.contain.regions import Atlas
from sekisho.contain.severing import Asked, End, Severed, ask, sever
from sekisho.contain.standing import INTERNET, Standing
from sekisho.errors import RequestError
from sekisho.model.probes import Probe
from sekisho.model.restrictions import Restriction
from sekisho.model.rules import Selector
from sekisho.policy.ports import covers, key, spans_of


@dataclass(frozen=True, slots=True)
class Enforced:
    """A plan in force. `since` (aware UTC) is when each gateway that holds it was told, by name."""

    plan: str
    restriction: Restriction
    since: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Opening:
    """A sentence that was exempt from all plans in [begin, end) (aware UTC)."""

    name: str
    sentence: str
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """A plan in force, worked out."""

    plan: str
    severed: Severed
    cutting: Cutting
    since: Mapping[str, datetime]

    def gateways(self, src: int, dst: int) -> tuple[str, ...]:
        """The gateways that cut connections of two classes and were told to, the first told first."""
        found = [name for name in self.cutting.gateways(src, dst) if name in self.since]
        return tuple(sorted(found, key=lambda name: (self.since[name], name)))


class Force(OfNow):
    """Restrictions as one register that judges evidence: what any of them cuts violates. The addresses mean
    what they mean now, whenever they were seen."""

    def __init__(
        self,
        enforced: Iterable[Enforced],
        ground: Ground,
        openings: Iterable[Opening] = (),
        probes: Iterable[Probe] = (),
    ) -> None:
        self.probes = Known(probes)
        asked: dict[str, Asked] = {}
        unknown: dict[str, str] = {}
        plans = {one.plan: one for one in enforced}
        for name, one in plans.items():
            try:
                asked[name] = ask(one.restriction, ground.inventory, ground.policy, ground.now)
            except RequestError as error:
                unknown[name] = str(error)
        paths: list[tuple[Opening, Path]] = []
        for opening in openings:
            try:
                path = read_path(opening.sentence, ground.inventory, ground.policy.services)
            except RequestError as error:
                unknown[opening.name] = str(error)
                continue
            paths.append((opening, path))
        self.atlas = Atlas(
            ground.inventory,
            [
                *(selector for one in asked.values() for selector in one.selectors),
                *ground.points.selectors,
                *(one for _, path in paths for one in (*path.sources, *path.destinations)),
                INTERNET,
                *(Selector("zone", name) for name in ground.inventory.zones),
            ],
            ground.now,
        )
        self.standing = Standing(ground.points.gateways.values(), self.atlas)
        holds = []
        for name, it in asked.items():
            try:
                severed = sever(it, ground.points, self.atlas)
            except RequestError as error:
                unknown[name] = str(error)
                continue
            cutting = Cutting(severed, self.standing, self.atlas)
            holds.append(Hold(name, severed, cutting, plans[name].since))
        self.holds = tuple(holds)
        self._openings = [
            (
                one,
                self.atlas.all_selected(path.sources),
                self.atlas.all_selected(path.destinations),
                spans_of(path.services),
            )
            for one, path in paths
        ]
        self.unknown: Mapping[str, str] = unknown
        """Plans and exemptions of which the register does not say any more what they are about, and why not."""

    @property
    def moments(self) -> tuple[datetime, ...]:
        """When any gateway was told any of them, each once."""
        return tuple(sorted({at for one in self.holds for at in one.since.values()}))

    def cut(self, src: int, dst: int, protocol: int, port: int) -> bool:
        """Whether any plan cuts a connection of two classes, wherever that can be enforced."""
        return any(one.cutting.cut(src, dst, protocol, port) for one in self.holds)

    def enforcing(
        self, src: int, dst: int, protocol: int, port: int
    ) -> Iterator[tuple[Hold, tuple[str, ...]]]:
        """The plans that cut a connection of two classes at a gateway that was told to, with these
        gateways."""
        for one in self.holds:
            if one.cutting.cut(src, dst, protocol, port) and (names := one.gateways(src, dst)):
                yield one, names

    def openings(self, src: End, dst: End, protocol: int, port: int) -> tuple[Opening, ...]:
        """Those in which a connection that `src` begins was exempt."""
        value = key(protocol, port)
        return tuple(
            one
            for one, sources, destinations, spans in self._openings
            if sources.holds(*src) and destinations.holds(*dst) and covers(spans, value)
        )
