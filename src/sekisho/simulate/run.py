"""`simulate`: a company, its life and a scenario, as a workspace with the truth beside it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sekisho.errors import RequestError
from sekisho.simulate.attack import Script
from sekisho.simulate.base import SECOND, SIZES, Dice, Labels, Progress, Scale, Size, Summary
from sekisho.simulate.benign import business, infrastructure, mishaps, operations, people, surroundings
from sekisho.simulate.benign.base import Activity
from sekisho.simulate.calendar import Calendar, moment
from sekisho.simulate.company import Company, found
from sekisho.simulate.flows import Array, count_packets
from sekisho.simulate.generate import Life
from sekisho.simulate.logfiles import LogFiles
from sekisho.simulate.register import Permit, Register
from sekisho.simulate.registry import SCENARIOS
from sekisho.simulate.sensors import Format, Probe, observe, place_sensors
from sekisho.simulate.text import table
from sekisho.simulate.truth import Truth
from sekisho.simulate.workspace import write_workspace
from sekisho.simulate.writers.registry import writer_for

START = date(2020, 5, 25)
LONGER = {"kawasaki": 46}
"""Days at the larger scales where a scenario's course needs more than the scale's own."""
MOST_FLOWS = 100_000_000
_BARRIER = 10 * SECOND


def simulate(
    scenario: str,
    out: Path,
    seed: int,
    scale: Scale = "small",
    progress: Progress | None = None,
    *,
    start: date = START,
    days: int | None = None,
    flows: int | None = None,
    clients: int | None = None,
    recorded_as: Format | None = None,
) -> Summary:
    """Write the workspace `out` (a new or empty folder): its files, logs/SENSOR/…, and truth/.

    The same scenario, seed, scale and options write the same bytes. `start` is the first UTC day,
    `days` at least 5, `flows` about how many conversations happen (up to 100 million), `clients` those
    of a full-sized site (up to 3,000). `recorded_as` gives every sensor one format, so that the same
    traffic can be compared as different sources tell it. Raises RequestError.
    """
    size = SIZES.get(scale)
    if scenario not in SCENARIOS or size is None:
        raise RequestError(
            f"no scenario {scenario!r} at scale {scale!r}",
            f"choose one of {', '.join(SCENARIOS)} at {', '.join(SIZES)}",
        )
    if scale != "small" and days is None:
        days = LONGER.get(scenario)
    size = replace(
        size, days=days or size.days, flows=flows or size.flows, clients=clients or size.clients
    )
    if not (5 <= size.days <= 400 and 1000 <= size.flows <= MOST_FLOWS and 10 <= size.clients <= 3000):
        raise RequestError(
            "days, flows or clients out of range", "5-400 days, 1000-100000000 flows, 10-3000 clients"
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RequestError(f"{out} is not an empty folder", "name a new one; nothing is overwritten")
    entropy = (zlib.crc32(scenario.encode()), seed & (2**63 - 1), zlib.crc32(scale.encode()))

    def refit(probes: Sequence[Probe]) -> list[Probe]:
        return [replace(probe, format=recorded_as or probe.format) for probe in probes]

    setting = Setting(scenario, seed, scale, size, start, Dice(entropy), SCENARIOS[scenario], refit)
    return enact(setting, out, progress)


@dataclass(frozen=True, slots=True)
class Setting:
    """What is played and under which circumstances. `play` scripts what somebody does on purpose; `refit`
    gives the sensors their last changes."""

    scenario: str
    seed: int
    scale: str
    size: Size
    start: date
    dice: Dice
    play: Callable[[Script], None]
    refit: Callable[[Sequence[Probe]], list[Probe]] = list


@dataclass(frozen=True, slots=True)
class Staged:
    """A setting with its cast and script, before anything is written."""

    company: Company
    calendar: Calendar
    activities: Sequence[Activity]
    permits: Sequence[Permit]
    probes: Sequence[Probe]
    script: Script
    labels: Labels


def stage(setting: Setting) -> Staged:
    """Who is there, what goes on, and what is scripted; the same setting gives the same."""
    company = found(setting.size, setting.dice)
    calendar = Calendar(setting.start, setting.size.days, company.places)
    labels = Labels()
    activities, permits = benign_life(company, calendar, labels)
    probes = setting.refit(place_sensors(company, calendar, setting.dice))
    script = Script(company, calendar, setting.dice.stream("scenario"), labels)
    setting.play(script)
    return Staged(company, calendar, activities, permits, probes, script, labels)


def enact(setting: Setting, out: Path, progress: Progress | None = None) -> Summary:
    """Write the workspace `out` (a new or empty folder) of a setting."""
    size, dice = setting.size, setting.dice
    staged = stage(setting)
    company, calendar, script = staged.company, staged.calendar, staged.script
    permits, probes = staged.permits, staged.probes
    scripted = script.flows()
    count_packets(scripted)
    script.parts = [scripted]
    life = Life(calendar, company.where(), staged.activities, scripted, size.flows, dice)
    assets = write_workspace(out, f"{setting.scenario} (simulated)", company, permits, probes)
    truth = Truth(company, Register(company, permits), staged.labels.names)
    records = _Stage(company, probes, dice, out / "logs")
    happened = records.play(life, truth, progress)
    copies = _repeat(records.logs)
    about = {
        "scenario": setting.scenario,
        "seed": setting.seed,
        "scale": setting.scale,
        "from": moment(calendar.begin).isoformat(),
        "to": moment(calendar.end).isoformat(),
        "flows": happened,
    }
    truth.write(out / "truth", script, probes, about)
    return Summary(
        setting.scenario,
        out,
        setting.seed,
        setting.scale,
        moment(calendar.begin),
        moment(calendar.end),
        len(company.places),
        len(probes),
        assets,
        len(permits),
        happened,
        sum(log.rows for log in records.logs),
        sum(len(log.files) for log in records.logs) + copies,
        sum(log.size for log in records.logs),
        len(truth.recorded()),
        len(script.hops),
    )


def benign_life(
    company: Company, calendar: Calendar, labels: Labels
) -> tuple[list[Activity], list[Permit]]:
    """All themes together: what goes on and the register that permits it."""
    themes = [
        infrastructure.theme(company),
        business.theme(company),
        people.theme(company),
        operations.theme(company),
        surroundings.theme(company),
        mishaps.theme(company, calendar, labels),
    ]
    return [a for activities, _ in themes for a in activities], [
        p for _, permits in themes for p in permits
    ]


@dataclass(slots=True)
class _Stage:
    """The sensors at work: drawing the next stretch while two threads write the last one."""

    company: Company
    probes: Sequence[Probe]
    dice: Dice
    folder: Path
    logs: list[LogFiles]

    def __init__(self, company: Company, probes: Sequence[Probe], dice: Dice, folder: Path) -> None:
        self.company, self.probes, self.dice, self.folder = company, probes, dice, folder
        addresses, v6 = table([host.address for host in company.hosts]), company.v6()
        self.logs = [
            LogFiles(
                p,
                writer_for(p.format, p, v6, addresses, dice.stream("writer", p.name)),
                folder / p.name,
            )
            for p in probes
        ]

    def play(self, life: Life, truth: Truth, progress: Progress | None) -> int:
        """Write everything; gives the number of flows."""
        stretches = list(life.stretches())
        happened = 0
        jobs: list[Future[None]] = []
        with ThreadPoolExecutor(max_workers=2) as pool:
            for number, stretch in enumerate(stretches):
                flows = life.flows(stretch)
                happened += len(flows)
                seen = {
                    p.name: observe(p, flows, life.where, self.dice.stream("observe", p.name, number))
                    for p in self.probes
                }
                truth.take(flows, seen, self.probes)
                for job in jobs:
                    job.result()
                jobs = [
                    pool.submit(_write, log, flows, *seen[log.probe.name], stretch.end)
                    for log in self.logs
                ]
                if progress is not None:
                    progress("writing logs", number + 1, len(stretches))
            for job in jobs:
                job.result()
        for log in self.logs:
            log.finish()
        return happened


def _write(log: LogFiles, flows: Array, rows: Array, begin: Array, end: int) -> None:
    log.take(log.writer.records(flows[rows], begin))
    log.release(end + log.probe.offset - _BARRIER)


def _repeat(logs: Sequence[LogFiles]) -> int:
    """What careless archiving leaves: a log beside its compressed copy, and a file twice.

    Returns how many files that added.
    """
    added = 0
    for log in logs:
        if log.probe.name == "us-plant-edge" and len(log.files) > 2:
            path = log.files[2]
            packer = zlib.compressobj(6, zlib.DEFLATED, 31)
            data = packer.compress(path.read_bytes()) + packer.flush()
            path.with_name(f"{path.name}.gz").write_bytes(data)
            added += 1
        if log.probe.name == "ph-plant-edge" and len(log.files) > 3:
            copy = log.folder / "recovered" / log.files[3].name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(log.files[3].read_bytes())
            added += 1
    return added
