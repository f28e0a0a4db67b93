"""The one place that connects everything: a workspace's parts, opened with its settings."""

from __future__ import annotations

import os
import tempfile
from bisect import bisect_right
from pathlib import Path

from sekisho.app.secrets import SecretReference
from sekisho.app.workspace import Workspace
from sekisho.inventory.files import load_inventory
from sekisho.inventory.register import Inventory
from sekisho.model.addresses import bounds, halves, key
from sekisho.model.sites import Site
from sekisho.sources.times import micros_of
from sekisho.store.base import AddressRange, SensorTraits, Translated
from sekisho.store.engines.portable import PortableEngine, Target
from sekisho.store.engines.registry import ENGINES
from sekisho.store.lake import Lake
from sekisho.store.layout import Layout
from sekisho.store.writer import Steps


def open_lake(
    workspace: Workspace,
    *,
    create: bool = True,
    lock_timeout: float | None = None,
    steps: Steps = lambda _step: None,
) -> Lake:
    """The flow lake, with the limits of the settings. Use it as a context manager.

    What is judged and looked back at goes to the engine that the settings name; taking logs in, rolling
    up and raw records stay with the embedded one. `lock_timeout` (seconds) is used instead of theirs.
    """
    settings = workspace.settings(os.environ).settings
    store = settings.store
    return Lake.open(
        workspace.lake,
        create=create,
        memory_limit=f"{store.memory_limit}B",
        threads=store.threads,
        steps=steps,
        lock_timeout=store.lock_timeout if lock_timeout is None else lock_timeout,
        elsewhere=None if settings.engine.kind == "duckdb" else lambda: open_engine(workspace),
    )


def open_engine(workspace: Workspace) -> PortableEngine:
    """The engine that the settings name, for the portable questions. Use it as a context manager.

    Raises RequestError where its packages are missing, it does not answer or a secret is not there.
    """
    settings = workspace.settings(os.environ).settings
    engine, store = settings.engine, settings.store
    url, password = engine.url, engine.password
    staging = Layout(workspace.lake).staging
    target = Target(
        root=workspace.lake,
        temporary=staging if staging.is_dir() else Path(tempfile.gettempdir()),
        memory_limit=store.memory_limit,
        threads=store.threads,
        url=url.read(workspace.root, os.environ).reveal() if isinstance(url, SecretReference) else url,
        user=engine.user,
        password=password.read(workspace.root, os.environ).reveal() if password else None,
        database=engine.database,
        cluster=engine.cluster,
        lake=engine.lake,
        options=engine.options,
    )
    return ENGINES[engine.kind](target)


def traits_of(inventory: Inventory) -> dict[str, SensorTraits]:
    """What the lake must know of the sensors: at which addresses each is at home."""
    homes = {
        name: _home(inventory, inventory.sites[name])
        for name in {sensor.site for sensor in inventory.sensors.values()} & inventory.sites.keys()
    }
    return {
        name: SensorTraits(sensor.site, homes.get(sensor.site, ()), _translated(inventory, name))
        for name, sensor in inventory.sensors.items()
    }


def _translated(inventory: Inventory, sensor: str) -> tuple[Translated, ...]:
    """What stands for other addresses in a sensor's records."""
    found = []
    for one in inventory.translations:
        if one.sensor in (None, sensor):
            limits = {
                name: micros_of(at)
                for name, at in (("begin", one.validity.begin), ("end", one.validity.end))
                if at is not None
            }
            ends = (*key(one.translated), *key(one.original))
            found.append(Translated(one.realm, *ends, *one.ports, **limits))
    return tuple(found)


def _home(inventory: Inventory, site: Site) -> tuple[AddressRange, ...]:
    """The prefixes of a site, and what longer ones give to other sites; the longest come last."""
    lows: list[int] = []
    highs: list[int] = []
    for low, minus_high in sorted((b[0], -b[1]) for b in (bounds(d.prefix) for d in site.prefixes)):
        if not highs or -minus_high > highs[-1]:
            lows.append(low)
            highs.append(-minus_high)
    ranges: list[tuple[int, AddressRange]] = []
    for other in inventory.sites.values():
        for dated in other.prefixes if other.realm == site.realm else ():
            first, last = bounds(dated.prefix)
            held = dated.validity.meet(other.validity)
            place = bisect_right(lows, first) - 1
            if held is not None and place >= 0 and last <= highs[place]:
                begin, end = (None if at is None else micros_of(at) for at in (held.begin, held.end))
                keys = (*halves(first), *halves(last))
                own = other.name == site.name
                ranges.append((last - first, AddressRange(site.realm, *keys, begin, end, own)))
    return tuple(one for _, one in sorted(ranges, key=lambda found: -found[0]))


def read_inventory(workspace: Workspace) -> Inventory:
    """Sites, sensors and assets as the files stand. Raises FileProblems."""
    return load_inventory(workspace.root)
