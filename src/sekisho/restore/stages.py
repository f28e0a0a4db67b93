"""A restriction less a part of it: what a stage of a restoration gives back, and what is held on to.

A stage never gives back more than it names. A link between sites is taken out of whatever cuts it; a host or
a group that is cut off from everything is given back with its site, or whole at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sekisho.contain.targets import Target, link_end, read_targets
from sekisho.errors import RequestError
from sekisho.inventory.located import did_you_mean
from sekisho.inventory.register import Inventory
from sekisho.model.restrictions import Restriction
from sekisho.model.rules import Policy, Rule, Selector
from sekisho.restore.places import Pair, place_of

REST = "rest"
_HOW = "write 'link:A <-> B', site:SITE, rule:ID, tier:essential or rest"


@dataclass(frozen=True, slots=True)
class Opening:
    """What stages give back, taken together. `rules` are ids that are kept open from then on."""

    pairs: frozenset[Pair] = frozenset()
    sites: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    essential: bool = False
    rest: bool = False

    def __or__(self, other: Opening) -> Opening:
        return Opening(
            self.pairs | other.pairs,
            self.sites | other.sites,
            self.rules | other.rules,
            self.essential or other.essential,
            self.rest or other.rest,
        )

    def opens(self, pair: Pair) -> bool:
        """Whether all that passes between two places is given back."""
        return self.rest or pair in self.pairs or bool(pair & self.sites)


@dataclass(frozen=True, slots=True)
class Register:
    """By what names are read, at one time (aware UTC)."""

    inventory: Inventory
    policy: Policy
    at: datetime


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a restriction, None for nothing, and the pairs of places that were given back."""

    restriction: Restriction | None
    pairs: frozenset[Pair]


def read_opening(texts: Iterable[str], register: Register) -> Opening:
    """What the words of a stage mean. Raises RequestError for what is not in the register."""
    found = Opening()
    for text in texts:
        found |= _opening(text.strip(), register)
    return found


def _opening(text: str, register: Register) -> Opening:
    kind, _, rest = text.partition(":")
    rest = rest.strip()
    if text == REST:
        return Opening(rest=True)
    if text == "tier:essential":
        return Opening(essential=True)
    if kind == "site" and rest:
        sites = register.inventory.sites
        if rest not in sites:
            raise RequestError(f"there is no site `{rest[:60]}`", did_you_mean(rest, sites))
        return Opening(sites=frozenset({rest}))
    if kind == "rule" and rest:
        ids = [rule.id for rule in register.policy.rules]
        if rest not in ids:
            raise RequestError(f"there is no rule `{rest[:80]}`", did_you_mean(rest, ids))
        return Opening(rules=frozenset({rest}))
    near, arrow, far = rest.partition("<->")
    if kind == "link" and arrow:
        return Opening(pairs=frozenset(_pairs(near, far, register)))
    raise RequestError(f"`{text[:80]}` is nothing that a stage gives back", _HOW)


def _pairs(near: str, far: str, register: Register) -> Iterator[Pair]:
    ends = [_whole(text, register.inventory) for text in (near, far)]
    found = {frozenset((a, b)) for a in ends[0] for b in ends[1] if a != b}
    if not found:
        raise RequestError("a link joins two places", _HOW)
    yield from found


def _whole(text: str, inventory: Inventory) -> list[str]:
    found: list[str] = []
    for one in link_end(text, inventory):
        if one.kind == "any":
            found += inventory.sites
        elif one.kind in ("site", "zone", "internet"):
            found.append({"zone": str(one), "internet": "internet"}.get(one.kind, one.value))
        else:
            raise RequestError(
                f"`{text.strip()[:80]}` is a part of a site: a stage gives back whole links", _HOW
            )
    return found


def less(restriction: Restriction, opening: Opening, register: Register) -> Left:
    """The restriction without what is given back. Raises RequestError for names it cannot read."""
    targets = read_targets(restriction.sever, register.inventory)
    left: list[Target] = []
    pairs: set[Pair] = set()
    for target in targets:
        remains, given = _remains(target, opening, register)
        left += remains
        pairs |= given
    if not left:
        return Left(None, frozenset(pairs))
    held = frozenset(pair for target in left for pair in _cut_pairs(target, register))
    rules = [rule for rule in register.policy.rules if rule.state == "active"]
    named = [rule for rule in rules if rule.id in opening.rules]
    by_tier = [rule for rule in rules if opening.essential and rule.tier == "essential"]
    for rule in (*named, *by_tier):
        pairs |= {pair for pair in rule_pairs(rule, register) if pair in held or _alone(pair, held)}
    allow = dict.fromkeys((*restriction.allow, *(rule.id for rule in named)))
    narrower = replace(
        restriction,
        sever=tuple(map(str, left)),
        allow=tuple(allow),
        keep_tier="essential" if opening.essential else restriction.keep_tier,
    )
    if narrower != restriction:
        # It takes the place of what every gateway holds already: nothing is cut anew site by site.
        narrower = replace(narrower, staging=None)
    return Left(narrower, frozenset(pairs))


def only(restriction: Restriction, pairs: Iterable[Pair], register: Register) -> Restriction | None:
    """The part of a restriction that cuts these pairs of places, None where it cuts none of them. What is
    severed whole (a host, a group) is kept whole where it has an end there."""
    wanted = frozenset(pairs)
    left: list[Target] = []
    for target in read_targets(restriction.sever, register.inventory):
        if _atoms(target, register) is None:
            sites = _sites(target, register)
            if any(not sites or sites & pair for pair in wanted):
                left.append(target)
            continue
        others = _cut_pairs(target, register) - wanted
        left += _remains(target, Opening(pairs=others), register)[0]
    return replace(restriction, sever=tuple(map(str, left)), staging=None) if left else None


def _alone(pair: Pair, held: frozenset[Pair]) -> bool:
    return any(len(one) == 1 and one <= pair for one in held)


def rule_pairs(rule: Rule, register: Register) -> frozenset[Pair]:
    """The pairs of places between which a rule may permit something, one alone for within it; a side of many
    places is every site."""
    ends = []
    for side in (rule.sources, rule.destinations):
        places: set[str] = set()
        for selector in side:
            at = place_of(selector, register.inventory, register.at)
            places |= set(register.inventory.sites) if at is None else {at}
        ends.append(places)
    return frozenset(frozenset((a, b)) for a in ends[0] for b in ends[1])


def _sites(target: Target, register: Register) -> frozenset[str]:
    """The places of a host or group; none where one of its addresses may be in several."""
    found = [place_of(one, register.inventory, register.at) for one in target.near]
    return frozenset() if None in found else frozenset(one for one in found if one is not None)


def _cut_pairs(target: Target, register: Register) -> frozenset[Pair]:
    atoms = _atoms(target, register)
    if atoms is None:
        # Where it is not known, what it cuts may be anywhere.
        sites = _sites(target, register) or frozenset(register.inventory.sites)
        return frozenset(frozenset({site}) for site in sites)
    return frozenset(pair for _, _, pair in atoms)


def _remains(
    target: Target, opening: Opening, register: Register
) -> tuple[list[Target], frozenset[Pair]]:
    if opening.rest:
        return [], _cut_pairs(target, register)
    atoms = _atoms(target, register)
    if atoms is None:
        sites = _sites(target, register)
        given = bool(sites) and sites <= opening.sites
        return ([], _cut_pairs(target, register)) if given else ([target], frozenset())
    left: dict[Selector, list[Selector]] = {}
    opened: set[Pair] = set()
    for near, far, pair in atoms:
        if opening.opens(pair):
            opened.add(pair)
        else:
            left.setdefault(near, []).append(far)
    if not opened:
        return [target], frozenset()
    together: dict[tuple[Selector, ...], list[Selector]] = {}
    for near, ends in left.items():
        together.setdefault(tuple(ends), []).append(near)
    return [Target("link", tuple(near), far) for far, near in together.items()], frozenset(opened)


def _atoms(target: Target, register: Register) -> list[tuple[Selector, Selector, Pair]] | None:
    """The ends of a target one to one, with their places; `*` is the sites that it stands for. None for
    what cannot be taken apart: a host or group cut off from everything, a prefix of several places."""
    if target.kind in ("host", "group"):
        return None
    sites = [Selector("site", name) for name in register.inventory.sites]
    if target.kind == "all":
        ends = [(a, b) for n, a in enumerate(sites) for b in sites[n + 1 :]]
    else:
        homes = [place_of(one, register.inventory, register.at) for one in target.near]
        far = [one for one in target.far if one.kind != "any"]
        if target.kind == "site" or len(far) < len(target.far):
            # As the cut takes it: the sites of the near end are not beyond it.
            far += [one for one in sites if one.value not in homes]
        ends = [(a, b) for a in target.near for b in dict.fromkeys(far)]
    found: list[tuple[Selector, Selector, Pair]] = []
    for near, other in ends:
        places = [place_of(one, register.inventory, register.at) for one in (near, other)]
        if None in places:
            return None
        found.append((near, other, frozenset(one for one in places if one is not None)))
    return found
