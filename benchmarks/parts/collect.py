"""A collector under a steady load, beside nfcapd with the same packets: loss, cost, and how soon it is told."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.exporters import address_of
from benchmarks.ground import Ground, sekisho
from benchmarks.tree import Tree

PORT, PEER_PORT = 29_960, 29_961
RATE = 200_000
SECONDS = 600.0
STEP_SECONDS = 30.0
LOWEST, HIGHEST = 50_000, 1_600_000
CLOSE = 1.1
"""The search ends where the lowest rate with loss is at most this much above the highest without."""
KEEPS_UP = 5.0
"""Seconds after the last record in which everything has to count."""
GIVEN_UP = 60.0
SENT = 0.97
"""Part of the asked rate that has to be sent for a step to say anything."""
ALARM_EVERY = 5.0
MANY = 1_000
"""Exporters at once."""
_POLICY = """connections:
  - id: TH-HQ
    allow: "th-plant/* -> jp-hq/* : tcp/443, tcp/8443, tcp/1433, tcp/5432"
    owner: it
    ticket: CHG-1
    why: Business
    approved_by: {th-plant: a, jp-hq: b}
"""


@dataclass
class Outcome:
    """What a run came to. `sent` and the others count records; seconds of CPU; bytes."""

    sent: int
    kept: int
    dropped: int
    gaps: int
    cpu: float
    receiver: str
    peaks: list[int] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    alarms: int = 0
    catching_up: float = 0.0
    waits: bool = False

    @property
    def loss_free(self) -> bool:
        """Whether all that was sent arrived and is kept, or waits in the journal to be."""
        return not self.dropped and not self.gaps and (self.kept == self.sent or self.waits)

    @property
    def kept_up(self) -> bool:
        """Whether it all counted soon after: what takes longer would go on growing."""
        return self.loss_free and self.kept == self.sent and self.catching_up <= KEEPS_UP


def sustained(ground: Ground) -> None:
    """The rate asked for, for ten minutes, while the watch judges; nfcapd with the same packets after."""
    _show(
        f"{RATE:,} records a second for {SECONDS:.0f} s, one exporter",
        [collected(ground, RATE, SECONDS, 1), captured(ground, RATE, SECONDS, 1)],
    )


def highest(ground: Ground) -> None:
    """The highest rate at which nothing is lost, and that at which all counts soon; nfcapd in turn."""
    print(f"\n### The highest loss-free rate, in steps of {STEP_SECONDS:.0f} s\n")
    print("| | Asked | Sent a second | Kept | Queue drops | Gaps | Counted after | CPU s |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    answers = []
    for run in (collected, captured):
        step = _Steps(run, ground)
        for what, good in _GOOD.items():
            rate, why = searched(step, good)
            answers.append(f"{step.receiver}, {what}: {rate:,} records a second; {why}.")
    print("", *answers, sep="\n- ", flush=True)


def searched(step: Callable[[int], Outcome], good: Callable[[Outcome], bool]) -> tuple[int, str]:
    """The highest rate that is good, and what ended the search: doubled until it is not, then halved."""
    most, rate, bound = 0, LOWEST, 0
    while True:
        one = step(rate)
        sent = int(one.sent / STEP_SECONDS)
        if good(one) and sent < SENT * rate:
            return max(most, sent), "the sender gave no more"
        if good(one):
            most = rate
        else:
            bound = min(rate, max(sent, most + 1))
        if most >= HIGHEST:
            return most, "no higher rate was tried"
        if bound and bound <= max(most, LOWEST / 16) * CLOSE:
            return most, f"no more at {bound:,}"
        rate = (most + bound) // 2 if bound else min(2 * rate, HIGHEST)


_GOOD: dict[str, Callable[[Outcome], bool]] = {
    "without loss": lambda one: one.loss_free,
    f"counted within {KEEPS_UP:.0f} s": lambda one: one.kept_up,
}


class _Steps:
    """Runs at a rate, each once, and shows them as they end."""

    def __init__(self, run: Callable[[Ground, int, float, int], Outcome], ground: Ground) -> None:
        self._run, self._ground = run, ground
        self._known: dict[int, Outcome] = {}
        self.receiver = ""

    def __call__(self, rate: int) -> Outcome:
        if rate not in self._known:
            one = self._known[rate] = self._run(self._ground, rate, STEP_SECONDS, 1)
            self.receiver = one.receiver
            print(
                f"| {one.receiver} | {rate:,} | {one.sent / STEP_SECONDS:,.0f} | {one.kept:,} | {one.dropped:,}"
                f" | {one.gaps:,} | {one.catching_up:.1f} s | {one.cpu:.1f} |",
                flush=True,
            )
        return self._known[rate]


def many(ground: Ground) -> None:
    """A thousand exporters at once."""
    _show(
        f"{MANY:,} exporters, {RATE:,} records a second together for {STEP_SECONDS:.0f} s",
        [collected(ground, RATE, STEP_SECONDS, MANY), captured(ground, RATE, STEP_SECONDS, MANY)],
    )


def collected(ground: Ground, rate: int, seconds: float, exporters: int) -> Outcome:
    """`sekisho collect` and `sekisho watch` beside each other."""
    place = ground.scratch / "collect"
    shutil.rmtree(place, ignore_errors=True)
    _workspace(place, exporters)
    say = sekisho(place, "collect", "--flows", f"127.0.0.1:{PORT}", "--format", "jsonl")
    listening = subprocess.Popen([*map(str, say)], stdout=subprocess.DEVNULL)
    _until_bound(PORT)
    watching = subprocess.Popen(
        [*map(str, sekisho(place, "watch", "--format", "jsonl"))], stdout=subprocess.PIPE, text=True
    )
    told: dict[tuple[str, str, int], float] = {}
    reading = threading.Thread(target=_alerts, args=(watching, told))
    reading.start()
    time.sleep(3)
    trees = Tree(listening.pid), Tree(watching.pid)
    done = _send(PORT, rate, seconds, exporters, trees)
    begin = time.monotonic()
    while (status := _standing(place))["backlog"] or status["flows"] < done.records:
        # What was lost never comes: nothing more for so long is the end.
        if time.monotonic() - begin > GIVEN_UP or (
            not status["backlog"] and time.monotonic() - begin > KEEPS_UP
        ):
            break
        time.sleep(0.1)
    catching = time.monotonic() - begin
    time.sleep(2)
    for tree in trees:
        tree.look()
    for process in (watching, listening):
        process.send_signal(signal.SIGTERM)
    for process in (watching, listening):
        process.wait(120)
    reading.join()
    status = _status(place)
    delays = [
        told[key] - sent
        for alarm in done.alarms
        for key, sent in [((alarm["src"], alarm["dst"], alarm["port"]), alarm["at"])]
        if key in told
    ]
    return Outcome(
        sent=done.records,
        kept=status["flows"],
        dropped=status["dropped"],
        gaps=status["lost"],
        cpu=sum(tree.cpu for tree in trees),
        receiver="sekisho collect and watch",
        peaks=done.peaks,
        delays=sorted(delays),
        alarms=len(done.alarms),
        catching_up=catching,
        waits=bool(status["backlog"]),
    )


def captured(ground: Ground, rate: int, seconds: float, exporters: int) -> Outcome:
    """nfcapd, which writes and judges nothing."""
    place = ground.scratch / "nfcapd"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    listening = subprocess.Popen(
        [
            "nfcapd",
            "-p",
            str(PEER_PORT),
            "-b",
            "127.0.0.1",
            "-w",
            str(place),
            "-t",
            "86400",
            "-B",
            "67108864",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _until_bound(PEER_PORT)
    tree = Tree(listening.pid)
    done = _send(PEER_PORT, rate, seconds, exporters, (tree,))
    time.sleep(2)
    tree.look()
    listening.terminate()
    listening.wait(60)
    shown = subprocess.run(
        ["nfdump", "-R", str(place), "-I"], capture_output=True, text=True, check=True
    )
    kept, gaps = (
        int(found[1]) if (found := re.search(rf"^{what}:\s+(\d+)", shown.stdout, re.M)) else 0
        for what in ("Flows", "Sequence failures")
    )
    return Outcome(done.records, kept, 0, gaps, tree.cpu, "nfcapd", done.peaks)


@dataclass
class _Sent:
    records: int
    alarms: list[dict[str, Any]]
    peaks: list[int]


def _until_bound(port: int) -> None:
    """Wait until somebody takes datagrams there. Raises TimeoutError after a minute."""
    end = f":{port:04X} "
    for _ in range(600):
        if any(end in line for line in Path("/proc/net/udp").read_text().splitlines()):
            return
        time.sleep(0.1)
    raise TimeoutError(f"nobody listens at UDP port {port}")


def _send(port: int, rate: int, seconds: float, exporters: int, trees: tuple[Tree, ...]) -> _Sent:
    """Send, and look at the receivers' memory meanwhile: bytes, at each tenth of the time."""
    command = [sys.executable, "-m", "benchmarks.exporters", str(port), "--rate", str(rate)]
    command += [
        "--seconds",
        str(seconds),
        "--exporters",
        str(exporters),
        "--alarm-every",
        str(ALARM_EVERY),
    ]
    sender = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    peaks: list[int] = []
    highest = 0
    begin = time.monotonic()
    while sender.poll() is None:
        for tree in trees:
            tree.look()
        highest = max(highest, sum(tree.memory for tree in trees))
        if time.monotonic() - begin >= (len(peaks) + 1) * seconds / 10:
            peaks.append(highest)
            highest = 0
        time.sleep(0.5)
    assert sender.stdout is not None
    lines = [json.loads(line) for line in sender.stdout]
    return _Sent(lines[-1]["records"], lines[:-1], peaks)


def _alerts(watching: subprocess.Popen[str], told: dict[tuple[str, str, int], float]) -> None:
    """When each connection was first told of."""
    assert watching.stdout is not None
    for line in watching.stdout:
        now = time.time()
        for member in json.loads(line).get("members", ()):
            told.setdefault((member["src"]["address"], member["dst"]["address"], member["port"]), now)


def _status(place: Path) -> dict[str, Any]:
    command = [*map(str, sekisho(place, "collect", "--status", "--format", "json"))]
    answer = subprocess.run(command, capture_output=True, check=True).stdout
    status: dict[str, Any] = json.loads(answer)
    return status


def _standing(place: Path) -> dict[str, Any]:
    """The same, as the collector wrote it down last: without the seconds that a program needs to begin."""
    found: dict[str, Any] = json.loads((place / "data/journal/collect.json").read_bytes())
    return found


def _workspace(place: Path, exporters: int) -> None:
    place.mkdir(parents=True)
    (place / "sekisho.toml").write_text("")
    (place / "assets.csv").write_text("address,hostname,site,groups,owner,criticality\n")
    (place / "policy.yaml").write_text(_POLICY)
    sensors = "".join(
        f"  edge-{number}: {{site: th-plant, kind: netflow, address: {address_of(number)}, sees: [edge]}}\n"
        for number in range(exporters)
    )
    (place / "sites.yaml").write_text(
        "sites:\n"
        "  jp-hq: {name: HQ, country: JP, timezone: Asia/Tokyo, owner: it, prefixes: [10.1.0.0/16]}\n"
        "  th-plant: {name: Plant, country: TH, timezone: Asia/Bangkok, owner: it, prefixes: [10.40.0.0/16]}\n"
        f"sensors:\n{sensors}"
    )


def _show(title: str, outcomes: list[Outcome]) -> None:
    print(f"\n### {title}\n")
    print("| | Sent | Kept | Queue drops | Gaps | CPU s | M records a CPU s | Peak memory, by tenths |")
    print("|---|---:|---:|---:|---:|---:|---:|---|")
    for one in outcomes:
        peaks = " ".join(f"{peak / 2**20:.0f}" for peak in one.peaks)
        print(
            f"| {one.receiver} | {one.sent:,} | {one.kept:,} | {one.dropped:,} | {one.gaps:,} | {one.cpu:.1f}"
            f" | {one.kept / one.cpu / 1e6:.2f} | {peaks} MiB |"
        )
    for one in outcomes:
        if one.alarms:
            delays = one.delays or [float("nan")]
            print(
                f"\n{len(one.delays)} of {one.alarms} conversations that no rule permits were told of:"
                f" median {delays[len(delays) // 2]:.1f} s, longest {delays[-1]:.1f} s after they were sent;"
                f" {one.catching_up:.1f} s after the last record everything counted.",
                flush=True,
            )
