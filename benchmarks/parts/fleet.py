"""The service for osquery under a whole fleet: enrolment, check-ins, campaigns, a kill in the middle.

The terminals are simulated by this process (benchmarks/herd.py), over TLS on loopback; the service is another,
as it is run by people. Both share the machine's cores.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import trustme

from benchmarks.ground import SEKISHO, Ground, sekisho
from benchmarks.herd import Herd, descriptors
from benchmarks.tree import Tree
from sekisho.app.workspace import Workspace
from sekisho.state.state import State
from sekisho.store.layout import Layout

STEADY = 2
"""Rounds of check-ins that are measured."""
AT_ONCE = 48
"""Enrolments under way at one time."""
OWN = {
    "uptime": "SELECT * FROM uptime",
    "logged_in": "SELECT user, host, time FROM logged_in_users",
    "listening": "SELECT pid, port, protocol, address FROM listening_ports",
}
LONGEST = 900.0
_FILES_BESIDE = 2000


@dataclass
class Served:
    """The service that runs, and how to look at it."""

    place: Path
    port: int
    process: subprocess.Popen[bytes]

    def memory(self) -> tuple[int, int]:
        """Resident bytes of the process that answers, and of all of them."""
        tree = Tree(self.process.pid)
        return tree.own, tree.memory


def measure(ground: Ground) -> None:
    """Everything, with `--agents` terminals."""
    agents = ground.agents
    place = ground.scratch / f"fleet-{agents}"
    shutil.rmtree(place, ignore_errors=True)
    trust, secret = _workspace(place, agents)
    limit = descriptors(agents + _FILES_BESIDE)
    keep = min(agents, limit - _FILES_BESIDE)
    rows: list[tuple[str, str, str]] = []
    with _service(place) as served:
        herd = Herd(agents, served.port, trust, secret, keep=keep, most=limit - 200)
        herd.interval = ground.interval
        try:
            _enrolment(herd, served, rows, keep)
            _steady(herd, served, rows)
            _campaign(herd, served, rows)
            _killed(herd, served, rows)
        finally:
            herd.close()
    print(
        f"\n### {agents:,} terminals, {keep:,} connections kept, check-in each {ground.interval:g} s\n"
    )
    print("| what | measured | asked |\n|---|---|---|")
    for what, value, asked in rows:
        print(f"| {what} | {value} | {asked} |")
    print(f"\nErrors that terminals saw: {dict(herd.told.errors) or 'none'}.")
    if herd.told.delayed:
        print(f"{herd.told.delayed:,} connections waited for a descriptor of this process.")


def _enrolment(herd: Herd, served: Served, rows: list[tuple[str, str, str]], keep: int) -> None:
    marks: dict[int, tuple[int, int]] = {}
    wanted = {min(10_000, keep), keep}

    def reached(number: int) -> None:
        if number in wanted:
            marks[number] = served.memory()

    taken = herd.enrol(AT_ONCE, reached)
    number = len(herd.agents)
    rows.append((f"{number:,} enrolled", f"{taken:.0f} s ({number / taken:.0f}/s)", "under 300 s"))
    for count, (own, every) in sorted(marks.items()):
        text = f"{own >> 20:,} MiB (with the judge {every >> 20:,} MiB)"
        rows.append((f"memory with {count:,} connections", text, "under 2,048 MiB with 10,000"))


def _steady(herd: Herd, served: Served, rows: list[tuple[str, str, str]]) -> None:
    herd.spread()
    herd.run(herd.interval)
    herd.told.latencies.clear()
    before = sum(herd.told.errors.values())
    cpu = _cpu(served.process.pid)
    taken = herd.run(STEADY * herd.interval)
    used = (_cpu(served.process.pid) - cpu) / taken
    asked = len(herd.told.latencies.get("read", ()))
    errors = sum(herd.told.errors.values()) - before
    p50, p99 = (herd.told.latency("read", share) * 1000 for share in (0.5, 0.99))
    text = f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, {errors} errors of {asked:,}"
    rows.append(("check-ins", text, "p99 under 200 ms, no error"))
    rows.append(("the service's processor at that", f"{used:.2f} cores", ""))


def _campaign(herd: Herd, served: Served, rows: list[tuple[str, str, str]]) -> None:
    herd.done = 0
    herd.told.latencies.clear()
    words = [word for name, sql in OWN.items() for word in ("--query", f"{name}={sql}")]
    begun = time.perf_counter()
    _run(served.place, "fleet", "campaign", "new", "everything", "--why", "measured", *_CHECKS, *words)
    number = len(herd.agents)
    herd.run(LONGEST, lambda: herd.done >= number)
    answered = time.perf_counter() - begun
    waiting = 1
    while waiting and time.perf_counter() - begun < LONGEST:
        herd.run(2.0)
        waiting = _unjudged(served.place)
    judged = time.perf_counter() - begun
    questions = herd.told.handed // max(number, 1)
    text = f"{answered:.0f} s answered, {judged:.0f} s judged and in the lake"
    rows.append((f"campaign of {questions} queries, ramp 1, 10, 100 %", text, "under 600 s"))
    p99 = herd.told.latency("write", 0.99) * 1000
    rows.append(
        ("answering", f"p50 {herd.told.latency('write', 0.5) * 1000:.1f} ms, p99 {p99:.1f} ms", "")
    )
    own, every = served.memory()
    text = f"{own >> 20:,} MiB (with the judge {every >> 20:,} MiB)"
    rows.append((f"memory after it, {herd.connections:,} connections", text, ""))
    states = json.loads(_run(served.place, "fleet", "status", "--format", "json"))["states"]
    text = ", ".join(f"{count:,} {state}" for state, count in states.items() if count)
    rows.append(("states after it", text, f"{number:,} checked"))


def _killed(herd: Herd, served: Served, rows: list[tuple[str, str, str]]) -> None:
    """A second campaign; the service is killed when half have answered, and started again."""
    herd.done, number = 0, len(herd.agents)
    herd.told.acknowledged.clear()
    herd.told.doubled = 0
    words = ("--query", "uptime=SELECT * FROM uptime", "--query", "services=SELECT name FROM services")
    _run(
        served.place, "fleet", "campaign", "new", "killed", "--ramp", "100", "--why", "measured", *words
    )
    herd.run(LONGEST, lambda: herd.done * 2 >= number)
    _kill(served)
    half = herd.done
    herd.run(3.0)
    served.process, served.port = _start(served.place, served.port)
    begun = time.perf_counter()
    herd.run(LONGEST, lambda: herd.done >= number)
    taken = time.perf_counter() - begun
    while _unjudged(served.place) and time.perf_counter() - begun < LONGEST:
        herd.run(2.0)
    kept = _kept(served.place)
    told = {(n, _name(q)) for n, done in herd.told.acknowledged.items() for q in done}
    lost = sum((f"pc-{n:05}", name) not in kept for n, name in told)
    doubled = sum(count - _expected(name) for (_, name), count in kept.items())
    text = f"{len(told):,} acknowledged, {lost} lost, {doubled} rows doubled"
    rows.append((f"kill -9 after {half:,} had answered", text, "none lost, none doubled"))
    again = f"all answered {taken:.0f} s after it was started again; {herd.told.doubled} asked twice"
    rows.append(("after it", again, ""))


def _name(query: str) -> str:
    return query.split("_q_", 1)[1]


def _expected(name: str) -> int:
    return 10 if name == "services" else 1


def _kept(place: Path) -> dict[tuple[str, str], int]:
    """Rows of the last campaign in the lake, by hostname and question."""
    workspace = Workspace(place)
    with State.open(workspace.state) as state:
        paths = [Layout(workspace.lake).results / lot.path for lot in state.nodes().lots()]
    tables = [pq.read_table(path, columns=["campaign", "hostname", "name"]) for path in paths]
    table = pa.concat_tables(tables)
    # The last campaign has the highest number.
    last = pc.max(table["campaign"]).as_py()
    own = table.filter(pc.equal(table["campaign"], last))
    counted = own.group_by(["hostname", "name"]).aggregate([([], "count_all")]).to_pylist()
    return {(r["hostname"], r["name"].removeprefix("q_")): r["count_all"] for r in counted}


_CHECKS = tuple(
    word
    for check in (
        "services",
        "scheduled-tasks",
        "startup",
        "wmi-subscriptions",
        "remote-access",
        "local-admins",
        "logging",
        "firewall",
        "smb-signing",
        "rdp",
        "patch-age",
        "laps",
    )
    for word in ("--check", check)
)


def _workspace(place: Path, agents: int) -> tuple[ssl.SSLContext, str]:
    subprocess.run([str(SEKISHO), "-q", "init", str(place)], check=True)
    (place / "sites.yaml").write_text(
        "sites:\n"
        "  jp-hq: {name: HQ, country: JP, timezone: Asia/Tokyo, owner: it, prefixes: [127.0.0.0/8]}\n"
    )
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(place / "fleet.key")
    issued.cert_chain_pems[0].write_to_path(place / "fleet.pem")
    with (place / "sekisho.toml").open("a") as settings:
        settings.write(
            '\n[fleet.service]\ncertificate = "fleet.pem"\nkey = "fleet.key"\n'
            f'listen = "127.0.0.1:{_free()}"\nenrol_rate = 1000\n'
        )
    context = ssl.create_default_context()
    authority.configure_trust(context)
    herd = Herd(agents, 0, context, "")
    lines = [f"{a.hostname},{a.uuid},{a.source}\n" for a in herd.agents]
    herd.close()
    listed = place / "terminals.csv"
    listed.write_text("hostname,uuid,address\n" + "".join(lines))
    _run(place, "fleet", "import", listed)
    return context, _run(place, "fleet", "secret", "new", "--why", "measured").strip()


@contextmanager
def _service(place: Path) -> Iterator[Served]:
    process, port = _start(place, 0)
    served = Served(place, port, process)
    try:
        yield served
    finally:
        served.process.send_signal(signal.SIGTERM)
        served.process.wait(60)


def _start(place: Path, port: int) -> tuple[subprocess.Popen[bytes], int]:
    words = ("fleet", "serve", *(("--listen", f"127.0.0.1:{port}") if port else ()))
    process = subprocess.Popen(
        [str(word) for word in sekisho(place, *words)], stderr=sys.stderr, start_new_session=True
    )
    if not port:
        text = (place / "sekisho.toml").read_text()
        port = int(text.rsplit("127.0.0.1:", 1)[1].split('"', 1)[0])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process, port
        if process.poll() is not None:
            sys.exit("the service did not start")
        time.sleep(0.1)
    sys.exit("the service does not answer")


def _kill(served: Served) -> None:
    """As if the power went: every process of it at once, none asked."""
    for pid in Tree(served.process.pid).pids:
        os.kill(pid, signal.SIGKILL)
    served.process.wait()


def _run(place: Path, *words: str | Path) -> str:
    done = subprocess.run(
        [str(w) for w in sekisho(place, *words)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{words}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def _unjudged(place: Path) -> int:
    # As cheap as it can be asked: the herd does not move meanwhile.
    with State.open(Workspace(place).state) as state:
        return state.nodes().counts(datetime.now(UTC)).waiting


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _cpu(pid: int) -> float:
    parts = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")
