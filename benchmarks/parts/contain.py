"""What containment costs: from the decision to the last answer of a live session, a plan and its preview
on a large lake, and what the rules cost the gateway that loads them and the packets that pass."""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.ground import SEKISHO, Ground, sekisho
from benchmarks.measure import run
from sekisho.contain.backends.registry import BACKENDS
from sekisho.contain.points import parse_points
from sekisho.contain.proposal import Ground as Basis
from sekisho.contain.proposal import propose
from sekisho.inventory.files import parse_inventory
from sekisho.model.restrictions import Restriction
from sekisho.policy.files import parse_policy

SITES = """\
sites:
  plant: {prefixes: [10.40.0.0/16]}
  hq: {prefixes: [10.1.0.0/16]}
  soc: {prefixes: [10.200.0.0/16]}
"""
PORT = 445
PACKETS = 200_000
BATCH = 20_000
SERVE = f"""
import socket, threading
def answer(made):
    while data := made.recv(4096):
        made.sendall(data)
listening = socket.create_server(("0.0.0.0", {PORT}), backlog=256)
print("ready", flush=True)
while True:
    threading.Thread(target=answer, args=(listening.accept()[0],), daemon=True).start()
"""
TALK = f"""
import socket, sys, threading, time
def talk(number):
    made = socket.create_connection((f"10.1.{{number}}.10", {PORT}))
    while True:
        made.sendall(b"x")
        made.recv(1)
        last[number] = time.monotonic()
        time.sleep(0.02)
last = [0.0] * int(sys.argv[1])
for number in range(len(last)):
    threading.Thread(target=talk, args=(number,), daemon=True).start()
while not all(last):
    time.sleep(0.05)
print("ready", flush=True)
sys.stdin.readline()
print(*last, flush=True)
"""
SEND = f"""
import socket, sys, time
made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
made.connect((sys.argv[1], int(sys.argv[2])))
for line in sys.stdin:
    began = time.perf_counter()
    for _ in range({BATCH}):
        try:
            made.send(b"x" * 64)
        except ConnectionRefusedError:
            pass
    print(time.perf_counter() - began, flush=True)
"""


def measure(ground: Ground) -> None:
    """All of it; namespaces need root."""
    _planned(ground)
    for path in ("/usr/sbin", "/sbin"):
        os.environ["PATH"] += f":{path}"
    _severed(ground)
    _rules(ground)


def _planned(ground: Ground) -> None:
    company = ground.company()
    if not (company / "data" / "lake").exists():
        ground.ingested(company)
    listed = (company / "sites.yaml").read_text().splitlines()
    sites = [line.strip().split(":")[0] for line in listed if "prefixes:" in line]
    lines = [
        f'  gw-{name}: {{platform: nftables, address: 10.255.{n}.1, deliver: render, links: ["{name} <-> *"]}}'
        for n, name in enumerate(sites)
    ]
    (company / "gateways.yaml").write_text("gateways:\n" + "\n".join(lines) + "\n")
    times: dict[str, list[float]] = {"plan": [], "preview": []}
    seen = {}
    drafting = sekisho(company, "contain", "plan", "--sever", f"site:{sites[1]}")
    for number in range(1 + ground.runs):
        drafted = subprocess.run(
            [*map(str, drafting), "--format", "json"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        plan = json.loads(drafted.stdout)["id"]
        planned = run(drafting)
        command = sekisho(company, "contain", "preview", plan, "--format", "json")
        began = time.perf_counter()
        said = subprocess.run([*map(str, command)], capture_output=True, text=True, check=True)
        seen = json.loads(said.stdout)
        if number:
            times["plan"].append(planned.wall)
            times["preview"].append(time.perf_counter() - began)
    print(f"\n### A plan and its preview, {ground.rows:,} flows, 500 rules, {len(sites)} gateways\n")
    print("| What | Wall, median (range) |\n|---|---|")
    for name, taken in times.items():
        print(f"| {name} | {_range(taken)} |")
    print(f"\n{len(seen['cut']):,} connections would end.", flush=True)


def _range(taken: list[float], digits: int = 2) -> str:
    return (
        f"{statistics.median(taken):.{digits}f} s ({min(taken):.{digits}f} to {max(taken):.{digits}f})"
    )


def _severed(ground: Ground) -> None:
    print("\n### From the decision to the last answer of the last live session\n")
    print("| Gateways | Wall, median (range) | Of the whole command |\n|---|---|---|")
    for gateways in (1, 50):
        ended, whole = [], []
        for number in range(ground.runs):
            place = (ground.scratch / f"contain-{gateways}-{number}").resolve()
            shutil.rmtree(place, ignore_errors=True)
            with _sites(place, gateways) as (hosts, start):
                last, took = _cut(place, gateways, hosts, start)
            ended.append(last)
            whole.append(took)
        print(f"| {gateways} | {_range(ended)} | {_range(whole)} |", flush=True)


Start = Callable[..., subprocess.Popen[str]]


@contextmanager
def _sites(place: Path, gateways: int) -> Iterator[tuple[dict[str, str], Start]]:
    """Two sites joined by many gateways, each with a path of its own, and a console that reaches all."""
    place.mkdir(parents=True)
    hosts = {role: f"cb{os.getpid()}{role}" for role in ("plant", "hq", "soc")}
    hosts |= {f"g{n}": f"cb{os.getpid()}g{n}" for n in range(gateways)}
    with ExitStack() as stack, ExitStack() as running:

        def start(host: str, *words: object) -> subprocess.Popen[str]:
            command = ["ip", "netns", "exec", hosts[host], *map(str, words)]
            begun = subprocess.Popen(
                command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=(place / f"{host}.log").open("w"),
            )  # fmt: skip
            running.enter_context(begun)
            running.callback(begun.kill)
            return begun

        for name in hosts.values():
            _ip("netns", "add", name)
            stack.callback(_ip, "netns", "del", name)
            _ip("-n", name, "link", "set", "lo", "up")
        for key in ("aiko", "login", "host"):
            _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", key, "-f", place / key)
        shutil.copy(place / "login.pub", place / "authorized")
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        for n in range(gateways):
            _join(hosts, n)
            (place / f"gate{n}").mkdir()
            config = place / f"sshd{n}"
            config.write_text(
                f"ListenAddress 10.200.{n}.1:22\nHostKey {place}/host\nAuthorizedKeysFile {place}/authorized\n"
                "StrictModes no\nPermitRootLogin yes\nPidFile none\nUsePAM no\n"
                f"SetEnv SEKISHO_GATE={place}/gate{n}\n"
            )
            start(f"g{n}", shutil.which("sshd"), "-D", "-e", "-f", config)
        for n in range(gateways):
            until = time.monotonic() + 60
            while "listening" not in (place / f"g{n}.log").read_text():
                assert time.monotonic() < until, f"sshd {n} does not listen"
                time.sleep(0.05)
        yield hosts, start


def _join(hosts: dict[str, str], n: int) -> None:
    gateway = hosts[f"g{n}"]
    for role, net in (("plant", f"10.40.{n}"), ("hq", f"10.1.{n}"), ("soc", f"10.200.{n}")):
        _ip("link", "add", f"v{n}", "netns", hosts[role], "type", "veth",
            "peer", "name", role, "netns", gateway)  # fmt: skip
        for host, device, address in ((hosts[role], f"v{n}", 10), (gateway, role, 1)):
            _ip("-n", host, "addr", "add", f"{net}.{address}/24", "dev", device)
            _ip("-n", host, "link", "set", device, "up")
    _ip("-n", hosts["plant"], "route", "add", f"10.1.{n}.0/24", "via", f"10.40.{n}.1")
    _ip("-n", hosts["hq"], "route", "add", f"10.40.{n}.0/24", "via", f"10.1.{n}.1")
    _run("ip", "netns", "exec", gateway, "sysctl", "-qw", "net.ipv4.ip_forward=1")


def _cut(place: Path, gateways: int, hosts: dict[str, str], start: Start) -> tuple[float, float]:
    company = place / "company"
    company.mkdir()
    keys = {key: (place / f"{key}.pub").read_text().strip() for key in ("aiko", "host")}
    (company / "sekisho.toml").write_text(
        f'[people.aiko]\nkeys = ["{keys["aiko"]}"]\nroles = ["approver"]\n'
    )
    (company / "sites.yaml").write_text(SITES)
    (company / "policy.yaml").write_text("connections: []\n")
    entries = [
        f'  g{n}: {{platform: nftables, address: 10.200.{n}.1, links: ["plant <-> hq"],'
        f' management: "soc/* -> 10.200.{n}.1 : tcp/22", host_keys: "{keys["host"]}"}}'
        for n in range(gateways)
    ]
    (company / "gateways.yaml").write_text("gateways:\n" + "\n".join(entries) + "\n")
    server = start("hq", sys.executable, "-c", SERVE)
    _line(server)
    talking = start("plant", sys.executable, "-c", TALK, gateways)
    _line(talking)
    os.environ["SEKISHO_USER"] = "aiko"
    at = ("--workspace", company, "-q")
    _run(SEKISHO, *at, "contain", "plan", "--sever", "link:plant <-> hq")
    _run(SEKISHO, *at, "contain", "preview", "P-1")
    _run(SEKISHO, *at, "contain", "approve", "P-1", "--key", place / "aiko")
    began = time.monotonic()
    deed = ("ip", "netns", "exec", hosts["soc"], SEKISHO, *at, "contain")
    _run(*deed, "apply", "P-1", "--key", place / "login")
    took = time.monotonic() - began
    time.sleep(1)
    assert talking.stdin is not None
    talking.stdin.write("\n")
    talking.stdin.flush()
    last = max(float(word) for word in _line(talking).split()) - began
    assert last < took, "a session lives on"
    _run(*deed, "confirm", "P-1", "--key", place / "login")
    return last, took


def text_of(rules: int) -> tuple[str, float]:
    """What a gateway is told that keeps so many rules open, with the seconds it took to work out."""
    dice = random.Random(rules)
    inventory = parse_inventory({"sites.yaml": SITES.encode()})
    written = []
    for n in range(rules):
        ends = f"10.40.{n >> 8}.{n & 255} -> 10.1.{dice.randrange(256)}.{dice.randrange(256)}"
        service = f"{dice.choice(('tcp', 'udp'))}/{dice.randrange(1024, 60_000)}"
        written.append({"id": f"R{n}", "tier": "essential", "allow": f"{ends} : {service}"})
    written[-1]["allow"] = "10.40.0.10 -> 10.1.0.10 : udp/5353"
    policy = parse_policy({"policy.yaml": json.dumps({"connections": written}).encode()}, inventory)
    gateways = b'gateways: {g: {platform: nftables, address: 10.40.0.1, links: ["plant <-> hq"]}}\n'
    points = parse_points(gateways, inventory, policy.services)
    basis = Basis(inventory, policy, points, {}, BACKENDS, datetime.now(UTC))
    began = time.perf_counter()
    told = propose("P-1", Restriction(("link:plant <-> hq",), keep_tier="essential"), basis).told
    took = time.perf_counter() - began
    assert told[0].rendered is not None
    return told[0].rendered.text, took


def _rules(ground: Ground) -> None:
    texts = {rules: text_of(rules) for rules in (50, 5000)}
    place = (ground.scratch / "contain-packets").resolve()
    shutil.rmtree(place, ignore_errors=True)
    loads: dict[int, list[float]] = {rules: [] for rules in texts}
    sent: dict[object, list[float]] = {rules: [] for rules in (*texts, "none")}
    with _sites(place, 1) as (hosts, start):
        sending = start("plant", sys.executable, "-c", SEND, "10.1.0.10", 5353)
        inside = ("ip", "netns", "exec", hosts["g0"], "nft")
        for number in range(1 + ground.runs):
            for _ in range(PACKETS // BATCH // 5):
                for rules in sent:
                    if isinstance(rules, int):
                        (place / "text").write_text(texts[rules][0])
                        began = time.perf_counter()
                        _run(*inside, "-f", place / "text")
                        taken = time.perf_counter() - began
                        if number:
                            loads[rules].append(taken)
                    else:
                        _run(*inside, "flush", "ruleset")
                    assert sending.stdin is not None
                    sending.stdin.write("\n")
                    sending.stdin.flush()
                    taken = float(_line(sending))
                    if number:
                        sent[rules].append(taken)
    print("\n### What the rules cost\n")
    print("| Rules kept | Worked out | Loaded by nft | A packet, median | Ratio to 50 |")
    print("|---|---|---|---|---|")
    for rules, times in sent.items():
        pairs = [mine / theirs for mine, theirs in zip(times, sent[50], strict=True)]
        worked = (
            f"{texts[rules][1]:.2f} s | {_range(loads[rules], 3)}"
            if isinstance(rules, int)
            else "- | -"
        )
        packet = statistics.median(times) / BATCH * 1e6
        named = f"{rules:,}" if isinstance(rules, int) else "no table"
        print(f"| {named} | {worked} | {packet:.2f} µs | {statistics.median(pairs):.2f} |", flush=True)


def _line(begun: subprocess.Popen[str]) -> str:
    assert begun.stdout is not None
    line = begun.stdout.readline()
    assert line, f"{begun.args!r} ended"
    return line


def _run(*words: object) -> None:
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}")


def _ip(*words: str) -> None:
    _run("ip", *words)
