"""One flow that stays open for a while although it is severed, and closes by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785

from sekisho.contain.orders import Exempt
from sekisho.contain.points import Path
from sekisho.contain.proposal import Ground, plain
from sekisho.contain.regions import Atlas
from sekisho.contain.severing import Cut, Severed, ask, sever
from sekisho.contain.standing import INTERNET, Standing
from sekisho.errors import RequestError
from sekisho.inventory.register import Inventory
from sekisho.model.protocols import WITH_PORTS
from sekisho.model.restrictions import Restriction
from sekisho.model.rules import Selector
from sekisho.model.services import PortRange
from sekisho.policy.ports import spans_of
from sekisho.policy.sentences import read_parts

MOST_PORTS = 1 << 14
"""Ports of one flow: as many as the dynamic range has (RFC 6335), from which one service may take any."""


@dataclass(frozen=True, slots=True)
class Exemption:
    """What somebody wants open until `until` (aware UTC). `name` is its id, such as `X-2`."""

    name: str
    sentence: str
    until: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """An exemption worked out: the plans in force that cut it, where they do, and a restriction that is just
    this flow, to ask the evidence for it; `cut` is what those plans sever. `hash` is over everything that it
    opens."""

    path: Path
    pierced: tuple[str, ...]
    gateways: tuple[str, ...]
    flow: Severed
    cut: tuple[Severed, ...]
    standing: Standing
    atlas: Atlas
    hash: str


def read_path(text: str, inventory: Inventory, services: Mapping[str, tuple[PortRange, ...]]) -> Path:
    """The sentence of an exemption. Raises RequestError."""
    parts, slips = read_parts(text, inventory, services)
    if parts is None:
        raise RequestError(f"`{text[:200]}`: {slips[0].message}", slips[0].mend)
    return Path(" ".join(text.split()), *parts[:3])


def check_flow(path: Path) -> None:
    """Raise RequestError for what is no flow: an end that is not named, or no service.

    A site, a group or a zone is named; `*` and `internet` are whoever is left. With either, or with every
    service, the opening is as wide as the restriction that it is an exception to.
    """
    for side, asked in ((path.sources, "who begins it"), (path.destinations, "what it reaches")):
        wide = next((one for one in side if one.kind in ("any", "internet")), None)
        if wide is not None:
            raise RequestError(f"`{wide}` is more than one flow: {asked} is not named", _NARROWER)
    spans = spans_of(one for one in path.services if one.protocol in WITH_PORTS)
    ports = sum(last - first + 1 for first, last in spans)
    if ports > MOST_PORTS or any(one.protocol is None for one in path.services):
        raise RequestError(
            f"its services are more than one flow: {MOST_PORTS:,} ports at most, and not `any`",
            _NARROWER,
        )


_NARROWER = (
    "name a site, group, zone, asset or address at either end, and its service: `site/group -> site/group :"
    " tcp/22`. What is to stay open more widely is a plan with less: `sekisho contain plan --allow RULE`,"
    " applied before the other is lifted"
)


def open_up(wanted: Exemption, ground: Ground) -> Opened:
    """Work an exemption out. Raises RequestError where it is no single flow, or nothing in force cuts it."""
    path = read_path(wanted.sentence, ground.inventory, ground.policy.services)
    check_flow(path)
    asked = {
        name: ask(one, ground.inventory, ground.policy, ground.now)
        for name, one in ground.in_force.items()
    }
    atlas = Atlas(
        ground.inventory,
        [
            *(s for one in asked.values() for s in one.selectors),
            *ground.points.selectors,
            *path.sources,
            *path.destinations,
            INTERNET,
            *(Selector("zone", name) for name in ground.inventory.zones),
        ],
        ground.now,
    )
    severed = {name: sever(one, ground.points, atlas) for name, one in asked.items()}
    pierced = {name: one for name, one in severed.items() if one.cuts_path(path, atlas) is not None}
    if not pierced:
        raise RequestError(
            f"nothing in force cuts {path.text}", "see `sekisho contain list` for what is in force"
        )
    standing = Standing(ground.points.gateways.values(), atlas)
    sources, destinations = atlas.all_selected(path.sources), atlas.all_selected(path.destinations)
    flow = Cut(path.text, sources, destinations, "out")
    gateways = [
        gateway.name
        for gateway in standing.gateways
        if standing.narrowed(gateway, flow)
        and any(standing.narrowed(gateway, cut) for one in pierced.values() for cut in one.cuts)
    ]
    return Opened(
        path,
        tuple(pierced),
        tuple(gateways),
        Severed(Restriction((path.text,)), (flow,)),
        tuple(pierced.values()),
        standing,
        atlas,
        _hash(wanted, ground),
    )


def exempts(active: Iterable[Exemption], ground: Ground) -> tuple[Exempt, ...]:
    """Exemptions as gateways are told of them."""
    paths = {one: read_path(one.sentence, ground.inventory, ground.policy.services) for one in active}
    atlas = Atlas(
        ground.inventory,
        [s for path in paths.values() for s in (*path.sources, *path.destinations)],
        ground.now,
    )
    return tuple(
        Exempt(
            one.name,
            atlas.all_selected(path.sources),
            atlas.all_selected(path.destinations),
            spans_of(path.services),
            one.until,
        )
        for one, path in paths.items()
    )


def _hash(wanted: Exemption, ground: Ground) -> str:
    content: dict[str, Any] = {
        "sentence": " ".join(wanted.sentence.split()),
        "until": wanted.until.isoformat(),
        "reason": wanted.reason,
        "in_force": {name: plain(one) for name, one in ground.in_force.items()},
        "policy": ground.policy.sha256,
        "inventory": ground.inventory.sha256,
        "gateways": ground.points.sha256,
    }
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()
