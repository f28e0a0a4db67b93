"""The terminals of a workspace, and the sites that they are at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address

from sekisho.app.decisions import Decisions
from sekisho.fleet.contested import contested
from sekisho.fleet.resolve import Resolved, resolve
from sekisho.fleet.scope import TRACES, Reached, joined
from sekisho.fleet.timeline import told
from sekisho.inventory.register import Inventory
from sekisho.model.incidents import Scope, TimelineItem
from sekisho.model.nodes import Node
from sekisho.model.sites import DEFAULT_REALM
from sekisho.model.terminals import Sighting


def resolved(
    decisions: Decisions, inventory: Inventory, now: datetime, nodes: Iterable[Node] | None = None
) -> Resolved:
    """The terminals of the inventory. `nodes` are all that enrolled, where the caller has them already."""
    store = decisions.state.fleet()
    merges = [d for d in store.decisions() if d.action == "merge"]
    known = decisions.state.nodes().nodes() if nodes is None else nodes
    return resolve(store.sightings(), placing(inventory, now), merges, contested(known))


def placing(inventory: Inventory, now: datetime) -> Callable[[Sighting], str | None]:
    """The site of a sighting: the one that it names, where the register has it, else its address's at `now`."""

    def place(sighting: Sighting) -> str | None:
        if sighting.site in inventory.sites:
            return sighting.site
        if not sighting.address:
            return None
        return inventory.place(DEFAULT_REALM, ip_address(sighting.address), now).site

    return place


@dataclass(frozen=True, slots=True)
class Widened:
    """The scope of an incident with terminals in it, what was found on those as part of its timeline, and what
    must be known of them."""

    scope: Scope
    timeline: tuple[TimelineItem, ...] = ()
    notes: tuple[str, ...] = ()


def widened(
    scope: Scope,
    decisions: Decisions,
    inventory: Inventory,
    *,
    begin: datetime | None = None,
    end: datetime | None,
    now: datetime,
) -> Widened:
    """An incident's scope with the terminals on which checks found traces until `end`, and what they found
    within [begin, end)."""
    if not scope.assets:
        return Widened(scope)
    given = decisions.state.fleet().found(TRACES)
    if not given:
        return Widened(scope)
    since = min(asset.since for asset in scope.assets)
    known = resolved(decisions, inventory, now)
    by_terminal: dict[str, Reached] = {}
    for one in given:
        home = known.match(one.who)
        if home is None or one.at < since or (end is not None and one.at >= end):
            continue
        reached = by_terminal.get(home.id)
        if reached is None:
            named = inventory.hostnames.get(home.hostname.casefold(), ())
            address = home.address or (str(named[0].address) if named else "")
            site = inventory.sites.get(home.site or "")
            reached = by_terminal[home.id] = Reached(home, address, site.realm if site else "")
        reached.answers.append(one)
    files = {intake.sha256: intake.name for intake in decisions.state.fleet().intakes()}
    found, notes = joined(scope, by_terminal.values(), files)
    items, more = told(found, by_terminal.values(), files, begin=begin, end=end)
    return Widened(found, items, (*notes, *more))
