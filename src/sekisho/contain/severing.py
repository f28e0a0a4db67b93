"""A restriction worked out: which pairs of addresses it cuts, and which connections stay open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sekisho.contain.points import Path, Points
from sekisho.contain.regions import Atlas, Region, everything, joined
from sekisho.contain.targets import Target, link_end, read_targets
from sekisho.errors import RequestError
from sekisho.inventory.located import did_you_mean
from sekisho.inventory.register import Inventory
from sekisho.model.addresses import IPAddress
from sekisho.model.restrictions import Direction, Existing, Restriction
from sekisho.model.rules import Policy, Rule, Selector
from sekisho.model.services import PortRange
from sekisho.policy.ports import Span, covers, key, spans_of, within
from sekisho.policy.timeline import effective

KeptBy = Literal["tier", "allow", "lifeline"]
End = tuple[str, IPAddress]
"""(realm, address)."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Two sets of addresses between which nothing passes.

    `initiated` is seen from `near`: `out` cuts only what `near` begins. `whole` where `far` is every
    address there is.
    """

    what: str
    near: Region
    far: Region
    initiated: Direction = "both"
    whole: bool = False

    def ways(self) -> Iterator[tuple[Region, Region]]:
        """(source, destination) of the connections that are cut."""
        if self.initiated != "in":
            yield self.near, self.far
        if self.initiated != "out":
            yield self.far, self.near


@dataclass(frozen=True, slots=True)
class Kept:
    """Connections that stay open, seen from who begins them. `name` is the rule's id or the lifeline's name."""

    name: str
    by: KeptBy
    sources: Region
    destinations: Region
    services: tuple[PortRange, ...]
    spans: tuple[Span, ...]

    def within(self, ways: Iterable[tuple[Region, Region]]) -> Iterator[tuple[Region, Region]]:
        """(sources, destinations) of those of its connections that go one of the ways."""
        for source, destination in ways:
            if self.sources.touches(source) and self.destinations.touches(destination):
                yield self.sources.meet(source), self.destinations.meet(destination)


@dataclass(frozen=True, slots=True)
class Severed:
    """What a restriction comes to at one time."""

    restriction: Restriction
    cuts: tuple[Cut, ...]
    kept: tuple[Kept, ...] = ()
    drained: Region = field(default_factory=Region)
    dropped: Region = field(default_factory=Region)

    def cut_of(self, src: End, dst: End, protocol: int, port: int) -> Cut | None:
        """The cut that ends a connection, None where it stays open. `src` begins it."""
        value = key(protocol, port)
        for one in self.kept:
            if covers(one.spans, value) and one.sources.holds(*src) and one.destinations.holds(*dst):
                return None
        return next(
            (
                cut
                for cut in self.cuts
                if any(
                    source.holds(*src) and destination.holds(*dst) for source, destination in cut.ways()
                )
            ),
            None,
        )

    def drains(self, src: End, dst: End) -> bool:
        """Whether a session of these ends that is open already may go on until it ends. What is said of
        a place goes before what is said of all, and dropping before draining."""
        if any(self.dropped.holds(*end) for end in (src, dst)):
            return False
        return self.restriction.existing == "drain" or any(
            self.drained.holds(*end) for end in (src, dst)
        )

    def cuts_path(self, path: Path, atlas: Atlas) -> Cut | None:
        """The cut that ends any of the path's connections, None where all of them stay open."""
        sources, destinations = atlas.all_selected(path.sources), atlas.all_selected(path.destinations)
        spans = spans_of(path.services)
        for cut in self.cuts:
            for source, destination in cut.ways():
                if not sources.touches(source) or not destinations.touches(destination):
                    continue
                if not self._keeps(sources.meet(source), destinations.meet(destination), spans):
                    return cut
        return None

    def _keeps(self, sources: Region, destinations: Region, spans: Sequence[Span]) -> bool:
        return any(
            sources.within(one.sources)
            and destinations.within(one.destinations)
            and within(spans, one.spans)
            for one in self.kept
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A restriction whose names were found in the register: what an atlas must know to work it out."""

    restriction: Restriction
    targets: tuple[Target, ...]
    rules: tuple[tuple[Rule, KeptBy], ...]
    at: dict[Selector, Existing]

    @property
    def selectors(self) -> Iterator[Selector]:
        """Every selector that it names."""
        for target in self.targets:
            yield from target.selectors
        for rule, _ in self.rules:
            yield from (*rule.sources, *rule.destinations)
        yield from self.at


def ask(restriction: Restriction, inventory: Inventory, policy: Policy, at: datetime) -> Asked:
    """Find what a restriction names. Raises RequestError for what is not in the register, or not valid
    at `at` (aware UTC): only what a rule permits then can be kept open."""
    targets = read_targets(restriction.sever, inventory)
    if restriction.direction != "both" and any(target.kind == "all" for target in targets):
        raise RequestError(
            "`all` has no direction: every connection begins at some site", "leave it out"
        )
    rules: dict[str, tuple[Rule, KeptBy]] = {}
    by_id = {rule.id: rule for rule in policy.rules}
    for name in restriction.allow:
        rule = by_id.get(name)
        if rule is None:
            raise RequestError(f"there is no rule `{name[:80]}`", did_you_mean(name, by_id))
        if not permits(rule, at):
            raise RequestError(f"the rule {name} permits nothing now", "see `sekisho explain` for why")
        rules[name] = rule, "allow"
    for rule in policy.rules:
        if restriction.keep_tier == rule.tier and permits(rule, at):
            rules.setdefault(rule.id, (rule, "tier"))
    existing = {
        selector: how
        for text, how in restriction.existing_at.items()
        for selector in link_end(text, inventory)
    }
    return Asked(restriction, targets, tuple(rules.values()), existing)


def permits(rule: Rule, at: datetime) -> bool:
    """Whether a rule permits anything at a time (aware UTC)."""
    span = effective(rule)
    return span is not None and span.holds(at)


def sever(asked: Asked, points: Points, atlas: Atlas) -> Severed:
    """Work it out. The atlas knows the selectors of both."""
    cuts = [
        cut
        for target in asked.targets
        for cut in _cuts(target, asked.restriction.direction, atlas)
        if cut.near and cut.far
    ]
    if not cuts:
        named = ", ".join(map(str, asked.targets))
        raise RequestError(f"{named} has no addresses now: nothing would be cut", "check sites.yaml")
    kept = [
        kept_open(rule.id, by, rule.sources, rule.destinations, rule.services, atlas)
        for rule, by in asked.rules
    ]
    kept += [
        kept_open(name, "lifeline", path.sources, path.destinations, path.services, atlas)
        for name, path in points.lifelines.items()
        if name not in asked.restriction.override
    ]
    drained, dropped = (
        atlas.all_selected(selector for selector, how in asked.at.items() if how == wanted)
        for wanted in ("drain", "drop")
    )
    ways = [way for cut in cuts for way in cut.ways()]
    concerned = tuple(one for one in kept if next(one.within(ways), None))
    return Severed(asked.restriction, tuple(cuts), concerned, drained, dropped)


def kept_open(
    name: str,
    by: KeptBy,
    sources: Iterable[Selector],
    destinations: Iterable[Selector],
    services: tuple[PortRange, ...],
    atlas: Atlas,
) -> Kept:
    """Connections that stay open, as addresses; the atlas knows the selectors."""
    return Kept(
        name,
        by,
        atlas.all_selected(sources),
        atlas.all_selected(destinations),
        services,
        spans_of(services),
    )


def _cuts(target: Target, direction: Direction, atlas: Atlas) -> Iterator[Cut]:
    what = str(target)
    match target.kind:
        case "all":
            everywhere = atlas.sites()
            for name in atlas.inventory.sites:
                site = atlas.site(name)
                yield Cut(what, site, everywhere.minus(site))
        case "site":
            site = atlas.site(target.near[0].value)
            yield Cut(what, site, atlas.sites().minus(site), direction)
        case "link":
            near, far = map(atlas.all_selected, (target.near, target.far))
            yield Cut(what, beyond(target.near, far, atlas), beyond(target.far, near, atlas), direction)
        case _:
            near = _anywhere(atlas.all_selected(target.near), atlas)
            yield Cut(what, near, everything(near.spans), direction, whole=True)


def beyond(end: Sequence[Selector], other: Region, atlas: Atlas) -> Region:
    """One end of a link: `*` is all sites but those of the other end."""
    region = atlas.all_selected(end)
    if any(selector.kind == "any" for selector in end):
        region = region.minus(
            joined(atlas.site(p) for p in atlas.places(other) if p in atlas.inventory.sites)
        )
    return region


def _anywhere(near: Region, atlas: Atlas) -> Region:
    """A party outside is the same from every realm."""
    if any(place in atlas.inventory.sites for place in atlas.places(near)):
        return near
    spans = joined(Region({"": one}) for one in near.spans.values()).spans.get("", ())
    return Region(dict.fromkeys(sorted(atlas.realms), spans))
