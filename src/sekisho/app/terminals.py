"""The terminals of a workspace, and the sites that they are at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from ipaddress import ip_address

from sekisho.app.decisions import Decisions
from sekisho.fleet.contested import contested
from sekisho.fleet.resolve import Resolved, resolve
from sekisho.fleet.scope import TRACES, Reached, joined
from sekisho.inventory.register import Inventory
from sekisho.model.incidents import Scope
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


def widened(
    scope: Scope, decisions: Decisions, inventory: Inventory, *, end: datetime | None, now: datetime
) -> tuple[Scope, tuple[str, ...]]:
    """The scope of an incident with the terminals on which checks found traces until `end`, and what must be
    known of them."""
    if not scope.assets:
        return scope, ()
    given = decisions.state.fleet().found(TRACES)
    if not given:
        return scope, ()
    begin = min(asset.since for asset in scope.assets)
    known = resolved(decisions, inventory, now)
    by_terminal: dict[str, Reached] = {}
    for one in given:
        home = known.match(one.who)
        if home is None or one.at < begin or (end is not None and one.at >= end):
            continue
        reached = by_terminal.get(home.id)
        if reached is None:
            named = inventory.hostnames.get(home.hostname.casefold(), ())
            address = home.address or (str(named[0].address) if named else "")
            site = inventory.sites.get(home.site or "")
            reached = by_terminal[home.id] = Reached(home, address, site.realm if site else "")
        reached.answers.append(one)
    files = {intake.sha256: intake.name for intake in decisions.state.fleet().intakes()}
    return joined(scope, by_terminal.values(), files)
