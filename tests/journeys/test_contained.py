"""Real packets through a real gateway: cut, kept, taken back, and back after a reboot.

A plant, a head office, a console and the gateway between them are network namespaces of the test's own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.test_exporters import ip, need, wait_for

MAIN = "from sekisho.cli.main import main; main()"
SITES = """\
sites:
  plant: {prefixes: [10.40.0.0/16, "2001:db8:40::/48"]}
  hq: {prefixes: [10.1.0.0/16, "2001:db8:1::/48"]}
  soc: {prefixes: [192.0.2.0/24]}
"""
POLICY = """\
connections:
  - {id: EDI, allow: "plant/* -> hq/* : tcp/8443", tier: essential, owner: edi, ticket: C-1, why: Orders}
  - {id: FILES, allow: "plant/* -> hq/* : tcp/445", owner: it, ticket: C-2, why: Files}
  - {id: OPS, allow: "soc/* -> plant/* : tcp/22", owner: soc, ticket: C-3, why: Gateways}
"""
GATEWAYS = """\
gateways:
  gw:
    platform: nftables
    address: 192.0.2.1
    port: 2222
    links: ["plant <-> hq"]
    management: "soc/* -> 192.0.2.1 : tcp/2222"
    host_keys: "{key}"
"""
ECHO = """
import socket, sys, threading
def answer(made):
    with made:
        while data := made.recv(4096):
            made.sendall(data)
def serve(family, address, port):
    listening = socket.create_server((address, port), family=family)
    while True:
        threading.Thread(target=answer, args=(listening.accept()[0],), daemon=True).start()
for port in (445, 8443):
    for family, address in ((socket.AF_INET, "10.1.20.5"), (socket.AF_INET6, "2001:db8:1::5")):
        threading.Thread(target=serve, args=(family, address, port), daemon=True).start()
print("ready", flush=True)
threading.Event().wait()
"""
PULSE = """
import socket, sys, time
made = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5)
made.settimeout(20)
while True:
    made.sendall(b"x")
    if not made.recv(1):
        break
    print(time.monotonic(), flush=True)
    time.sleep(0.05)
"""


@dataclass
class World:
    """The hosts by role, the workspace, and what runs."""

    hosts: dict[str, str]
    workspace: Path
    folder: Path
    start: Callable[..., subprocess.Popen[str]]

    def sekisho(self, *words: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run it at the console."""
        command = [
            "ip",
            "netns",
            "exec",
            self.hosts["console"],
            sys.executable,
            "-c",
            MAIN,
        ]
        done = subprocess.run(
            [*command, "--workspace", str(self.workspace), *map(str, words)],
            capture_output=True,
            text=True,
            env={**os.environ, "SEKISHO_USER": "aiko"},
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def plan(self, *words: object) -> str:
        """A plan that was seen and approved; its id."""
        drafted = json.loads(self.sekisho("contain", "plan", *words, "--format", "json").stdout)
        self.sekisho("contain", "preview", drafted["id"])
        self.sekisho("contain", "approve", drafted["id"], "--key", self.folder / "aiko")
        return str(drafted["id"])

    def apply(self, plan: str) -> subprocess.CompletedProcess[str]:
        return self.sekisho("contain", "apply", plan, "--key", self.folder / "login", "-f", "json")

    def pulse(self, address: str, port: int) -> Callable[[], list[float]]:
        """A session from the plant that goes on; the times at which answers came."""
        told = self.folder / f"pulse-{time.monotonic_ns()}"
        with told.open("w") as out:
            self.start(sys.executable, "-c", PULSE, address, port, host=self.hosts["plant"], stdout=out,
                       stderr=subprocess.DEVNULL)  # fmt: skip

        def beats() -> list[float]:
            return [float(line) for line in told.read_text().split()]

        wait_for(beats)
        return beats

    def connects(self, address: str, port: int) -> bool:
        """Whether a new session from the plant is answered within a second."""
        command = f"import socket; socket.create_connection(('{address}', {port}), timeout=1)"
        inside = ["ip", "netns", "exec", self.hosts["plant"], sys.executable, "-c", command]
        return subprocess.run(inside, capture_output=True, check=False).returncode == 0

    def gate(self, *words: str) -> str:
        """Ask the gateway's script on the gateway itself."""
        inside = ["ip", "netns", "exec", self.hosts["gw"], "env", f"SEKISHO_GATE={self.folder}/gate"]
        done = subprocess.run(
            [*inside, str(self.folder / "gate" / "gate"), *words],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def reboot(self) -> None:
        """The gateway forgets what only its kernel knew, and its boot unit runs."""
        subprocess.run(["ip", "netns", "exec", self.hosts["gw"], "nft", "flush", "ruleset"], check=True)
        subprocess.run(["pkill", "-f", f"{self.folder}/gate/gate timer"], check=False)
        self.gate("boot")


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a program in a host, which ends with the test at the latest."""
    with ExitStack() as stack:

        def starting(*words: object, host: str, **options: Any) -> subprocess.Popen[str]:
            begun = subprocess.Popen(
                ["ip", "netns", "exec", host, *map(str, words)], text=True, **options
            )
            stack.enter_context(begun)
            stack.callback(begun.kill)
            return begun

        yield starting


@pytest.fixture
def world(start: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> Iterator[World]:
    """A plant (10.40.2.10) and a head office (10.1.20.5) joined by `gw`, and a console (192.0.2.2)."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    need("ip", "nft", "sshd", "ssh-keygen", "setsid", "flock")
    if os.geteuid() != 0:
        pytest.skip(
            "network namespaces need root: run this test as root, as continuous integration does"
        )
    names = {role: f"sc{os.getpid()}{role}" for role in ("plant", "hq", "gw", "console")}
    with ExitStack() as stack:
        for name in names.values():
            try:
                ip("netns", "add", name)
            except subprocess.CalledProcessError as error:
                pytest.skip(f"no network namespaces here: {error.stderr.strip()}")
            stack.callback(ip, "netns", "del", name)
            ip("-n", name, "link", "set", "lo", "up")
        for here, near, far in (
            ("plant", ("10.40.2.10/24", "2001:db8:40::10/64"), ("10.40.2.1/24", "2001:db8:40::1/64")),
            ("hq", ("10.1.20.5/24", "2001:db8:1::5/64"), ("10.1.20.1/24", "2001:db8:1::1/64")),
            ("console", ("192.0.2.2/24",), ("192.0.2.1/24",)),
        ):
            ip("link", "add", "up0", "netns", names[here], "type", "veth",
               "peer", "name", f"to-{here}", "netns", names["gw"])  # fmt: skip
            for host, device, addresses in ((here, "up0", near), ("gw", f"to-{here}", far)):
                for address in addresses:
                    dad = ["nodad"] if ":" in address else []
                    ip("-n", names[host], "addr", "add", address, "dev", device, *dad)
                ip("-n", names[host], "link", "set", device, "up")
            for address in far:
                gateway = address.partition("/")[0]
                ip("-n", names[here], "route", "add", "default", "via", gateway)
        for name in ("ipv4.ip_forward", "ipv6.conf.all.forwarding"):
            subprocess.run(
                ["ip", "netns", "exec", names["gw"], "sysctl", "-qw", f"net.{name}=1"], check=True
            )
        for key in ("aiko", "login", "host"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", key, "-f", tmp_path / key]
            subprocess.run(command, check=True)
        _serve_ssh(names["gw"], tmp_path, start)
        (tmp_path / "gate").mkdir()
        root = tmp_path / "company"
        root.mkdir()
        key = (tmp_path / "aiko.pub").read_text().strip()
        host_key = (tmp_path / "host.pub").read_text().strip()
        (root / "sekisho.toml").write_text(
            f'[contain]\nrollback_after = 120\n[people.aiko]\nkeys = ["{key}"]\nroles = ["approver"]\n'
        )
        (root / "sites.yaml").write_text(SITES)
        (root / "policy.yaml").write_text(POLICY)
        (root / "gateways.yaml").write_text(GATEWAYS.format(key=host_key))
        echo = start(sys.executable, "-c", ECHO, host=names["hq"], stdout=subprocess.PIPE)
        assert echo.stdout is not None
        assert echo.stdout.readline() == "ready\n"
        yield World(names, root, tmp_path, start)
        subprocess.run(["pkill", "-f", f"{tmp_path}/gate/gate timer"], check=False)


def _serve_ssh(host: str, folder: Path, start: Callable[..., subprocess.Popen[str]]) -> None:
    shutil.copy(folder / "login.pub", folder / "authorized")
    (folder / "authorized").chmod(0o600)
    (folder / "sshd_config").write_text(
        f"ListenAddress 192.0.2.1:2222\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\n"
        f"StrictModes no\nPermitRootLogin yes\nPidFile none\nUsePAM no\nSetEnv SEKISHO_GATE={folder}/gate\n"
    )
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    sshd = shutil.which("sshd")
    log = (folder / "sshd.log").open("w")
    start(sshd, "-D", "-e", "-f", folder / "sshd_config", host=host, stderr=log)
    wait_for(lambda: "listening" in (folder / "sshd.log").read_text())


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
