"""Real packets through a real gateway: what was cut is given back in stages, and nothing is left behind."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from typing import Any

from tests.journeys.severed import World

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


def test_a_link_that_misbehaves_is_cut_again_and_stays_cut(
    world: World, zeek_header: str, zeek_conn: Callable[..., str]
) -> None:
    plan = world.plan("--sever", "site:plant", "--keep-tier", "essential")
    world.apply(plan)
    world.sekisho("contain", "confirm", plan, "--key", world.folder / "login")
    world.sekisho("restore", "plan", plan)
    staged(world, *GATES)
    assert world.connects("10.1.20.5", 445)
    with (world.workspace / "sekisho.toml").open("a") as settings:
        settings.write(f'[restore]\nrecontain = true\nkeys = ["{world.folder}/login"]\n')
    with (world.workspace / "sites.yaml").open("a") as sites:
        sites.write("sensors:\n  edge: {site: plant, kind: zeek, sees: [edge]}\n")
    log = world.folder / "conn.log"
    log.write_text(zeek_header + zeek_conn(time.time(), "C1", "10.40.2.10", 50_001, "10.1.20.5", 22))
    world.sekisho("ingest", log, "--sensor", "edge")
    said = world.sekisho("restore", "status", "1", "-f", "json")
    assert "P-2 is confirmed" in " ".join(said.stderr.split())
    assert [stage["state"] for stage in json.loads(said.stdout)["stages"]] == ["recontained"]
    assert not world.connects("10.1.20.5", 445)
    assert world.connects("10.1.20.5", 8443), "what the plan kept is kept again"
    again = json.loads(world.sekisho("contain", "show", "P-2", "-f", "json").stdout)
    assert (again["state"], again["sever"]) == ("confirmed", ["link:plant <-> hq"])
