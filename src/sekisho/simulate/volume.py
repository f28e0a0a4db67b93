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
from ipaddress import IPv4Address
from pathlib import Path
from typing import Literal

import numpy as np

from sekisho.errors import RequestError
from sekisho.model.protocols import ICMP, TCP, UDP
from sekisho.simulate.base import DAY, MINUTE, SECOND, Dice
from sekisho.simulate.calendar import microseconds, moment
from sekisho.simulate.flows import (
    APP,
    EPHEMERAL,
    OTH,
    S0,
    SF,
    STATES,
    Array,
    blank,
    count_packets,
    ip_bytes,
)
from sekisho.simulate.sensors import Format
from sekisho.simulate.text import constant, micros, millis, pieces, stamps, table, uids, whole
from sekisho.simulate.volume_company import (
    SERVICES,
    Connections,
    VolumeCompany,
    connections,
    volume_company,
    volume_policy_text,
    volume_sites_text,
)
from sekisho.simulate.writers import zeek, zeek_tsv
from sekisho.simulate.writers.nfdump_csv import COLUMNS

FIRST = date(2020, 5, 25)
SHAPES = 512
"""Shapes of each service."""
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
    seed: int = 1,
) -> Volume:
    """Write a workspace of exactly `rows` log rows: sites.yaml, policy.yaml, logs/SENSOR/DAY files.

    With two sensors each flow stands in both logs, half the rows each; `rows` is then even. nfdump's
    rows are one-way, two a flow. Raises RequestError.
    """
    views = sensors * (2 if format == "nfdump-csv" else 1)
    if (
        rows < views * days
        or rows % views
        or not (4 <= prefixes <= 60_000 and 0 <= rules <= 100_000 and days >= 1)
    ):
        raise RequestError(
            f"cannot write {rows} rows in {days} days", f"give a multiple of {views}, and more rows"
        )
    if out.exists() and any(out.iterdir()):
        raise RequestError(f"{out} is not an empty folder", "name a new one; nothing is overwritten")
    dice = Dice((seed, rows, prefixes, rules, days))
    company = volume_company(prefixes, rules, FIRST, days, dice.stream("company"))
    names = ["volume-a", "volume-b"][:sensors]
    _workspace(out, company, names, format)
    flows = rows // views
    population = connections(
        company, max(8, flows // (days * FLOWS_A_CONNECTION_DAY)), dice.stream("connections")
    )
    renderer = _RENDERERS[format](population, dice.stream("shapes"))
    begin = microseconds(datetime.combine(FIRST, time.min, tzinfo=UTC))
    files: list[Path] = []
    with ThreadPoolExecutor(max_workers=_WORKERS) as pool:
        for day in range(days):
            count = flows * (day + 1) // days - flows * day // days
            for number, name in enumerate(names):
                path = out / "logs" / name / f"{moment(begin + day * DAY):%Y-%m-%d}{renderer.suffix}"
                path.parent.mkdir(parents=True, exist_ok=True)
                start = begin + day * DAY + OFFSETS[number]
                blocks = _blocks(count, start, len(population.src), dice.stream("day", day))
                streams = (dice.stream("sensor", number, day, block) for block in itertools.count())
                with path.open("wb") as stream:
                    stream.write(renderer.head(start))
                    for texts in _in_order(pool, renderer.rows, zip(blocks, streams, strict=False)):
                        stream.writelines(texts)
                    stream.write(renderer.foot(start + DAY, count))
                files.append(path)
    return Volume(tuple(files), rows, len(population.src), sum(path.stat().st_size for path in files))


def _in_order(
    pool: ThreadPoolExecutor,
    render: Callable[[_Block, np.random.Generator], list[bytes]],
    jobs: Iterator[tuple[_Block, np.random.Generator]],
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


@dataclass(frozen=True, slots=True)
class _Block:
    start: Array
    connection: Array
    sport: Array
    shape: Array


def _blocks(count: int, begin: int, population: int, rng: np.random.Generator) -> Iterator[_Block]:
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
        yield _Block(start, pick, rng.integers(EPHEMERAL, 65536, size), rng.integers(0, SHAPES, size))
        done += size


def _shapes(rng: np.random.Generator, silent: float = 0.03) -> tuple[Array, Array]:
    """SHAPES flows of each service with packets counted, and their IP bytes each way [flow, way].

    `silent` is the part without an answer.
    """
    flows = blank(len(SERVICES) * SHAPES)
    service = np.repeat(np.arange(len(SERVICES)), SHAPES)
    proto = np.array([s[0] for s in SERVICES])[service]
    flows["proto"], flows["app"] = proto, np.array([APP[s[2]] for s in SERVICES])[service]
    small = proto != TCP
    z = rng.standard_normal((3, len(flows)))
    flows["out"] = np.where(small, 60 * np.exp(0.3 * z[0]), 1800 * np.exp(1.2 * z[0]))
    flows["in"] = np.where(small, 140 * np.exp(0.4 * z[1]), 7000 * np.exp(1.6 * z[1]))
    flows["duration"] = np.where(small, 9e3 * np.exp(z[2]), 2.5e6 * np.exp(1.5 * z[2]))
    flows["duration"] = np.minimum(flows["duration"], 15 * MINUTE)
    state = np.where(rng.random(len(flows)) < silent, S0, SF)
    flows["state"] = np.where((proto == ICMP) & (state == SF), OTH, state)
    flows["app"][flows["state"] == S0] = 0
    flows["sport"] = rng.integers(EPHEMERAL, 65536, len(flows))
    count_packets(flows)
    return flows, np.stack(ip_bytes(flows, np.zeros(1, bool)), axis=1)


def _text(number: int) -> str:
    return str(IPv4Address(int(number)))


class _Zeek:
    """Both formats of Zeek: parts of a row as tables."""

    suffix = ".log"

    def __init__(self, population: Connections, rng: np.random.Generator) -> None:
        self.service = population.service
        self.icmp = np.array([s[0] == ICMP for s in SERVICES])[population.service]
        flows, octets = _shapes(rng)
        unset = flows["pout"] + flows["pin"] == 1
        history = zeek.records(flows, flows["start"], np.zeros(1, bool), rng)["history"] % len(_PLAIN)
        self.shapes = table(
            [
                self.shape(flow, octets[k], bool(unset[k]), _PLAIN[history[k]])
                for k, flow in enumerate(flows)
            ]
        )
        self.heads = table([self.end(_text(n)) for n in population.src])
        self.tails = table(
            [
                self.other(_text(n), *SERVICES[s][:2])
                for n, s in zip(population.dst.tolist(), population.service.tolist(), strict=True)
            ]
        )

    def shape(self, flow: np.void, octets: Array, unset: bool, history: str) -> str:
        raise NotImplementedError

    def end(self, address: str) -> str:
        raise NotImplementedError

    def other(self, address: str, proto: int, port: int) -> str:
        raise NotImplementedError

    def parts(self, block: _Block) -> tuple[Array, Array, Array, Array]:
        """Initiator, source port, responder and shape of each row."""
        pick = block.connection
        sport = np.where(self.icmp[pick], 8, block.sport)
        return (
            self.heads[pick],
            whole(sport),
            self.tails[pick],
            self.shapes[self.service[pick] * SHAPES + block.shape],
        )


_PLAIN = zeek.HISTORIES[: len(zeek.HISTORIES) // 2]
_NAMES = {TCP: "tcp", UDP: "udp", ICMP: "icmp"}


class _Tsv(_Zeek):
    def shape(self, flow: np.void, octets: Array, unset: bool, history: str) -> str:
        app = SERVICES_APPS[int(flow["app"])]
        some = "-\t-\t-" if unset else f"{flow['duration'] / SECOND:.6f}\t{flow['out']}\t{flow['in']}"
        return (
            f"{app}\t{some}\t{STATES[int(flow['state'])]}\t-\t-\t0\t{history}\t"
            f"{flow['pout']}\t{octets[0]}\t{flow['pin']}\t{octets[1]}\t-\n"
        )

    def end(self, address: str) -> str:
        return f"\t{address}\t"

    def other(self, address: str, proto: int, port: int) -> str:
        return f"\t{address}\t{port}\t{_NAMES[proto]}\t"

    def head(self, opened: int) -> bytes:
        return zeek_tsv.header(opened)

    def foot(self, closed: int, count: int) -> bytes:
        return zeek_tsv.footer(closed)

    def rows(self, block: _Block, rng: np.random.Generator) -> list[bytes]:
        n = len(block.start)
        return pieces(micros(block.start), uids(rng, n, "\t"), *self.parts(block))


class _Json(_Zeek):
    def shape(self, flow: np.void, octets: Array, unset: bool, history: str) -> str:
        app = SERVICES_APPS[int(flow["app"])]
        service = "" if app == "-" else f'"service":"{app}",'
        some = (
            ""
            if unset
            else (
                f'"duration":{flow["duration"] / SECOND:.6f},"orig_bytes":{flow["out"]},"resp_bytes":{flow["in"]},'
            )
        )
        seen = "" if history == "-" else f'"history":"{history}",'
        return (
            f'{service}{some}"conn_state":"{STATES[int(flow["state"])]}","missed_bytes":0,{seen}'
            f'"orig_pkts":{flow["pout"]},"orig_ip_bytes":{octets[0]},'
            f'"resp_pkts":{flow["pin"]},"resp_ip_bytes":{octets[1]}}}\n'
        )

    def end(self, address: str) -> str:
        return f'","id.orig_h":"{address}","id.orig_p":'

    def other(self, address: str, proto: int, port: int) -> str:
        return f',"id.resp_h":"{address}","id.resp_p":{port},"proto":"{_NAMES[proto]}",'

    def head(self, opened: int) -> bytes:
        return b""

    def foot(self, closed: int, count: int) -> bytes:
        return b""

    def rows(self, block: _Block, rng: np.random.Generator) -> list[bytes]:
        n = len(block.start)
        return pieces(
            constant('{"ts":', n),
            micros(block.start),
            constant(',"uid":"', n),
            uids(rng, n),
            *self.parts(block),
        )


class _Nfdump:
    """Two one-way rows a flow, every flow answered."""

    suffix = ".csv"

    def __init__(self, population: Connections, rng: np.random.Generator) -> None:
        self.population = population
        self.flows, octets = _shapes(rng, silent=0.0)
        self.duration = self.flows["duration"] // 1000 * 1000
        rest = ",0,0,1,2,0,0,0,0,0,0,0.0.0.0,0.0.0.0,0,0," + ",".join(["00:00:00:00:00:00"] * 4) + ","
        rest += ",".join(["0-0-0"] * 10) + ",    0.000,    0.000,    0.000,10.0.0.1,0/0,1,"
        flags = np.where(self.flows["proto"] == TCP, "...AP.SF", "........")
        self.ways = [
            table(
                [
                    f",{_NAMES[int(f['proto'])].upper()},{flags[k]},0,0,{f[packets]},{octets[k, way]}{rest}"
                    for k, f in enumerate(self.flows)
                ]
            )
            for way, packets in enumerate(("pout", "pin"))
        ]
        self.src = table([f",{_text(n)}" for n in population.src])
        self.dst = table([f",{_text(n)}" for n in population.dst])
        self.port = np.array([s[1] for s in SERVICES])[population.service]
        self.icmp = np.array([s[0] == ICMP for s in SERVICES])[population.service]

    def head(self, opened: int) -> bytes:
        return COLUMNS.encode() + b"\n"

    def foot(self, closed: int, count: int) -> bytes:
        return f"Summary\nflows,bytes,packets,avg_bps,avg_pps,avg_bpp\n{count * 2},0,0,0,0,0\n".encode()

    def rows(self, block: _Block, rng: np.random.Generator) -> list[bytes]:
        pick = block.connection
        n = len(pick)
        kind = self.population.service[pick] * SHAPES + block.shape
        last = block.start + self.duration[kind]
        times = (
            stamps(block.start),
            constant(",", n),
            stamps(last),
            constant(",", n),
            millis(last - block.start),
        )
        comma = constant(",", n)
        icmp = self.icmp[pick]
        near, far = whole(np.where(icmp, 0, block.sport)), whole(self.port[pick])
        asked = np.where(icmp[:, None], constant("8.0", n)[:, -1:], far[:, -1:])
        far_asked = np.concatenate([np.where(icmp[:, None], 0, far[:, :-1]), asked], axis=1).astype(
            np.uint32
        )
        received = (stamps(last), constant(".000\n", n))
        out = pieces(
            *times,
            self.src[pick],
            self.dst[pick],
            comma,
            near,
            comma,
            far_asked,
            self.ways[0][kind],
            *received,
        )
        back = pieces(
            *times,
            self.dst[pick],
            self.src[pick],
            comma,
            far,
            comma,
            near,
            self.ways[1][kind],
            *received,
        )
        return out + back


SERVICES_APPS = list(APP)
_RENDERERS: dict[Format, Callable[[Connections, np.random.Generator], _Tsv | _Json | _Nfdump]] = {
    "zeek-tsv": _Tsv,
    "zeek-json": _Json,
    "nfdump-csv": _Nfdump,
}
