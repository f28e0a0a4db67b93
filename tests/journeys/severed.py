"""A plant, a head office, a console and the gateway between them: network namespaces of the test's own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
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
  - {id: LOGS, allow: "plant/* -> hq/* : udp/514", tier: essential, owner: soc, ticket: C-4, why: Logs}
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
def reply(family, address, port):
    with socket.socket(family, socket.SOCK_DGRAM) as bound:
        bound.bind((address, port))
        while True:
            bound.sendto(*bound.recvfrom(4096))
for address in sys.argv[1:]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for what, ports in ((serve, (445, 8443)), (reply, (514, 5353))):
        for port in ports:
            threading.Thread(target=what, args=(family, address, port), daemon=True).start()
print("ready", flush=True)
threading.Event().wait()
"""
PULSE = """
import socket, sys, time
kind = socket.SOCK_DGRAM if sys.argv[1] == "udp" else socket.SOCK_STREAM
family = socket.AF_INET6 if ":" in sys.argv[2] else socket.AF_INET
made = socket.socket(family, kind)
made.settimeout(0.2 if kind == socket.SOCK_DGRAM else 20)
made.connect((sys.argv[2], int(sys.argv[3])))
while True:
    try:
        made.send(b"x")
        if not made.recv(1):
            break
        print(time.monotonic(), flush=True)
    except (TimeoutError, ConnectionError):
        if kind == socket.SOCK_STREAM:
            raise
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

    def pulse(
        self, address: str, port: int, *, protocol: str = "tcp", begins: str = "plant"
    ) -> Callable[[], list[float]]:
        """A session that goes on; the times at which answers came."""
        told = self.folder / f"pulse-{time.monotonic_ns()}"
        with told.open("w") as out:
            self.start(sys.executable, "-c", PULSE, protocol, address, port, host=self.hosts[begins],
                       stdout=out, stderr=subprocess.DEVNULL)  # fmt: skip

        def beats() -> list[float]:
            return [float(line) for line in told.read_text().split()]

        wait_for(beats)
        return beats

    def connects(self, address: str, port: int, *, begins: str = "plant") -> bool:
        """Whether a new session is answered within a second."""
        command = f"import socket; socket.create_connection(('{address}', {port}), timeout=1)"
        inside = ["ip", "netns", "exec", self.hosts[begins], sys.executable, "-c", command]
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
        self.end_timers()
        self.gate("boot")

    def end_timers(self) -> None:
        """End what waits at gateways to take something back."""
        for host in self.hosts.values():
            listed = subprocess.run(
                ["ip", "netns", "pids", host], capture_output=True, text=True, check=False
            )
            for pid in listed.stdout.split():
                with suppress(FileNotFoundError, ProcessLookupError):
                    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                    if b"timer" in words and str(self.folder).encode() in b" ".join(words):
                        os.kill(int(pid), signal.SIGKILL)

    def follow_sessions(self) -> None:
        """The gateway has rules of its own by state, as most have."""
        rules = "table inet own { chain f { type filter hook forward priority 0; ct state invalid drop; }; }"
        inside = ["ip", "netns", "exec", self.hosts["gw"], "nft", rules]
        subprocess.run(inside, check=True)

    def table(self, host: str = "gw") -> str:
        """Our table at a gateway, as its kernel has it; empty where there is none."""
        inside = ["ip", "netns", "exec", self.hosts[host], "nft", "list", "table", "inet", "sekisho"]
        return subprocess.run(inside, capture_output=True, text=True, check=False).stdout


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A plant (10.40.2.10) and a head office (10.1.20.5) joined by `gw`, and a console (192.0.2.2)."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    need("ip", "nft", "sshd", "ssh-keygen", "setsid", "flock")
    if os.geteuid() != 0:
        pytest.skip(
            "network namespaces need root: run this test as root, as continuous integration does"
        )
    names = {role: f"sc{os.getpid()}{role}" for role in ("plant", "hq", "gw", "console")}
    with ExitStack() as stack, ExitStack() as running:

        def start(*words: object, host: str, **options: Any) -> subprocess.Popen[str]:
            begun = subprocess.Popen(
                ["ip", "netns", "exec", host, *map(str, words)], text=True, **options
            )
            running.enter_context(begun)
            running.callback(begun.kill)
            return begun

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
        serve_ssh(names["gw"], tmp_path, start)
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
        for host, addresses in (
            ("hq", ("10.1.20.5", "2001:db8:1::5")),
            ("plant", ("10.40.2.10", "2001:db8:40::10")),
        ):
            echo = start(
                sys.executable, "-c", ECHO, *addresses, host=names[host], stdout=subprocess.PIPE
            )
            assert echo.stdout is not None
            assert echo.stdout.readline() == "ready\n"
        made = World(names, root, tmp_path, start)
        yield made
        made.end_timers()


def serve_ssh(
    host: str,
    folder: Path,
    start: Callable[..., subprocess.Popen[str]],
    *,
    listen: str = "192.0.2.1:2222",
    gate: str = "gate",
    nft: Path | None = None,
) -> None:
    """sshd in a host, whose gate's folder is `gate`; with `nft` in the place of the host's own."""
    shutil.copy(folder / "login.pub", folder / "authorized")
    (folder / "authorized").chmod(0o600)
    (folder / gate).mkdir(exist_ok=True)
    config, said = folder / f"sshd_{listen}", folder / f"sshd_{listen}.log"
    config.write_text(
        f"ListenAddress {listen}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\n"
        f"StrictModes no\nPermitRootLogin yes\nPidFile none\nUsePAM no\nSetEnv SEKISHO_GATE={folder}/{gate}\n"
    )
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    command = [shutil.which("sshd"), "-D", "-e", "-f", config]
    if nft is not None:
        # `ip netns exec` gives each command mounts of its own: nobody else sees this one.
        bound = f'mount --bind "{nft}" "{shutil.which("nft")}" && exec "$@"'
        command = ["sh", "-c", bound, "sh", *command]
    start(*command, host=host, stderr=said.open("w"))
    wait_for(lambda: "listening" in said.read_text())
