"""Real packets through a real gateway: cut, kept, taken back, and back after a reboot."""

from __future__ import annotations

import json
import subprocess
import time
from datetime import UTC, datetime, timedelta

from tests.journeys.severed import World
from tests.journeys.test_exporters import ip, wait_for


def test_sessions_end_within_a_second_and_what_is_kept_goes_on(world: World) -> None:
    files = [world.pulse(address, 445) for address in ("10.1.20.5", "2001:db8:1::5")]
    orders = [world.pulse(address, 8443) for address in ("10.1.20.5", "2001:db8:1::5")]
    plan = world.plan("--sever", "link:plant <-> hq", "--keep-tier", "essential")
    applied = json.loads(world.apply(plan).stdout)
    after = time.monotonic()
    assert (applied["state"], applied["gateways"][0]["state"]) == ("applied", "applied")
    time.sleep(1.5)
    assert all(beats()[-1] < after for beats in files)
    assert all(beats()[-1] > after + 1 for beats in orders)
    assert not world.connects("10.1.20.5", 445)
    assert not world.connects("2001:db8:1::5", 445)
    assert world.connects("10.1.20.5", 8443)
    world.sekisho("contain", "confirm", plan, "--key", world.folder / "login")
    said = world.sekisho("contain", "status", "--key", world.folder / "login", "-f", "json")
    (gateway,) = json.loads(said.stdout)["gateways"]
    assert (gateway["as_told"], gateway["drift"], gateway["waiting"]) == (True, False, None)
    assert {c["name"] for c in gateway["counters"] if c["packets"]} == {"p1_cut", "p1_kept"}
    # Lifting it leaves nothing behind: the session that waited goes on where TCP still tries.
    world.sekisho("contain", "approve", plan, "--for", "lift", "--key", world.folder / "aiko")
    world.sekisho("contain", "lift", plan, "--key", world.folder / "login")
    assert world.connects("10.1.20.5", 445)
    lifted = world.sekisho("contain", "confirm", plan, "--key", world.folder / "login", "-f", "json")
    assert json.loads(lifted.stdout)["state"] == "lifted"


def test_gateways_are_read_back_and_what_others_change_is_loud(world: World) -> None:
    key = ("--key", world.folder / "login", "-f", "json")
    plan = world.plan("--sever", "site:plant", "--keep-tier", "essential")
    world.apply(plan)
    assert not world.connects("10.1.20.5", 445)
    said = json.loads(world.sekisho("contain", "verify", plan, *key).stdout)
    (gateway,) = said["gateways"]
    assert (gateway["reached"], gateway["holds"], gateway["drift"]) == (True, True, False)
    assert gateway["dropped"] > 0
    assert said["contained"] == "not_known", "no sensor has recorded anything"
    assert "no sensor of sites.yaml sees" in said["why"][0]
    inside = ["ip", "netns", "exec", world.hosts["gw"], "nft", "flush", "chain", "inet", "sekisho"]
    subprocess.run([*inside, "judge"], check=True)
    assert world.connects("10.1.20.5", 445), "somebody opened it"
    again = json.loads(world.sekisho("contain", "verify", plan, *key).stdout)
    assert (again["contained"], again["gateways"][0]["drift"]) == ("not_known", True)
    for _ in range(2):
        (alert,) = json.loads(world.sekisho("alert", "list", "-f", "json").stdout)["alerts"]
        assert (alert["kind"], alert["severity"]) == ("contain", "critical")
        assert "somebody changed what gw holds of P-1" in alert["title"]
        world.sekisho("contain", "status", *key)


def test_what_nobody_confirms_is_taken_back_though_the_console_is_gone(world: World) -> None:
    settings = world.workspace / "sekisho.toml"
    settings.write_text(settings.read_text().replace("= 120", "= 10"))
    plan = world.plan("--sever", "site:plant")
    world.apply(plan)
    assert not world.connects("10.1.20.5", 445)
    ip("-n", world.hosts["console"], "link", "set", "up0", "down")
    wait_for(lambda: world.connects("10.1.20.5", 445))
    ip("-n", world.hosts["console"], "link", "set", "up0", "up")
    late = world.sekisho(
        "contain", "confirm", plan, "--key", world.folder / "login", "-f", "json", check=False
    )
    assert (late.returncode, json.loads(late.stdout)["state"]) == (4, "rolled_back")


def test_a_reboot_brings_back_what_was_confirmed_and_nothing_else(world: World) -> None:
    plan = world.plan("--sever", "site:plant", "--keep-tier", "essential")
    world.apply(plan)
    world.reboot()
    assert world.connects("10.1.20.5", 445)
    again = world.sekisho("contain", "rollback", plan, "--key", world.folder / "login", "-f", "json")
    assert json.loads(again.stdout)["state"] == "rolled_back"
    second = world.plan("--sever", "site:plant", "--keep-tier", "essential")
    world.apply(second)
    world.sekisho("contain", "confirm", second, "--key", world.folder / "login")
    world.reboot()
    assert not world.connects("10.1.20.5", 445)
    assert world.connects("10.1.20.5", 8443)


def test_a_host_key_that_changed_is_not_talked_to(world: World) -> None:
    plan = world.plan("--sever", "site:plant")
    text = (world.workspace / "gateways.yaml").read_text()
    other = (world.folder / "login.pub").read_text().strip()
    host = (world.folder / "host.pub").read_text().strip()
    (world.workspace / "gateways.yaml").write_text(text.replace(host, other))
    refused = world.sekisho("contain", "apply", plan, "--key", world.folder / "login", check=False)
    assert refused.returncode == 4
    assert "preview" in refused.stderr
    world.sekisho("contain", "preview", plan)
    world.sekisho("contain", "approve", plan, "--key", world.folder / "aiko")
    told = world.sekisho(
        "contain", "apply", plan, "--key", world.folder / "login", "-f", "json", check=False
    )
    document = json.loads(told.stdout)
    assert (told.returncode, document["state"]) == (3, "failed")
    assert "host key" in document["gateways"][0]["why"]
    assert world.connects("10.1.20.5", 445)


def test_two_plans_hold_one_link_and_lifting_one_leaves_the_other(world: World) -> None:
    first = world.plan("--sever", "site:plant", "--keep-tier", "essential")
    world.apply(first)
    world.sekisho("contain", "confirm", first, "--key", world.folder / "login")
    second = world.plan("--sever", "link:plant <-> hq")
    world.apply(second)
    world.sekisho("contain", "confirm", second, "--key", world.folder / "login")
    assert not world.connects("10.1.20.5", 8443)
    world.sekisho("contain", "approve", second, "--for", "lift", "--key", world.folder / "aiko")
    world.sekisho("contain", "lift", second, "--key", world.folder / "login")
    world.sekisho("contain", "confirm", second, "--key", world.folder / "login")
    assert world.connects("10.1.20.5", 8443)
    assert not world.connects("10.1.20.5", 445)


def test_an_exempt_flow_is_open_for_a_while_and_no_longer(world: World) -> None:
    plan = world.plan("--sever", "site:plant")
    world.apply(plan)
    world.sekisho("contain", "confirm", plan, "--key", world.folder / "login")
    assert not world.connects("10.1.20.5", 445)
    words = (
        "contain",
        "exempt",
        "10.40.2.10 -> 10.1.20.5 : tcp/445",
        "--reason",
        "restore",
        "-f",
        "json",
    )
    draft = json.loads(world.sekisho(*words, "--until", "1h").stdout)
    assert (draft["state"], draft["plans"]) == ("draft", [plan])
    assert not world.connects("10.1.20.5", 445)
    until = (datetime.now(UTC) + timedelta(seconds=25)).isoformat(timespec="seconds")
    keys = ("--sign", world.folder / "aiko", "--key", world.folder / "login")
    opened = json.loads(world.sekisho(*words, "--until", until, *keys).stdout)
    assert (opened["id"], opened["state"]) == ("X-1", "open")
    assert world.connects("10.1.20.5", 445)
    assert not world.connects("10.1.20.5", 8443)
    wait_for(lambda: not world.connects("10.1.20.5", 445), 40)
    said = json.loads(
        world.sekisho("contain", "status", "--key", world.folder / "login", "-f", "json").stdout
    )
    assert said["gateways"][0]["drift"] is False
