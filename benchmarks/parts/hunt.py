"""A million indicators against all history: fetching them from a file, and the hunt."""

from __future__ import annotations

import json
import statistics
import subprocess
from pathlib import Path
from random import Random

from benchmarks.ground import Ground, sekisho
from benchmarks.measure import run

ADDRESSES, SIXES, PREFIXES, NAMES, HASHES = 700_000, 100_000, 50_000, 100_000, 50_000


def measure(ground: Ground) -> None:
    """Time `intel refresh` and `intel hunt`, whole processes, roll-ups being up to date."""
    company = ground.ingested(ground.company())
    (company / "million.txt").write_text("\n".join(_values()) + "\n", encoding="ascii")
    (company / "intel.yaml").write_text(
        "feeds:\n  million: {kind: list, path: million.txt, licence: CC0}\n", encoding="ascii"
    )
    refreshed = run(sekisho(company, "intel", "refresh"))
    indicators = _feeds(company)
    # The first hunt brings the roll-ups up to date.
    run(sekisho(company, "intel", "hunt", "--format", "json", "--output", company / "hunt.json"))
    hunts = [
        run(sekisho(company, "intel", "hunt", "--format", "json", "--output", company / "hunt.json"))
        for _ in range(ground.runs)
    ]
    found = json.loads((company / "hunt.json").read_text())
    print(f"\n### {indicators:,} indicators, {ground.rows:,} flows\n")
    print("| What | Wall, median | CPU | Peak memory |\n|---|---:|---:|---:|")
    for what, some in (("intel refresh", [refreshed]), ("intel hunt", hunts)):
        wall, cpu, peak = (
            statistics.median(getattr(one, name) for one in some) for name in ("wall", "cpu", "peak")
        )
        print(f"| {what} | {wall:.1f} s | {cpu:.1f} s | {peak / 2**20:,.0f} MiB |")
    print(f"\n{len(found['hits']):,} connections told of {found['total']:,} matches.", flush=True)


def _feeds(company: Path) -> int:
    command = [str(word) for word in sekisho(company, "intel", "list", "--format", "json")]
    listed = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return int(listed["indicators"])


def _values() -> list[str]:
    """Made-up ones, the same each time. Some stand in the space that the volume's hosts outside are in."""
    random = Random(7)
    values = {_four(random) for _ in range(ADDRESSES)}
    values |= {f"2a0{random.randrange(10)}:{random.getrandbits(16):x}::{random.getrandbits(32) >> 16:x}:"
               f"{random.getrandbits(16):x}" for _ in range(SIXES)}  # fmt: skip
    values |= {f"{_four(random).rpartition('.')[0]}.0/24" for _ in range(PREFIXES)}
    values |= {f"c{number}.evil{random.getrandbits(20)}.example" for number in range(NAMES)}
    values |= {f"{random.getrandbits(256):064x}" for _ in range(HASHES)}
    return sorted(values)


def _four(random: Random) -> str:
    octets = (random.choice((28, 45, 91, 185)), *(random.randrange(256) for _ in range(3)))
    return ".".join(map(str, octets))
