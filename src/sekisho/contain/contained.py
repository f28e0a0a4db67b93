"""Whether a plan holds: what the gateways say, what the sensors saw, and who was looking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sekisho.audit.coverage import Coverage
from sekisho.audit.sight import Sight
from sekisho.audit.stretches import hour_of, minus
from sekisho.contain.force import Hold
from sekisho.contain.regions import Atlas
from sekisho.contain.severing import Severed
from sekisho.model.containment import Contained, Crossed, ReadBack, Unwatched, Watching
from sekisho.model.plans import GatewayState
from sekisho.model.probes import Probed

HELD: frozenset[GatewayState] = frozenset({"applied", "confirmed", "elsewhere"})
"""States in which a gateway is to hold a plan."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Who looked at what is severed."""

    sensors: tuple[Watching, ...] = ()
    unwatched: tuple[Unwatched, ...] = ()


@dataclass(slots=True)
class Lookers:
    """Works out who looked from `start` until `now` (aware UTC). `last` is each sensor's latest evidence."""

    coverage: Coverage
    sight: Sight
    last: Mapping[str, datetime]
    start: datetime
    now: datetime
    _able: set[str] = field(default_factory=set)

    def at(self, hold: Hold, atlas: Atlas) -> Looked:
        """The sensors that could see what the plan severs, and the pairs of places that none saw."""
        unwatched = [
            Unwatched.model_validate({"from": begin, "to": end, "why": why})
            for begin, end in severed_pairs(hold.severed, atlas)
            if (why := self._blind(begin, end, atlas.inventory.sites))
        ]
        rows = (self._watching(name) for name in sorted(self._able))
        return Looked(tuple(rows), tuple(unwatched))

    def _blind(self, begin: str, end: str, sites: Iterable[str]) -> str | None:
        able = able_between(begin, end, sites, self.sight)
        self._able |= able
        if not able:
            return "no sensor of sites.yaml sees what passes between them"
        fresh = [name for name in able if name in self.last and self.last[name] > self.start]
        if not fresh:
            return f"{', '.join(sorted(able))} recorded nothing since"
        gaps = minus([self._hours], self.coverage.covered(frozenset(able)))
        if gaps:
            hours = sum(last - first for first, last in gaps)
            return f"nobody recorded {hours} of {self._hours[1] - self._hours[0]} hours since"
        return None

    @property
    def _hours(self) -> tuple[int, int]:
        """The hours that must be covered: the one that runs now is not over yet."""
        first = hour_of(self.start)
        return first, max(first, hour_of(self.now))

    def _watching(self, name: str) -> Watching:
        last = self.last.get(name)
        gaps = minus([self._hours], self.coverage.covered(frozenset((name,))))
        missing = sum(end - begin for begin, end in gaps)
        state = "interrupted" if missing else "watched"
        if last is None or last <= self.start:
            state = "nothing"
        return Watching.model_validate(
            {
                "sensor": name,
                "site": self.sight.sensors[name].site,
                "state": state,
                "last": last,
                "missing": missing,
            }
        )


def severed_pairs(severed: Severed, atlas: Atlas) -> Iterator[tuple[str, str]]:
    """Each two places of which one is a site and between which something is severed, once."""
    done: set[frozenset[str]] = set()
    sites = atlas.inventory.sites
    for cut in severed.cuts:
        for begin in atlas.places(cut.near):
            for end in atlas.places(cut.far):
                pair = frozenset((begin, end))
                if pair not in done and (begin in sites or end in sites):
                    done.add(pair)
                    yield begin, end


def able_between(begin: str, end: str, sites: Iterable[str], sight: Sight) -> frozenset[str]:
    """The sensors that are placed to see what passes between two places."""
    here, there = (name if name in sites else None for name in (begin, end))
    return sight.able(here, there, here is None or there is None)


def contained(
    gateways: Sequence[ReadBack],
    crossed: Sequence[Crossed],
    looked: Looked,
    probed: Sequence[Probed] = (),
) -> tuple[Contained, tuple[str, ...]]:
    """The answer and its reasons, those of the answer alone. A probe that came across is as good as an escape;
    that none did is beside the sensors, and makes nothing contained."""
    against = tuple(_against(gateways, crossed, probed))
    if against:
        return "no", against
    doubts = tuple(_doubts(gateways, crossed, looked))
    if doubts:
        return "not_known", doubts
    return "yes", (*_speaks(gateways, crossed, looked), *_beside(probed))


def _against(
    gateways: Sequence[ReadBack], crossed: Sequence[Crossed], probed: Sequence[Probed]
) -> Iterator[str]:
    if not gateways:
        yield "no gateway carries any of it"
    for way in probed:
        if way.outcome == "reached":
            yield f"a probe came across {way.begin} -> {way.end}: {way.why}"
    for came, text in (
        ("escaped", "escaped: established after a gateway on the way was told"),
        ("passing", "passes where no gateway that holds it stands"),
    ):
        count = sum(one.came == came for one in crossed)
        if count:
            yield f"{count} severed connection{'s' * (count > 1)} {text}"
    for one in gateways:
        if one.state not in HELD:
            yield f"{one.name} does not hold it: {one.state.replace('_', ' ')}"
        elif one.holds is False:
            yield f"{one.name} was told and does not hold it: {one.why}"


def _beside(probed: Sequence[Probed]) -> Iterator[str]:
    count = sum(one.outcome == "not_reached" for one in probed)
    if count:
        yield f"terminals tried {count} of {len(probed)} directions, and reached nothing that is cut"


def _doubts(gateways: Sequence[ReadBack], crossed: Sequence[Crossed], looked: Looked) -> Iterator[str]:
    for one in gateways:
        if one.drift:
            yield f"somebody else changed the table of {one.name}"
        elif one.holds is None and one.deliver != "render":
            yield f"{one.name} was not read back: {one.why}"
    count = sum(one.came == "one_way" for one in crossed)
    if count:
        yield f"{count} sent data one way, and nobody could see whether it arrived"
    for pair in looked.unwatched:
        yield f"{pair.begin} <-> {pair.end}: {pair.why}"


def _speaks(gateways: Sequence[ReadBack], crossed: Sequence[Crossed], looked: Looked) -> Iterator[str]:
    read = [one.name for one in gateways if one.holds]
    if read:
        yield f"{', '.join(read)} hold{'s' * (len(read) == 1)} it as told"
    others = [one.name for one in gateways if not one.holds]
    if others:
        yield f"{', '.join(others)}: told by others and not read back, so by evidence alone"
    sensors = [one.sensor for one in looked.sensors if one.state == "watched"]
    yield f"nothing escaped, and {', '.join(sensors)} watched since"
    tried = sum(one.flows for one in crossed if one.came == "dropped")
    if tried:
        yield f"{tried} attempts were seen and none was answered"
