"""Very many rows, fast: one or two sensors' logs of a given length for the benchmarks.

A row is put together from parts rendered once: the ends of its connection, and one of several hundred
shapes (duration, bytes, state, history, packets) of its service, each consistent in itself. A
connection is seen about ten times a day; popularity falls off as a power law.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Literal

import numpy as np

from sekisho.errors import RequestError
from sekisho.simulate.base import DAY, MINUTE, Dice
from sekisho.simulate.calendar import microseconds, moment
from sekisho.simulate.flows import EPHEMERAL
from sekisho.simulate.sensors import Format
from sekisho.simulate.volume_company import (
    IN_USE,
    Mix,
    VolumeCompany,
    connections,
    volume_company,
    volume_policy_text,
    volume_sites_text,
)
from sekisho.simulate.volume_rows import RENDERERS, SHAPES, Block

FIRST = date(2020, 5, 25)
FLOWS_A_CONNECTION_DAY = 10
OFFSETS = (0, 13_600)
"""What the two sensors' clocks add, microseconds."""
_BLOCK = 1 << 16
_WORKERS = 2


@dataclass(frozen=True, slots=True)
class Volume:
    """What was written."""

    files: tuple[Path, ...]
    rows: int
    connections: int
    size: int


def write_volume(
    out: Path,
    rows: int,
    *,
    prefixes: int = 3000,
    rules: int = 500,
    days: int = 7,
    sensors: Literal[1, 2] = 1,
    format: Format = "zeek-tsv",  # noqa: A002
    mix: Mix = IN_USE,
    seed: int = 1,
    population: int | None = None,
) -> Volume:
    """Write a workspace of exactly `rows` log rows: sites.yaml, policy.yaml, logs/SENSOR/DAY files.

    `population` is how many connections there are (None: so many that each is seen about ten times a
    day). With two sensors each flow stands in both logs, half the rows each; `rows` is then even.
    nfdump's rows are one-way, two a flow. Raises RequestError.
    """
    views = sensors * (2 if format == "nfdump-csv" else 1)
    if (
        rows < views * days
        or rows % views
        or not (4 <= prefixes <= 60_000 and 0 <= rules <= 100_000 and days >= 1)
        or (population is not None and population < 1)
    ):
        raise RequestError(
            f"cannot write {rows} rows in {days} days", f"give a multiple of {views}, and more rows"
        )
    if out.exists() and any(out.iterdir()):
        raise RequestError(f"{out} is not an empty folder", "name a new one; nothing is overwritten")
    dice = Dice((seed, rows, prefixes, rules, days))
    company = volume_company(prefixes, rules, FIRST, days, dice.stream("company"), mix)
    names = ["volume-a", "volume-b"][:sensors]
    _workspace(out, company, names, format)
    flows = rows // views
    many = population or max(8, flows // (days * FLOWS_A_CONNECTION_DAY))
    made = connections(company, many, dice.stream("connections"), mix)
    renderer = RENDERERS[format](made, dice.stream("shapes"))
    begin = microseconds(datetime.combine(FIRST, time.min, tzinfo=UTC))
    files: list[Path] = []
    with ThreadPoolExecutor(max_workers=_WORKERS) as pool:
        for day in range(days):
            count = flows * (day + 1) // days - flows * day // days
            for number, name in enumerate(names):
                path = out / "logs" / name / f"{moment(begin + day * DAY):%Y-%m-%d}{renderer.suffix}"
                path.parent.mkdir(parents=True, exist_ok=True)
                start = begin + day * DAY + OFFSETS[number]
                blocks = _blocks(count, start, len(made.src), dice.stream("day", day))
                streams = (dice.stream("sensor", number, day, block) for block in itertools.count())
                with path.open("wb") as stream:
                    stream.write(renderer.head(start))
                    for texts in _in_order(pool, renderer.rows, zip(blocks, streams, strict=False)):
                        stream.writelines(texts)
                    stream.write(renderer.foot(start + DAY, count))
                files.append(path)
    return Volume(tuple(files), rows, len(made.src), sum(path.stat().st_size for path in files))


def _in_order(
    pool: ThreadPoolExecutor,
    render: Callable[[Block, np.random.Generator], list[bytes]],
    jobs: Iterator[tuple[Block, np.random.Generator]],
) -> Iterator[list[bytes]]:
    """Render blocks side by side, give them in their order, and hold few of them."""
    waiting: deque[Future[list[bytes]]] = deque()
    for job in jobs:
        waiting.append(pool.submit(render, *job))
        if len(waiting) > _WORKERS:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _workspace(out: Path, company: VolumeCompany, names: list[str], form: Format) -> None:
    out.mkdir(parents=True, exist_ok=True)
    kind = "netflow" if form == "nfdump-csv" else "zeek"
    (out / "sekisho.toml").write_text('# Written for a benchmark.\nname = "volume"\n', encoding="utf-8")
    (out / "sites.yaml").write_text(volume_sites_text(company, names, kind), encoding="utf-8")
    (out / "policy.yaml").write_text(volume_policy_text(company), encoding="utf-8")


def _blocks(count: int, begin: int, population: int, rng: np.random.Generator) -> Iterator[Block]:
    """Flows of a day in order of time: busy by day, quieter by night."""
    hours = np.arange(25)
    busy = np.concatenate([[0.0], np.cumsum(0.4 + np.exp(-(((hours[:-1] - 12.5) / 4.5) ** 2)))])
    done = 0
    while done < count:
        size = min(_BLOCK, count - done)
        steps = np.cumsum(rng.standard_exponential(size))
        turn = (done + size * steps / (steps[-1] + 1)) / count
        start = begin + (np.interp(turn * busy[-1], busy, hours) / 24 * (DAY - 20 * MINUTE)).astype(
            np.int64
        )
        pick = (population * rng.random(size) ** 2).astype(np.int64)
        yield Block(start, pick, rng.integers(EPHEMERAL, 65536, size), rng.integers(0, SHAPES, size))
        done += size
