"""The register as what a gateway enforces: between the sites of its links only what rules permit now."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.contain.backends.base import Rendered
from sekisho.contain.guards import breaches
from sekisho.contain.orders import Held, Order
from sekisho.contain.points import Gateway
from sekisho.contain.proposal import Ground
from sekisho.contain.regions import Atlas
from sekisho.contain.severing import Cut, Kept, Severed, kept_open, permits
from sekisho.contain.standing import Standing
from sekisho.errors import Refused, RequestError
from sekisho.model.restrictions import Restriction

PLAN = "register"


def segment(gateway: Gateway, ground: Ground) -> tuple[Order, Rendered]:
    """What a gateway is told so that the register holds at it, and nothing but the register.

    Raises RequestError where it stands between no two sites or does not stand now, Refused where the
    register itself would cut how it is managed or what must never be cut, CannotExpress.
    """
    rules = [rule for rule in ground.policy.rules if permits(rule, ground.now)]
    selectors = [s for rule in rules for s in (*rule.sources, *rule.destinations)]
    atlas = Atlas(ground.inventory, [*selectors, *ground.points.selectors], ground.now)
    standing = Standing((gateway,), atlas)
    if not standing.gateways:
        raise RequestError(f"{gateway.name} does not stand now", "see its dates in gateways.yaml")
    carried = standing.carried(gateway)
    cuts = tuple(_between(gateway, standing, atlas))
    if not cuts:
        raise RequestError(
            f"{gateway.name} stands between no two sites",
            "the register is about what passes between sites",
        )
    kept = [
        kept_open(rule.id, "allow", rule.sources, rule.destinations, rule.services, atlas)
        for rule in rules
    ]
    kept += [
        kept_open(name, "lifeline", path.sources, path.destinations, path.services, atlas)
        for name, path in ground.points.lifelines.items()
    ]
    severed = Severed(Restriction((PLAN,)), cuts, tuple(_concerned(kept, cuts)))
    found = [str(one) for one in breaches(severed, ground.points, (gateway,), atlas)]
    if found:
        raise Refused("\n".join(found), "write a rule for it into the register, or a lifeline")
    order = Order(gateway, (Held(PLAN, severed, cuts),), carried=carried, register=True)
    return order, ground.backends[gateway.platform].render(order)


def _between(gateway: Gateway, standing: Standing, atlas: Atlas) -> Iterator[Cut]:
    sites = atlas.sites()
    for near, far in standing.carried(gateway):
        for name in atlas.places(near.meet(sites)):
            site = atlas.site(name)
            cut = Cut(f"{name} <-> other sites", near.meet(site), far.meet(sites).minus(site))
            if cut.near and cut.far:
                yield from standing.narrowed(gateway, cut)


def _concerned(kept: list[Kept], cuts: tuple[Cut, ...]) -> Iterator[Kept]:
    ways = [way for cut in cuts for way in cut.ways()]
    return (one for one in kept if next(one.within(ways), None))
