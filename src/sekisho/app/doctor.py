"""Whether a workspace is well: what a person checks before trusting an answer at night."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import pyarrow as pa

from sekisho import __version__
from sekisho.app import doctor_fleet, doctor_live
from sekisho.app.ledger import verify
from sekisho.app.register import read_register
from sekisho.app.wiring import open_engine, open_lake, read_inventory
from sekisho.app.workspace import Workspace
from sekisho.errors import SekishoError
from sekisho.ledger.ledger import Ledger
from sekisho.model.sizes import size
from sekisho.reports.units import counted
from sekisho.state.state import State

State_ = Literal["ok", "warn", "fail"]
LEAST_FREE = 1 << 30
"""Bytes of disk below which the next ingest may not fit."""
LONG = timedelta(days=2)
"""A sensor without a record for so long, while others have some, is worth a look."""
AHEAD = timedelta(minutes=5)
LIBRARIES = ("duckdb", "pyarrow", "numpy", "pydantic", "sqlalchemy", "ruamel.yaml")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `mend` is what to do where it is not well."""

    name: str
    state: State_
    text: str
    mend: str = ""


def examine(workspace: Workspace, *, now: datetime) -> tuple[Check, ...]:
    """Look at everything; nothing is changed. `now` is aware UTC."""
    examinations: tuple[Callable[[], Iterator[Check]], ...] = (
        _versions,
        lambda: _settings(workspace),
        lambda: _engine(workspace),
        lambda: _sinks(workspace, now),
        lambda: _register(workspace),
        lambda: _disk(workspace),
        lambda: _permissions(workspace),
        lambda: _ledger(workspace, now),
        lambda: _state(workspace),
        lambda: _lake(workspace, now),
        *(partial(_live, look, workspace, now) for look in _LIVE),
    )
    checks = [check for examination in examinations for check in _guarded(examination)]
    if all(check.name != "clock" for check in checks):
        text = f"{now:%Y-%m-%d %H:%M} UTC; nothing that was recorded lies ahead of it"
        checks.append(Check("clock", "ok", text))
    return tuple(checks)


_LIVE = (
    doctor_live.collector,
    doctor_live.forwarding,
    doctor_live.certificates,
    doctor_live.watch,
    doctor_fleet.service,
)


def _live(
    look: Callable[[Workspace, datetime], Iterator[doctor_live.Found]],
    workspace: Workspace,
    now: datetime,
) -> Iterator[Check]:
    for found in look(workspace, now):
        yield Check(*found)


def _guarded(examination: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    try:
        yield from examination()
    except SekishoError as error:
        yield Check("workspace", "fail", str(error), error.mend)
    except OSError as error:
        yield Check("workspace", "fail", f"{error.filename}: {error.strerror}", "check its permissions")


def _versions() -> Iterator[Check]:
    found = []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            yield Check("libraries", "fail", f"{name} is not installed", "make install")
    yield Check(
        "versions",
        "ok",
        f"sekisho {__version__}, Python {platform.python_version()}, {', '.join(found)}",
    )


def _settings(workspace: Workspace) -> Iterator[Check]:
    workspace.settings(os.environ)
    yield Check("settings", "ok", "sekisho.toml can be read")


def _engine(workspace: Workspace) -> Iterator[Check]:
    engine = workspace.settings(os.environ).settings.engine
    if engine.kind == "duckdb":
        yield Check("engine", "ok", "duckdb, embedded")
        return
    where = (
        engine.url if isinstance(engine.url, str) else "the URL kept secret" if engine.url else "here"
    )
    try:
        with open_engine(workspace) as opened:
            asked = opened.table("doctor", pa.table({"asked": pa.array([20, 22], pa.int64())}))
            answer = opened.fetch(asked.agg(answer=asked["asked"].sum()))["answer"].to_pylist()
    except SekishoError as error:
        mend = error.mend or "see [engine] in sekisho.toml"
        yield Check("engine", "fail", f"{engine.kind} ({where}): {error}", mend)
        return
    if answer != [42]:
        yield Check("engine", "fail", f"{engine.kind} ({where}) does not reckon", "see its own logs")
        return
    yield Check("engine", "ok", f"{engine.kind} ({where}) answers; ingest stays with duckdb")


def _sinks(workspace: Workspace, now: datetime) -> Iterator[Check]:
    """Whether each sink's secrets and certificates can be read; nothing is sent."""
    names = workspace.settings(os.environ).settings.watch.sinks
    if not names:
        return
    from sekisho.app.sinks import Surroundings, open_sink

    around = Surroundings(workspace.root, os.environ, lambda: now, sys.stdout.buffer)
    good = 0
    for name in names:
        try:
            open_sink(workspace, name, around)
            good += 1
        except SekishoError as error:
            mend = error.mend or f"see [watch.sinks.{name}] in sekisho.toml"
            yield Check("sinks", "fail", str(error), mend)
    if good:
        text = f"{counted(good, 'sink')} can be opened; `sekisho sink test NAME` sends to one"
        yield Check("sinks", "ok", text)


def _register(workspace: Workspace) -> Iterator[Check]:
    inventory, policy = read_register(workspace)
    yield Check(
        "register",
        "ok" if inventory.sensors else "warn",
        f"{len(inventory.sites)} sites, {len(inventory.sensors)} sensors, {len(policy.rules)} rules",
        "" if inventory.sensors else "add sensors to sites.yaml: without one nothing can be ingested",
    )


def _disk(workspace: Workspace) -> Iterator[Check]:
    free = shutil.disk_usage(workspace.root).free
    text = f"{size(free)} free below {workspace.root}"
    if free < LEAST_FREE:
        yield Check(
            "disk", "warn", text, "make room: an ingest that runs out of disk counts for nothing"
        )
    else:
        yield Check("disk", "ok", text)


def _permissions(workspace: Workspace) -> Iterator[Check]:
    if not workspace.data.is_dir():
        yield Check("permissions", "warn", "there is no data/ yet", "it is made by the first ingest")
        return
    mode = stat.S_IMODE(workspace.data.stat().st_mode)
    if mode & 0o077:
        yield Check(
            "permissions",
            "warn",
            f"data/ is open to others (mode {mode:o})",
            f"chmod 700 {workspace.data}",
        )
    elif not os.access(workspace.data, os.W_OK):
        yield Check("permissions", "fail", "data/ cannot be written", "run as its owner")
    else:
        yield Check("permissions", "ok", "data/ is its owner's alone")


def _ledger(workspace: Workspace, now: datetime) -> Iterator[Check]:
    report = verify(workspace)
    if not report.whole:
        yield Check(
            "ledger",
            "fail",
            f"not whole, {counted(len(report.flaws), 'flaw')}: {report.flaws[0]}",
            "restore data/ledger from a backup; `sekisho ledger verify` lists all",
        )
        return
    yield Check("ledger", "ok", f"whole, {counted(report.entries, 'entry', 'entries')}")
    if report.entries:
        yield from _published(workspace, now)
    ledger = Ledger(workspace.ledger)
    last = next(ledger.entries(ledger.head().start), None)
    if last is not None and last.at > now + AHEAD:
        yield Check(
            "clock",
            "fail",
            f"the last entry of the ledger is of {last.at:%Y-%m-%d %H:%M} UTC, which lies ahead of now",
            "set this machine's clock; times of decisions cannot be trusted until then",
        )


def _published(workspace: Workspace, now: datetime) -> Iterator[Check]:
    """Whether what is recorded is in a head that lies outside this system; nothing is sent."""
    from sekisho.app.ledger_publishing import lags, late
    from sekisho.app.sinks import Surroundings

    settings = workspace.settings(os.environ).settings.ledger
    if not settings.published:
        text = "its head is published nowhere: who can write data/ could write another"
        yield Check("witnesses", "ok", text, "name a witness in [ledger] of sekisho.toml")
        return
    around = Surroundings(workspace.root, os.environ, lambda: now, sys.stdout.buffer)
    good = []
    for lag in lags(workspace, around):
        if late(lag, now, settings.publish_hours):
            has = f"has a head of {lag.size:,}" if lag.size else "has no head"
            text = f"{lag.witness} {has}; what follows is of {lag.since:%Y-%m-%d %H:%M} UTC and newer"
            yield Check("witnesses", "warn", text, "sekisho ledger publish, from cron")
        else:
            good.append(lag.witness)
    if good:
        yield Check("witnesses", "ok", f"its head is published: {', '.join(good)}")


def _state(workspace: Workspace) -> Iterator[Check]:
    where = workspace.state_url(os.environ)
    if where == workspace.state and not workspace.state.is_file():
        # The ledger's own entries, such as the one that names its key, are followed by no state.
        kinds = (entry.kind for entry in Ledger(workspace.ledger).entries())
        entries = sum(1 for kind in kinds if not kind.startswith("ledger."))
        if entries:
            yield Check(
                "state",
                "fail",
                f"data/state is gone, while the ledger holds {entries} entries",
                "restore it from a backup: the ledger has the decisions, but not the documents kept",
            )
        else:
            yield Check("state", "ok", "nothing was decided yet")
        return
    with State.open(where) as state:
        damage = state.damage()
    if damage:
        yield Check("state", "fail", damage[0], "restore data/state from a backup")
    else:
        yield Check("state", "ok", "whole")


def _lake(workspace: Workspace, now: datetime) -> Iterator[Check]:
    if not workspace.lake.is_dir():
        yield Check("lake", "warn", "there is no flow lake yet", "sekisho ingest PATH")
        return
    with open_lake(workspace, create=False) as lake:
        stats, damage = lake.stats(), lake.damage()
        # Asking for hours brings roll-ups up to date, so a lake that cannot be read shows here.
        hours = lake.hours().to_pylist()
    if damage:
        yield Check("lake", "fail", f"{counted(len(damage), 'damaged file')}", "sekisho store verify")
    else:
        text = (
            f"{counted(stats.flows, 'flow')} of {counted(stats.days, 'day')}, "
            f"{counted(stats.set_aside, 'file')} set aside"
        )
        yield Check("lake", "ok", text)
    last: dict[str, datetime] = {}
    for row in hours:
        last[row["sensor"]] = max(
            row["last"], last.get(row["sensor"], datetime.min.replace(tzinfo=UTC))
        )
    yield from _sensors(list(read_inventory(workspace).sensors), last, now)


def _sensors(names: list[str], last: dict[str, datetime], now: datetime) -> Iterator[Check]:
    if not last:
        return
    newest = max(last.values())
    if newest > now + timedelta(days=1):
        yield Check(
            "clock",
            "warn",
            f"there is evidence of {newest:%Y-%m-%d %H:%M} UTC, which lies ahead of now",
            "a sensor's clock or this machine's is wrong; see `sekisho coverage`",
        )
    never = [name for name in names if name not in last]
    late = [name for name in names if name in last and last[name] < min(newest, now) - LONG]
    if never:
        yield Check("sensors", "warn", f"no record ever from {', '.join(never)}", "ingest their logs")
    if late:
        yield Check(
            "sensors",
            "warn",
            f"silent for over {LONG.days} days: {', '.join(late)}",
            "look at the sensor; what only it sees is not recorded",
        )
    if newest < now - LONG:
        yield Check(
            "sensors",
            "warn",
            f"no record of any sensor since {newest:%Y-%m-%d %H:%M} UTC",
            "ingest what was logged since: until then nothing can be said of it",
        )
    elif not never and not late:
        yield Check("sensors", "ok", f"all {len(names)} have recent records")
