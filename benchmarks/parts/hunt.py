"""A million indicators against all history: fetching them from a file, and the hunt."""

from __future__ import annotations

import json
import subprocess
from datetime import timedelta
from pathlib import Path
from random import Random

from benchmarks.ground import HEAD, Ground, floor, rows, sekisho
from benchmarks.measure import paired, run
from sekisho.simulate.volume import FIRST

ADDRESSES, SIXES, PREFIXES, NAMES, HASHES = 700_000, 100_000, 50_000, 100_000, 50_000


def measure(ground: Ground) -> None:
    """Time `intel refresh` and `intel hunt`, whole processes, roll-ups being up to date; beside each hunt
    DuckDB's own semi-join over the same roll-ups. With `--days` the flows are of so many days."""
    company = ground.ingested(ground.company(days=ground.days))
    (company / "million.txt").write_text("\n".join(_values()) + "\n", encoding="ascii")
    (company / "intel.yaml").write_text(
        "feeds:\n  million: {kind: list, path: million.txt, licence: CC0}\n", encoding="ascii"
    )
    refreshed = run(sekisho(company, "intel", "refresh"))
    indicators = _feeds(company)
    told = company / "hunt.json"
    hunt = sekisho(company, "intel", "hunt", "--format", "json", "--output", told)
    first = run(hunt)
    months = sekisho(
        company, "intel", "hunt", *_most(ground.days), "--format", "json", "--output", told
    )
    figures, ratios = paired(
        {
            "`intel hunt` of a window": months,
            "`intel hunt`": hunt,
            "semi-join of addresses (floor)": floor(
                "semi_join", company / "data/lake", company / "data/intel/million"
            ),
        },
        runs=ground.runs,
    )
    found = json.loads(told.read_text())
    print(f"\n### {indicators:,} indicators, {ground.rows:,} flows of {ground.days} days\n")
    print(
        f"`intel refresh` {refreshed.wall:.1f} s, the first hunt with what it rolls up {first.wall:.1f} s.\n"
    )
    print(HEAD)
    print(rows(figures, ratios, ground.rows))
    print(f"\n{len(found['hits']):,} connections told of {found['total']:,} matches.", flush=True)


def _most(days: int) -> tuple[str, ...]:
    """A window that leaves out the first day."""
    begin = FIRST + timedelta(days=1)
    return "--since", begin.isoformat(), "--until", (FIRST + timedelta(days=days)).isoformat()


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
