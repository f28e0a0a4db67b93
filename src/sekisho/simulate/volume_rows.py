"""Rows of the benchmarks' logs, put together from parts that are rendered once, per format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address

import numpy as np

from sekisho.model.protocols import ICMP, TCP, UDP
from sekisho.simulate.base import MINUTE, SECOND
from sekisho.simulate.flows import (
    APP,
    APPS,
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
from sekisho.simulate.volume_company import SERVICES, Connections
from sekisho.simulate.writers import zeek, zeek_tsv
from sekisho.simulate.writers.nfdump_csv import COLUMNS

SHAPES = 512
"""Shapes of each service."""


@dataclass(frozen=True, slots=True)
class Block:
    """Flows in order of time: start, row of the connections, source port, number of the shape."""

    start: Array
    connection: Array
    sport: Array
    shape: Array


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
        """A row from the service on."""
        raise NotImplementedError

    def end(self, address: str) -> str:
        """The part with the initiator."""
        raise NotImplementedError

    def other(self, address: str, proto: int, port: int) -> str:
        """The part with the responder."""
        raise NotImplementedError

    def parts(self, block: Block) -> tuple[Array, Array, Array, Array]:
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


class TsvRows(_Zeek):
    """Zeek's ASCII writer."""

    def shape(self, flow: np.void, octets: Array, unset: bool, history: str) -> str:
        """A row from the service on."""
        app = APPS[int(flow["app"])]
        some = "-\t-\t-" if unset else f"{flow['duration'] / SECOND:.6f}\t{flow['out']}\t{flow['in']}"
        return (
            f"{app}\t{some}\t{STATES[int(flow['state'])]}\t-\t-\t0\t{history}\t"
            f"{flow['pout']}\t{octets[0]}\t{flow['pin']}\t{octets[1]}\t-\n"
        )

    def end(self, address: str) -> str:
        """The part with the initiator."""
        return f"\t{address}\t"

    def other(self, address: str, proto: int, port: int) -> str:
        """The part with the responder."""
        return f"\t{address}\t{port}\t{_NAMES[proto]}\t"

    def head(self, opened: int) -> bytes:
        """What stands before the first row."""
        return zeek_tsv.header(opened)

    def foot(self, closed: int, count: int) -> bytes:
        """What stands after the last."""
        return zeek_tsv.footer(closed)

    def rows(self, block: Block, rng: np.random.Generator) -> list[bytes]:
        """The rows of a block, in pieces."""
        n = len(block.start)
        return pieces(micros(block.start), uids(rng, n, "\t"), *self.parts(block))


class JsonRows(_Zeek):
    """Zeek's JSON writer."""

    def shape(self, flow: np.void, octets: Array, unset: bool, history: str) -> str:
        """A row from the service on."""
        app = APPS[int(flow["app"])]
        service = "" if app == "-" else f'"service":"{app}",'
        some = f'"duration":{flow["duration"] / SECOND:.6f},'
        some += f'"orig_bytes":{flow["out"]},"resp_bytes":{flow["in"]},'
        some = "" if unset else some
        seen = "" if history == "-" else f'"history":"{history}",'
        return (
            f'{service}{some}"conn_state":"{STATES[int(flow["state"])]}","missed_bytes":0,{seen}'
            f'"orig_pkts":{flow["pout"]},"orig_ip_bytes":{octets[0]},'
            f'"resp_pkts":{flow["pin"]},"resp_ip_bytes":{octets[1]}}}\n'
        )

    def end(self, address: str) -> str:
        """The part with the initiator."""
        return f'","id.orig_h":"{address}","id.orig_p":'

    def other(self, address: str, proto: int, port: int) -> str:
        """The part with the responder."""
        return f',"id.resp_h":"{address}","id.resp_p":{port},"proto":"{_NAMES[proto]}",'

    def head(self, opened: int) -> bytes:
        """What stands before the first row."""
        return b""

    def foot(self, closed: int, count: int) -> bytes:
        """What stands after the last."""
        return b""

    def rows(self, block: Block, rng: np.random.Generator) -> list[bytes]:
        """The rows of a block, in pieces."""
        n = len(block.start)
        return pieces(
            constant('{"ts":', n),
            micros(block.start),
            constant(',"uid":"', n),
            uids(rng, n),
            *self.parts(block),
        )


class NfdumpRows:
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
                    f",{_NAMES[int(f['proto'])].upper()},{flags[k]},0,0,"
                    f"{f[packets]},{octets[k, way]}{rest}"
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
        """What stands before the first row."""
        return COLUMNS.encode() + b"\n"

    def foot(self, closed: int, count: int) -> bytes:
        """What stands after the last."""
        return f"Summary\nflows,bytes,packets,avg_bps,avg_pps,avg_bpp\n{count * 2},0,0,0,0,0\n".encode()

    def rows(self, block: Block, rng: np.random.Generator) -> list[bytes]:
        """The rows of a block, in pieces."""
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


RENDERERS: dict[
    Format, Callable[[Connections, np.random.Generator], TsvRows | JsonRows | NfdumpRows]
] = {
    "zeek-tsv": TsvRows,
    "zeek-json": JsonRows,
    "nfdump-csv": NfdumpRows,
}
