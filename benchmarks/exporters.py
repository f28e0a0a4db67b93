"""Routers at work: NetFlow v5 sent over loopback at a steady rate, each exporter from its own address.

    python -m benchmarks.exporters PORT --rate RECORDS --seconds N [--exporters N] [--alarm-every N]

Prints a line of JSON for each conversation that no rule permits, when it is sent, and one at the end.
"""

from __future__ import annotations

import argparse
import json
import socket
import struct
import time
from dataclasses import dataclass

import numpy as np

EACH = 30
"""Records a datagram holds, as routers fill them."""
POOL = 4_000
"""Different datagrams; then they come again with new times and numbers."""
UPTIME = 90_000_000
CLIENTS = 0x0A_28_00_00
"""10.40.0.0/16, one site."""
SERVERS = 0x0A_01_00_00
"""10.1.0.0/16, the other."""
PORTS = (443, 8443, 1433, 5432)
ALARM_PORT = 3389
_HEAD = struct.Struct("!HHIIIIBBH")
_RECORD = np.dtype(
    [("src", ">u4"), ("dst", ">u4"), ("hop", ">u4"), ("in", ">u2"), ("out", ">u2"), ("packets", ">u4"),
     ("bytes", ">u4"), ("first", ">u4"), ("last", ">u4"), ("sport", ">u2"), ("dport", ">u2"), ("pad", "u1"),
     ("flags", "u1"), ("protocol", "u1"), ("tos", "u1"), ("sas", ">u2"), ("das", ">u2"), ("mask", ">u2"),
     ("pad2", ">u2")]
)  # fmt: skip


@dataclass(slots=True)
class Exporter:
    """One router: a socket on an address of its own, and the number of its next record."""

    address: str
    socket: socket.socket
    sequence: int = 0

    def send(self, datagram: bytearray, now: int) -> None:
        """Send a datagram with the time and number of now."""
        _HEAD.pack_into(datagram, 0, 5, EACH, UPTIME, now, 0, self.sequence, 0, 0, 0)
        self.socket.send(datagram)
        self.sequence = (self.sequence + EACH) & 0xFFFFFFFF


def address_of(number: int) -> str:
    """The loopback address of exporter `number`, from 0."""
    return f"127.1.{number // 250}.{number % 250 + 2}"


def exporters(count: int, port: int) -> list[Exporter]:
    """Sockets that are bound to their own addresses and send to one port."""
    made = []
    for number in range(count):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        sender.bind((address_of(number), 0))
        sender.connect(("127.0.0.1", port))
        made.append(Exporter(address_of(number), sender))
    return made


def datagrams() -> list[bytearray]:
    """Both directions of conversations that the register permits."""
    chance = np.random.default_rng(5)
    pairs = POOL * EACH // 2
    records = np.zeros((pairs, 2), dtype=_RECORD)
    client = CLIENTS + chance.integers(256, 8000, pairs)
    server = SERVERS + chance.integers(256, 456, pairs)
    high, low = chance.integers(32_768, 61_000, pairs), chance.choice(PORTS, pairs)
    for way, (src, dst, sport, dport) in enumerate(
        ((client, server, high, low), (server, client, low, high))
    ):
        some = records[:, way]
        some["src"], some["dst"], some["sport"], some["dport"] = src, dst, sport, dport
        some["packets"], some["bytes"] = 12 + way * 4, chance.integers(800, 90_000, pairs)
        some["first"] = UPTIME - chance.integers(600, 3000, pairs)
        some["last"] = UPTIME - 500
        some["protocol"], some["flags"] = 6, 0x1B
    flat = records.reshape(POOL, EACH)
    return [bytearray(_HEAD.size) + bytearray(some.tobytes()) for some in flat]


def alarm(number: int) -> tuple[bytearray, dict[str, str | int]]:
    """A datagram in which one conversation is permitted by no rule, and what it is."""
    records = np.zeros(EACH, dtype=_RECORD)
    client, server = CLIENTS + 0xFE00 + number % 250, SERVERS + 0xFE00 + number // 250
    for way, (src, dst, sport, dport) in enumerate(
        ((client, server, 50_000, ALARM_PORT), (server, client, ALARM_PORT, 50_000))
    ):
        some = records[way::2]
        some["src"], some["dst"], some["sport"], some["dport"] = src, dst, sport, dport
        some["packets"], some["bytes"], some["protocol"], some["flags"] = 20, 9000, 6, 0x1B
        some["first"], some["last"] = UPTIME - 900, UPTIME - 100
    text: dict[str, str | int] = {"src": _text(client), "dst": _text(server), "port": ALARM_PORT}
    return bytearray(_HEAD.size) + bytearray(records.tobytes()), text


def _text(number: int) -> str:
    return socket.inet_ntoa(struct.pack("!I", number))


def main() -> None:
    """Send until the time is over."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exporters")
    parser.add_argument("port", type=int)
    parser.add_argument("--rate", type=int, default=200_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--exporters", type=int, default=1)
    parser.add_argument("--alarm-every", type=float, default=0)
    given = parser.parse_args()
    senders, pool = exporters(given.exporters, given.port), datagrams()
    begin = time.monotonic()
    alarms = sent = 0
    while (spent := time.monotonic() - begin) < given.seconds:
        now = int(time.time())
        due = int(spent * given.rate) // EACH
        for number in range(sent, due):
            senders[number % len(senders)].send(pool[number % POOL], now)
        sent = max(sent, due)
        if given.alarm_every and spent >= (alarms + 0.5) * given.alarm_every:
            datagram, what = alarm(alarms)
            senders[alarms % len(senders)].send(datagram, now)
            print(json.dumps({"at": time.time(), **what}), flush=True)
            alarms += 1
        time.sleep(0.002)
    took = time.monotonic() - begin
    print(
        json.dumps({"records": (sent + alarms) * EACH, "seconds": took, "alarms": alarms}), flush=True
    )


if __name__ == "__main__":
    main()
