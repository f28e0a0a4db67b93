"""Real packets through a real gateway: what was cut is given back in stages, and nothing is left behind."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from tests.journeys.test_contained import World, start, world

__all__ = ["start", "world"]
GATES = ("quiet", "fleet", "findings", "recertified", "escaped")


def ruleset(world: World) -> str:
    inside = ["ip", "netns", "exec", world.hosts["gw"], "nft", "list", "ruleset"]
    return subprocess.run(inside, capture_output=True, text=True, check=True).stdout


def staged(world: World, *gates: str) -> dict[str, Any]:
    """Approve and lift the next stage with gates waived, and confirm what that told."""
    login = ("--key", world.folder / "login")
    waived = [word for gate in gates for word in ("--waive", gate)]
    world.sekisho(
        "restore", "approve", "1", "--key", world.folder / "aiko", *waived, "--why", "a trial"
    )
    lifted = json.loads(world.sekisho("restore", "lift", "1", *login, "-f", "json").stdout)
    stage = next(one for one in lifted["stages"] if one["state"] == "lifting")
    for plan in stage["plans"]:
        world.sekisho("contain", "confirm", plan["lifts"], *login)
    return dict(stage)


def test_one_rule_first_and_then_the_rest(world: World) -> None:
    assert ruleset(world) == ""
    plan = world.plan("--sever", "link:plant <-> hq")
    world.apply(plan)
    world.sekisho("contain", "confirm", plan, "--key", world.folder / "login")
    assert not world.connects("10.1.20.5", 8443)
    assert "drop" in ruleset(world)
    world.sekisho("restore", "plan", plan, "--stage", "rule:EDI", "--reason", "quiet for long enough")
    refused = world.sekisho("restore", "lift", "1", "--key", world.folder / "login", check=False)
    assert refused.returncode == 4
    assert "the gate quiet is unknown" in refused.stderr
    assert not world.connects("10.1.20.5", 8443)
    first = staged(world, *GATES)
    assert (first["number"], first["plans"][0]["instead"]) == (1, "P-2")
    assert world.connects("10.1.20.5", 8443)
    assert world.connects("2001:db8:1::5", 8443)
    assert not world.connects("10.1.20.5", 445)
    assert staged(world, *GATES)["number"] == 2
    assert world.connects("10.1.20.5", 445)
    assert "drop" not in ruleset(world), "what is left of the table lets everything pass"
    done = json.loads(world.sekisho("restore", "status", "1", "-f", "json").stdout)
    assert [stage["state"] for stage in done["stages"]] == ["lifted", "lifted"]
