"""Real packets where somebody is in the way: sessions that may run out, a killed console, a gateway that
is not there, two people at once, and one whose nft does not take it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time

from tests.journeys.severed import MAIN, World, serve_ssh
from tests.journeys.test_exporters import ip, wait_for

BOTH = (("10.1.20.5", "10.40.2.10"), ("2001:db8:1::5", "2001:db8:40::10"))


def gateways(world: World) -> list[dict[str, str]]:
    said = world.sekisho("contain", "status", "--key", world.folder / "login", "-f", "json")
    return list(json.loads(said.stdout)["gateways"])


def test_one_direction_of_tcp_and_udp_and_both_families(world: World) -> None:
    world.follow_sessions()
    ended = [
        world.pulse(hq, port, protocol=what)
        for hq, _ in BOTH
        for what, port in (("tcp", 445), ("udp", 5353))
    ]
    kept = [world.pulse(hq, 514, protocol="udp") for hq, _ in BOTH]
    other = [
        world.pulse(plant, port, protocol=what, begins="hq")
        for _, plant in BOTH
        for what, port in (("tcp", 445), ("udp", 5353))
    ]
    plan = world.plan("--sever", "link:plant <-> hq", "--direction", "out", "--allow", "LOGS")
    world.apply(plan)
    after = time.monotonic()
    time.sleep(1.5)
    assert [beats()[-1] < after for beats in ended] == [True] * 4
    assert [beats()[-1] > after + 1 for beats in (*kept, *other)] == [True] * 6
    assert not world.connects("10.1.20.5", 445)
    assert world.connects("10.40.2.10", 445, begins="hq")


def test_sessions_that_may_run_out_do_and_no_new_one_begins(world: World) -> None:
    live = [world.pulse(hq, 445) for hq, _ in BOTH]
    plan = world.plan("--sever", "link:plant <-> hq", "--existing", "drain")
    # A gateway that followed no sessions would end those that are open: it says so, and follows them.
    words = ("contain", "apply", plan, "--key", world.folder / "login", "-f", "json")
    early = json.loads(world.sekisho(*words, check=False).stdout)
    assert early["state"] == "failed"
    assert "followed no sessions until now" in early["gateways"][0]["why"]
    assert (world.table(), world.connects("10.1.20.5", 445)) == ("", True)
    world.apply(plan)
    after = time.monotonic()
    assert not any(world.connects(hq, 445) for hq, _ in BOTH)
    assert not world.connects("10.40.2.10", 445, begins="hq")
    wait_for(lambda: all(beats()[-1] > after + 1 for beats in live))


def test_a_console_that_is_killed_leaves_a_timer_and_nothing_else(world: World) -> None:
    settings = world.workspace / "sekisho.toml"
    settings.write_text(settings.read_text().replace("= 120", "= 10"))
    plan = world.plan("--sever", "site:plant")
    words = ["--workspace", world.workspace, "contain", "apply", plan, "--key", world.folder / "login"]
    console = world.start(
        sys.executable, "-c", MAIN, *words, host=world.hosts["console"], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, env={**os.environ, "SEKISHO_USER": "aiko"},
    )  # fmt: skip
    wait_for(lambda: "p1_cut" in world.table())
    console.send_signal(signal.SIGKILL)
    assert not world.connects("10.1.20.5", 445)
    (said,) = gateways(world)
    assert said["waiting"] == plan
    # A plan that is not known to be applied cannot be confirmed by mistake: the gateway takes it back.
    wait_for(lambda: "p1_cut" not in world.table())
    assert world.connects("10.1.20.5", 445)
    assert gateways(world)[0]["taken_back"] == plan
    assert json.loads(world.apply(plan).stdout)["state"] == "applied"
    confirmed = world.sekisho("contain", "confirm", plan, "--key", world.folder / "login", "-f", "json")
    assert json.loads(confirmed.stdout)["state"] == "confirmed"
    assert not world.connects("10.1.20.5", 445)


def test_a_half_applied_plan_is_completed(world: World) -> None:
    file = world.workspace / "gateways.yaml"
    second = file.read_text().partition("gateways:\n")[2]
    for old, new in (("gw:", "gw2:"), ("192.0.2.1", "192.0.2.9"), ("plant <-> hq", "hq <-> *")):
        second = second.replace(old, new)
    file.write_text(file.read_text() + second)
    plan = world.plan("--sever", "link:plant <-> hq")
    key = world.folder / "login"
    first = world.sekisho("contain", "apply", plan, "--key", key, "-f", "json", check=False)
    document = json.loads(first.stdout)
    assert (first.returncode, document["state"]) == (3, "partial")
    assert {g["name"]: g["state"] for g in document["gateways"]} == {
        "gw": "applied",
        "gw2": "unreachable",
    }
    assert not world.connects("10.1.20.5", 445)
    world.hosts["gw2"] = world.hosts["gw"] + "2"
    ip("netns", "add", world.hosts["gw2"])
    try:
        ip("link", "add", "up1", "netns", world.hosts["console"], "type", "veth",
           "peer", "name", "up0", "netns", world.hosts["gw2"])  # fmt: skip
        ip("-n", world.hosts["gw2"], "addr", "add", "192.0.2.9/24", "dev", "up0")
        for host, device in (("console", "up1"), ("gw2", "up0"), ("gw2", "lo")):
            ip("-n", world.hosts[host], "link", "set", device, "up")
        ip(
            "-n",
            world.hosts["console"],
            "route",
            "add",
            "192.0.2.9/32",
            "dev",
            "up1",
            "src",
            "192.0.2.2",
        )
        serve_ssh(world.hosts["gw2"], world.folder, world.start, listen="192.0.2.9:2222", gate="gate2")
        before = world.table()
        assert json.loads(world.apply(plan).stdout)["state"] == "applied"
        assert "p1_cut" in world.table("gw2")
        # The one that was told already was left alone: its counters go on.
        assert _counted(world.table()) >= _counted(before) > 0
        done = world.sekisho("contain", "confirm", plan, "--key", key, "-f", "json")
        assert json.loads(done.stdout)["state"] == "confirmed"
    finally:
        ip("netns", "del", world.hosts["gw2"])


def _counted(table: str) -> int:
    found = re.search(r"counter p1_cut \{\s+packets (\d+)", table)
    assert found, table
    return int(found[1])


def test_two_people_at_once(world: World) -> None:
    plans = [world.plan("--sever", "site:plant"), world.plan("--sever", "link:plant <-> hq")]
    running = [
        world.start(
            sys.executable, "-c", MAIN, "--workspace", world.workspace, "contain", "apply", plan,
            "--key", world.folder / "login", "-f", "json", host=world.hosts["console"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "SEKISHO_USER": "aiko"},
        )
        for plan in (plans[0], plans[0], plans[1])
    ]  # fmt: skip
    ended = [(one.communicate(timeout=120), one.returncode) for one in running]
    # One of the two plans was told; who came later heard why not, and nothing was undone.
    assert sorted(status for _, status in ended) == [0, 4, 4], ended
    refused = " ".join(said[1] for said, status in ended if status)
    assert "preview" in refused or "cannot be applied" in refused, refused
    (said,) = gateways(world)
    assert said["waiting"] in plans
    assert said["as_told"]
    held = str(said["waiting"])
    other = next(plan for plan in plans if plan != held)
    world.sekisho("contain", "confirm", held, "--key", world.folder / "login")
    # The other plan would be something else now: it must be seen again, and then both hold.
    late = world.sekisho("contain", "apply", other, "--key", world.folder / "login", check=False)
    assert (late.returncode, "preview" in late.stderr) == (4, True)
    world.sekisho("contain", "preview", other)
    world.sekisho("contain", "approve", other, "--key", world.folder / "aiko")
    world.apply(other)
    assert all(f"p{plan[2:]}_cut" in world.table() for plan in plans)
    assert gateways(world)[0]["as_told"]


def test_a_gateway_whose_nft_does_not_take_it_is_left_as_it_was(world: World) -> None:
    odd = world.folder / "nft"
    odd.write_text(
        '#!/bin/sh\ncase $1 in --version) echo "nftables v0.8.2 (Joe Btfsplk)" ;;\n'
        "*) echo 'Error: syntax error, unexpected inet_proto' >&2; exit 1 ;; esac\n"
    )
    odd.chmod(0o755)
    serve_ssh(
        world.hosts["gw"], world.folder, world.start, listen="192.0.2.1:2223", gate="odd", nft=odd
    )
    file = world.workspace / "gateways.yaml"
    file.write_text(file.read_text().replace("2222", "2223"))
    plan = world.plan("--sever", "link:plant <-> hq")
    words = ("contain", "apply", plan, "--key", world.folder / "login", "-f", "json")
    told = world.sekisho(*words, check=False)
    document = json.loads(told.stdout)
    assert (told.returncode, document["state"]) == (3, "failed")
    assert (
        "does not take it" in document["gateways"][0]["why"]
        or "syntax" in document["gateways"][0]["why"]
    )
    assert world.table() == ""
    assert world.connects("10.1.20.5", 445)
    (said,) = gateways(world)
    assert (said["version"], said["waiting"]) == ("v0.8.2", None)
