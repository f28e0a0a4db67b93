"""Decoding of exports in memory: columns alone, and flows ready for the lake, a CPU second."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import numpy as np

from benchmarks.ground import Ground
from sekisho.sources.base import ReadContext
from sekisho.sources.netflow.datagrams import Datagrams
from sekisho.sources.netflow.decoder import Decoder
from sekisho.sources.netflow.reading import Reading

RECORDS = 2_000_000
BATCH = 4 << 20
"""Bytes a batch holds, as file readers do."""
AT, UPTIME = 1_709_251_200, 90_000_000
COMMON = ((8, 4), (12, 4), (15, 4), (10, 4), (14, 4), (2, 4), (1, 4), (22, 4), (21, 4), (7, 2), (11, 2),
          (61, 1), (6, 1), (4, 1), (5, 1), (16, 4), (17, 4), (9, 1), (13, 1))  # fmt: skip
"""What routers usually export in v9 and IPFIX: 54 bytes."""
V5 = ((8, 4), (12, 4), (15, 4), (10, 2), (14, 2), (2, 4), (1, 4), (22, 4), (21, 4), (7, 2), (11, 2), (0, 1),
      (6, 1), (4, 1), (5, 1), (16, 2), (17, 2), (9, 1), (13, 1), (0, 2))  # fmt: skip


def measure(ground: Ground) -> None:
    """Medians of the runs; one core."""
    print(f"\n### Decoding in memory, {RECORDS:,} records\n")
    print("| | columns, M records a CPU second | flows, M records a CPU second |\n|---|---:|---:|")
    for version, fields in ((5, V5), (9, COMMON), (10, COMMON)):
        pieces = _pieces(version, fields)
        columns = _median(ground.runs, partial(_columns, pieces))
        flows = _median(ground.runs, partial(_flows, pieces))
        name = "IPFIX" if version == 10 else f"v{version}"
        print(f"| {name} | {RECORDS / columns / 1e6:.1f} | {RECORDS / flows / 1e6:.2f} |", flush=True)


def _median(runs: int, work: Callable[[], int]) -> float:
    times = []
    for _ in range(runs):
        begin = time.process_time()
        held = work()
        times.append(time.process_time() - begin)
        if held < RECORDS:
            raise ValueError(f"{held} of {RECORDS} records came back")
    return float(np.median(times))


def _columns(pieces: list[Datagrams]) -> int:
    decoder = Decoder()
    return sum(len(chunk) for piece in pieces for chunk in decoder.decode(piece).chunks)


def _flows(pieces: list[Datagrams]) -> int:
    reading = Reading(ReadContext("UTC", 1, datetime(2024, 6, 1, tzinfo=UTC)))
    return sum(reading.batch(piece).flows.num_rows for piece in pieces)


def _pieces(version: int, fields: tuple[tuple[int, int], ...]) -> list[Datagrams]:
    size = sum(width for _, width in fields)
    each = 30 if version == 5 else 1400 // size
    body = _records(fields, RECORDS + each)
    items = []
    if version != 5:
        said = struct.pack("!HH", 256, len(fields)) + b"".join(struct.pack("!HH", *f) for f in fields)
        number = 0 if version == 9 else 2
        items.append(_message(version, struct.pack("!HH", number, len(said) + 4) + said, 1, 0))
    for at in range(0, RECORDS, each):
        records = body[at * size : (at + each) * size]
        content = records if version == 5 else struct.pack("!HH", 256, len(records) + 4) + records
        sequence = at // each + 1 if version == 9 else at
        items.append(_message(version, content, each, sequence))
    many = BATCH // len(items[-1])
    parts = [items[at : at + many] for at in range(0, len(items), many)]
    return [Datagrams.of([("10.0.0.1", item, AT * 1_000_000) for item in part]) for part in parts]


def _message(version: int, content: bytes, count: int, sequence: int) -> bytes:
    if version == 5:
        return struct.pack("!HHIIIII", 5, count, UPTIME, AT, 0, sequence, 0) + content
    if version == 9:
        return struct.pack("!HHIIII", 9, count, UPTIME, AT, sequence, 1) + content
    return struct.pack("!HHIII", 10, 16 + len(content), AT, sequence, 1) + content


def _records(fields: tuple[tuple[int, int], ...], count: int) -> bytes:
    """Both directions of conversations of a thousand hosts with a hundred servers, one after another."""
    names = [f"f{place}" for place in range(len(fields))]
    shape = np.dtype([(name, f">u{width}") for name, (_, width) in zip(names, fields, strict=True)])
    chance = np.random.default_rng(7)
    pairs = count // 2 + 1
    client = 0x0A000000 + chance.integers(0, 1000, pairs)
    server = 0x0A010000 + chance.integers(0, 100, pairs)
    high, low = chance.integers(32_768, 61_000, pairs), chance.choice([22, 53, 443, 445, 8443], pairs)
    last = UPTIME - chance.integers(0, 60_000, pairs)
    values = {
        8: (client, server),
        12: (server, client),
        7: (high, low),
        11: (low, high),
        4: (6, 6),
        6: (0x1B, 0x1B),
        1: (900, 4000),
        2: (7, 9),
        22: (last - 500, last - 500),
        21: (last, last),
    }
    records = np.zeros((pairs, 2), dtype=shape)
    for name, (element, _) in zip(names, fields, strict=True):
        for way, value in enumerate(values.get(element, (0, 0))):
            records[name][:, way] = value
    return records.tobytes()[: count * shape.itemsize]
