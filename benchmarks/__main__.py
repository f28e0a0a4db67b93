"""`make bench`: what the product costs, each figure beside its floor or its peer in the same run.

    python -m benchmarks [--rows 10000000] [--runs 5] [--processes 2] [--agents 30000] [--days 7] [PART …]

SEKISHO names the program, else the one beside this Python. Markdown comes out. Times are of whole
processes, medians of the runs; a ratio is the median of the pairs' ratios to the last row of its table.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable
from pathlib import Path

import duckdb

from benchmarks.ground import Ground
from benchmarks.parts import (
    audit,
    collect,
    contain,
    decode,
    fleet,
    growth,
    hunt,
    ingest,
    investigate,
    investigate_speed,
    nfdump,
    pairing,
    sigma,
    storage,
)

PARTS: dict[str, Callable[[Ground], None]] = {
    "ingest": ingest.measure,
    "decode": decode.measure,
    "storage": storage.measure,
    "audit": audit.measure,
    "one-more-day": audit.one_more_day,
    "first-audit": audit.first_audit,
    "nfdump": nfdump.measure,
    "growth": growth.measure,
    "pairing": pairing.measure,
    "collect": collect.sustained,
    "collect-highest": collect.highest,
    "collect-many": collect.many,
    "fleet": fleet.measure,
    "contain": contain.measure,
    "hunt": hunt.measure,
    "sigma": sigma.measure,
    "investigate": investigate.measure,
    "investigate-so-far": investigate.so_far,
    "investigate-development": investigate.development,
    "investigate-without": investigate.ablation,
    "investigate-speed": investigate_speed.measure,
}


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--agents", type=int, default=30_000, help="terminals of the part fleet")
    parser.add_argument("--interval", type=float, default=60.0, help="seconds between their check-ins")
    parser.add_argument("--days", type=int, default=7, help="calendar of the flows of the part hunt")
    parser.add_argument("--scratch", type=Path, default=Path("benchmarks/scratch"))
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all if not said"
    )
    given = parser.parse_args()
    if wrong := set(given.parts) - set(PARTS):
        parser.error(f"no part is called {', '.join(sorted(wrong))}")
    print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, DuckDB"
        f" {duckdb.__version__}; {given.runs} runs after one to warm up."
    )
    ground = Ground(
        given.scratch,
        given.rows,
        given.runs,
        given.processes,
        given.agents,
        given.interval,
        given.days,
    )
    for part in given.parts or PARTS:
        PARTS[part](ground)


if __name__ == "__main__":
    main()
