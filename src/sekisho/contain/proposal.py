"""A plan worked out: what each gateway would be told, what nobody can enforce, what must not be cut."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import rfc8785

from sekisho.contain.backends.base import Backend, CannotExpress, Rendered
from sekisho.contain.guards import Breach, breaches, overridden
from sekisho.contain.orders import Order, order_for
from sekisho.contain.points import Gateway, Points
from sekisho.contain.regions import Atlas
from sekisho.contain.severing import Asked, Severed, ask, sever
from sekisho.contain.staging import Stage, split
from sekisho.contain.standing import INTERNET, Standing, Unenforceable
from sekisho.inventory.register import Inventory
from sekisho.model.restrictions import Restriction
from sekisho.model.rules import Policy, Selector


@dataclass(frozen=True, slots=True)
class Told:
    """What one gateway would be told: the text, or why there is none."""

    gateway: Gateway
    order: Order
    rendered: Rendered | None
    why: str = ""

    @property
    def sha256(self) -> str | None:
        """Of the text."""
        return hashlib.sha256(self.rendered.text.encode()).hexdigest() if self.rendered else None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A restriction at one time, beside those in force. `hash` is over everything that it would do."""

    restriction: Restriction
    severed: Severed
    standing: Standing
    atlas: Atlas
    told: tuple[Told, ...]
    unenforceable: tuple[Unenforceable, ...]
    breaches: tuple[Breach, ...]
    warnings: tuple[str, ...]
    hash: str
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """What a plan rests on: the register, the gateways, and the restrictions in force by their plans.

    `policy` counts retroactive rules as such; `now` is aware UTC.
    """

    inventory: Inventory
    policy: Policy
    points: Points
    in_force: Mapping[str, Restriction]
    backends: Mapping[str, Backend]
    now: datetime


def propose(plan: str, restriction: Restriction, ground: Ground) -> Proposal:
    """Work a plan out. Raises RequestError for names that are not in the register."""
    asked = _asked({**ground.in_force, plan: restriction}, ground)
    atlas = Atlas(
        ground.inventory,
        [
            *(selector for one in asked.values() for selector in one.selectors),
            *ground.points.selectors,
            INTERNET,
            *(Selector("zone", name) for name in ground.inventory.zones),
        ],
        ground.now,
    )
    severed = {name: sever(one, ground.points, atlas) for name, one in asked.items()}
    standing = Standing(ground.points.gateways.values(), atlas)
    mine = severed[plan]
    told = tuple(
        _told(gateway, tuple(severed.items()), standing, ground)
        for gateway in standing.gateways
        if any(standing.narrowed(gateway, cut) for cut in mine.cuts)
    )
    unenforceable: dict[frozenset[str], Unenforceable] = {}
    for cut in mine.cuts:
        for one in standing.unenforceable(cut):
            unenforceable.setdefault(frozenset((one.begin, one.end)), one)
    warnings = (
        *(
            f"{name} is cut although it must not be: {text}"
            for name, text in overridden(mine, ground.points, atlas)
        ),
        *_unguarded(told),
    )
    return Proposal(
        restriction,
        mine,
        standing,
        atlas,
        told,
        tuple(unenforceable.values()),
        tuple(breaches(mine, ground.points, standing.gateways, atlas)),
        warnings,
        _hash(restriction, told, ground),
        split(restriction.staging, [one.gateway for one in told], atlas) if restriction.staging else (),
    )


def tell(gateways: Iterable[str], ground: Ground) -> tuple[Told, ...]:
    """What gateways are to be told of the restrictions in force alone, as after lifting one."""
    asked = _asked(ground.in_force, ground)
    atlas = Atlas(
        ground.inventory,
        [*(s for one in asked.values() for s in one.selectors), *ground.points.selectors, INTERNET],
        ground.now,
    )
    severed = {name: sever(one, ground.points, atlas) for name, one in asked.items()}
    standing = Standing(ground.points.gateways.values(), atlas)
    wanted = set(gateways)
    return tuple(
        _told(gateway, tuple(severed.items()), standing, ground)
        for gateway in standing.gateways
        if gateway.name in wanted
    )


def _asked(restrictions: Mapping[str, Restriction], ground: Ground) -> dict[str, Asked]:
    # In the order of drafting, whichever was applied first: a gateway's text says what holds, not how
    # it came to be.
    return {
        name: ask(restrictions[name], ground.inventory, ground.policy, ground.now)
        for name in sorted(restrictions, key=lambda one: (len(one), one))
    }


def _told(
    gateway: Gateway, severed: Sequence[tuple[str, Severed]], standing: Standing, ground: Ground
) -> Told:
    order = order_for(gateway, severed, standing)
    try:
        return Told(gateway, order, ground.backends[gateway.platform].render(order))
    except CannotExpress as error:
        return Told(gateway, order, None, str(error))


def _unguarded(told: Iterable[Told]) -> Iterable[str]:
    for one in told:
        if not one.gateway.management and one.gateway.deliver != "render":
            yield (
                f"gateways.yaml does not say from where {one.gateway.name} is managed:"
                " whether this cuts it off cannot be told"
            )


def _hash(restriction: Restriction, told: Sequence[Told], ground: Ground) -> str:
    content: dict[str, Any] = {
        "restriction": _sorted(restriction),
        "policy": ground.policy.sha256,
        "inventory": ground.inventory.sha256,
        "gateways": ground.points.sha256,
        "in_force": {name: _sorted(one) for name, one in ground.in_force.items()},
        "told": {one.gateway.name: one.sha256 or one.why for one in told},
    }
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def _sorted(restriction: Restriction) -> dict[str, Any]:
    """A restriction without what does not matter: in which order, and how often, something was named."""
    body = plain(restriction)
    return body | {key: sorted(set(body[key])) for key in ("sever", "allow", "override")}


def plain(restriction: Restriction) -> dict[str, Any]:
    """A restriction as JSON holds it; what is not staged says nothing of stages."""
    body = asdict(restriction)
    staging = body.pop("staging")
    if staging is not None:
        body["staging"] = staging | {"stages": [list(one) for one in staging["stages"]]}
    return {
        **body,
        "sever": list(restriction.sever),
        "allow": list(restriction.allow),
        "existing_at": dict(restriction.existing_at),
        "override": list(restriction.override),
    }
