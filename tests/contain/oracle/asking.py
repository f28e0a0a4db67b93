"""Worlds as the files that a person writes, and plans worked out on them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from tests.contain.oracle.world import Plan, World

from sekisho.contain.backends.registry import BACKENDS
from sekisho.contain.points import parse_points
from sekisho.contain.proposal import Ground
from sekisho.inventory.files import parse_inventory
from sekisho.model.restrictions import Restriction
from sekisho.policy.files import parse_policy

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def files(world: World) -> dict[str, bytes]:
    """The files, as JSON, which YAML is."""
    sites = {
        "sites": {
            name: {"prefixes": list(site.prefixes)} | ({"realm": site.realm} if site.realm else {})
            for name, site in world.sites.items()
        },
        "groups": {name: list(members) for name, members in world.groups.items()},
        "zones": {name: list(prefixes) for name, prefixes in world.zones.items()},
    }
    policy = {
        "connections": [
            {"id": rule.id, "allow": rule.text} | ({"tier": "essential"} if rule.essential else {})
            for rule in world.rules
        ]
    }
    gateways = {
        "gateways": {
            name: {
                "platform": "nftables",
                "address": f"10.{n}.255.254",
                "links": [" <-> ".join(link) for link in links],
            }
            | ({"realm": realm} if realm else {})
            for n, (name, (realm, links)) in enumerate(world.gateways.items())
        }
    }
    if world.lifelines:
        gateways["lifelines"] = {name: rule.text for name, rule in world.lifelines.items()}  # type: ignore[dict-item]
    named = {"sites.yaml": sites, "policy.yaml": policy, "gateways.yaml": gateways}
    return {name: json.dumps(content).encode() for name, content in named.items()}


def ground(world: World, in_force: Mapping[str, Restriction] | None = None) -> Ground:
    """What plans rest on in the world."""
    written = files(world)
    inventory = parse_inventory({"sites.yaml": written["sites.yaml"]})
    policy = parse_policy({"policy.yaml": written["policy.yaml"]}, inventory)
    points = parse_points(written["gateways.yaml"], inventory, policy.services)
    return Ground(inventory, policy, points, in_force or {}, BACKENDS, NOW)


def restriction(plan: Plan) -> Restriction:
    """The plan as a person asks for it."""
    return Restriction(
        plan.sever,
        plan.direction,
        "essential" if plan.tier else None,
        plan.allow,
        plan.existing,
        dict(plan.existing_at),
        override=plan.override,
    )
