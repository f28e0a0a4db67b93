"""One month of a company of about three thousand assets with several chains at once, recorded and taken in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.chains.kinds import play
from benchmarks.chains.plot import Plot
from benchmarks.chains.truth import Kind, TrueChain
from sekisho.app.ingest import ingest
from sekisho.app.workspace import Workspace
from sekisho.simulate.attack import Script
from sekisho.simulate.base import DAY, HOUR, MINUTE, Dice, Size
from sekisho.simulate.calendar import Calendar
from sekisho.simulate.company import Company
from sekisho.simulate.flows import S0, SF
from sekisho.simulate.register import Register
from sekisho.simulate.run import START, Setting, benign_life, enact, stage
from sekisho.simulate.sensors import Outage, Probe

SIZE = Size(flows=400_000, days=31, clients=120, internet=3_000)
EACH = (
    Kind.TUNNEL, Kind.TUNNEL, Kind.STAGED, Kind.STAGED, Kind.LONG, Kind.LONG, Kind.REVERSE, Kind.REVERSE,
    Kind.CREDENTIALS, Kind.CREDENTIALS, Kind.MISSING, Kind.EXFILTRATION, Kind.EXFILTRATION, Kind.PERMITTED,
)  # fmt: skip
"""The chains of one month."""
SINGLE, STARS = 45, 4
"""Innocent connections of a month that no rule allows, and people who reach several hosts that way."""
AGENTS = 240
"""Programs on company hosts that call a party of their own outside, all month or for a part of it."""
INNOCENT = (445, 3389, 22, 443, 80, 8080, 1433, 9100, 5432, 21, 161, 5985)


@dataclass(frozen=True, slots=True)
class World:
    """A workspace with its lake, and the truth. `hostnames` are by realm and address; `assets` and `flows` are
    how many there are."""

    place: Path
    chains: tuple[TrueChain, ...]
    hostnames: dict[tuple[str, str], str]
    assets: int
    flows: int
    rows: int
    days: int


def world(scratch: Path, seed: int, *, attacks: bool = True) -> World:
    """Made where there is none yet; the same seed gives the same month."""
    place = scratch / f"chains-{seed}-{'attacks' if attacks else 'quiet'}"
    dice = Dice((seed, int(attacks)))
    rng = dice.stream("plot")
    dark = _dark(rng)
    cast = _Cast(rng, dark, EACH if attacks else ())
    setting = Setting("chains", seed, "chains", SIZE, START, dice, cast.play, cast.refit)
    kept = place / "written.json"
    if kept.exists():
        stage(setting)
    else:
        shutil.rmtree(place, ignore_errors=True)
        summary = enact(setting, place)
        ingest(Workspace(place), [place / "logs"], sensor=None, reader=None, now=after())
        shutil.rmtree(place / "logs")
        kept.write_text(json.dumps([summary.assets, summary.flows, summary.rows]), encoding="utf-8")
    assets, flows, rows = json.loads(kept.read_text(encoding="utf-8"))
    return World(place, tuple(cast.chains), cast.hostnames, assets, flows, rows, SIZE.days)


def after(days: int = 1) -> datetime:
    """A time after the month."""
    return datetime(START.year, START.month, START.day, tzinfo=UTC) + timedelta(days=SIZE.days + days)


def _dark(rng: np.random.Generator) -> tuple[str, int, int]:
    """A plant or office, and the days (as microseconds after the month's begin) its sensor is off."""
    site = str(rng.choice(["ph-plant", "id-plant", "in-eng", "us-plant", "de-office"]))
    begin = int(rng.uniform(6, 16) * DAY)
    return site, begin, begin + int(rng.uniform(5, 9) * DAY)


class _Cast:
    """What the simulation asks for: sensors, then the script."""

    def __init__(
        self, rng: np.random.Generator, dark: tuple[str, int, int], kinds: Sequence[Kind]
    ) -> None:
        self.rng, self.dark, self.kinds = rng, dark, kinds
        self.probes: list[Probe] = []
        self.chains: list[TrueChain] = []
        self.hostnames: dict[tuple[str, str], str] = {}

    def refit(self, probes: Sequence[Probe]) -> list[Probe]:
        """One file a sensor, so that reading them costs little; one sensor off for days."""
        site, begin, end = self.dark
        origin = Calendar(START, SIZE.days, ()).begin
        for probe in probes:
            outages = probe.outages
            if probe.name == f"{site}-edge":
                outages = (
                    Outage(
                        origin + begin // MINUTE * MINUTE, origin + end // MINUTE * MINUTE, crash=True
                    ),
                )
            self.probes.append(replace(probe, rotation=400 * DAY, gz=False, outages=outages))
        return self.probes

    def play(self, script: Script) -> None:
        """Chains and innocent connections."""
        _, permits = benign_life(script.company, script.calendar, script.labels)
        register = Register(script.company, permits)
        plot = Plot(script, register, self.probes, self.rng)
        site, begin, end = self.dark
        origin = script.calendar.begin
        # Those that need hosts of which there are few choose first.
        for kind in sorted(
            self.kinds, key=lambda k: k not in (Kind.PERMITTED, Kind.CREDENTIALS, Kind.MISSING)
        ):
            play(plot, kind, (site, origin + begin, origin + end))
        _innocent(plot)
        _agents(plot)
        script.facts |= {"entry": None, "onset": None, "notes": "Several chains at once."}
        self.chains = plot.chains
        places = script.company.places
        self.hostnames = {
            (places[host.site].realm if host.site >= 0 else "", host.address): host.name
            for host in script.company.hosts
        }


def _innocent(plot: Plot) -> None:
    """Connections that somebody should have asked for: one here and there, or several from one desk. They
    touch chains' hosts as they do others, but join no two chains: a company has few at once."""
    script, register, rng, company = plot.script, plot.register, plot.rng, plot.script.company
    rows = _inside(company)
    servers = [r for r in rows if company.hosts[r].address.split(".")[2] == "10"]
    of = {
        name: chain.number
        for chain in plot.chains
        for step in chain.steps
        for name in (step.src, step.dst)
    }
    for number in range(SINGLE + STARS):
        src = int(rng.choice(rows))
        begin = script.calendar.begin + int(rng.uniform(0, SIZE.days - 2) * DAY)
        joined = {of[company.hosts[src].name]} if company.hosts[src].name in of else set[int]()
        for _ in range(1 if number < SINGLE else int(rng.integers(2, 6))):
            dst, port = int(rng.choice(servers)), int(rng.choice(INNOCENT))
            touched = {of[company.hosts[dst].name]} if company.hosts[dst].name in of else set[int]()
            if company.hosts[src].site == company.hosts[dst].site or len(joined | touched) > 1:
                continue
            if register.judge(src, dst, 6, port, begin) == "authorized":
                continue
            joined |= touched
            times = begin + np.sort(rng.uniform(0, rng.uniform(0.1, 9) * DAY, int(rng.integers(1, 15))))
            size = float(rng.lognormal(10.5, 1.8))
            script.sessions(
                "benign: nobody asked for it", src, dst, port, times.astype(np.int64),
                float(rng.lognormal(2.5, 1.5)), size, size * float(rng.lognormal(0.5, 1)),
                (SF, SF, SF, S0),
            )  # fmt: skip
            begin += int(rng.uniform(0.02, 6) * HOUR)


def _agents(plot: Plot) -> None:
    """Updaters, licence checks and the like: a beat, or sessions held open, with a party that hardly anybody
    else talks to. So looks control from outside too."""
    script, rng, company = plot.script, plot.rng, plot.script.company
    calendar = script.calendar
    outside = [int(r) for r in company.of("internet")][300:]
    for host in rng.choice(_inside(company), AGENTS, replace=False).tolist():
        begin, end = calendar.begin, calendar.end - HOUR
        if rng.random() < 0.5:
            begin += int(rng.uniform(0, SIZE.days - 2) * DAY)
            end = min(end, begin + int(rng.exponential(10) * DAY) + HOUR)
        party, port = int(rng.choice(outside)), int(rng.choice((443, 443, 443, 8443, 80, 5223)))
        every = int(rng.lognormal(3.5, 1.0) * MINUTE)
        seconds = 2.0
        if rng.random() < 0.35:
            every = int(rng.uniform(4, 30) * HOUR)
            seconds = every / 1e6 * 0.9
        times = np.arange(begin, end, every)[:1500]
        times = times + rng.integers(0, max(every // 6, 1), len(times))
        script.sessions("benign: an agent", host, party, port, times, seconds, 900, 1800)


def _inside(company: Company) -> list[int]:
    """Hosts of the default address space, by their IPv4 addresses."""
    return [
        row
        for row, host in enumerate(company.hosts)
        if host.listed
        and host.site >= 0
        and ":" not in host.address
        and not company.places[host.site].realm
    ]
