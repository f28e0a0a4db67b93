"""`make bench`: ingest, audit and an equal aggregation by nfdump, each beside its floor, as Markdown.

    python -m benchmarks [--rows 10000000] [--runs 5] [--scratch FOLDER] [ingest audit nfdump]

Times are of whole processes, medians of the runs; a ratio is the median of the pairs' ratios.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
from pathlib import Path

from benchmarks import nfcapd
from benchmarks.measure import Figure, paired, run
from sekisho.simulate.volume import write_volume

PARTS = ("ingest", "audit", "nfdump")
SEKISHO = Path(sys.executable).with_name("sekisho")
FLOORS = (sys.executable, "-m", "benchmarks.floors")


def main() -> None:
    """Write the input once, then measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--scratch", type=Path, default=Path("benchmarks/scratch"))
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all if not said"
    )
    given = parser.parse_args()
    if wrong := set(given.parts) - set(PARTS):
        parser.error(f"no part is called {', '.join(sorted(wrong))}")
    company = given.scratch / f"volume-{given.rows}"
    if not (company / "sites.yaml").exists():
        print(f"writing {given.rows:,} rows to {company} ...", file=sys.stderr)
        write_volume(company, given.rows, seed=7)
    print(f"{given.rows:,} flows, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
    print(f"{given.runs} pairs after one to warm up.\n")
    print("| What | Wall, median (range) | CPU | Peak memory | Ratio |\n|---|---|---|---|---|")
    for part in given.parts or PARTS:
        globals()[f"measure_{part}"](company, given.rows, given.runs)


def measure_ingest(company: Path, rows: int, runs: int) -> None:
    """A whole ingest into an empty lake, beside DuckDB's bare CSV reader on the same files."""

    def empty(name: str) -> None:
        if name == "ingest":
            shutil.rmtree(company / "data", ignore_errors=True)

    commands: dict[str, tuple[str | Path, ...]] = {
        "ingest": (SEKISHO, "-q", "--workspace", company, "ingest", company / "logs"),
        "DuckDB read_csv, nothing kept": (*FLOORS, "read_csv", str(company / "logs")),
    }
    _show(*paired(commands, runs=runs, before=empty), rows)


def measure_audit(company: Path, rows: int, runs: int) -> None:
    """An audit of everything from the roll-ups, beside one scan of the raw columns."""
    _ingested(company)
    commands: dict[str, tuple[str | Path, ...]] = {
        "audit": (SEKISHO, "-q", "--workspace", company, "audit", "-f", "jsonl"),
        "DuckDB scan of the raw columns": (*FLOORS, "scan", str(company / "data" / "lake")),
    }
    _show(*paired(commands, runs=runs), rows)


def measure_nfdump(company: Path, rows: int, runs: int) -> None:
    """The same flows to connections by nfdump, which judges nothing, beside the audit, which does."""
    _ingested(company)
    captured = company.with_name(f"{company.name}-nfcapd")
    if not captured.exists():
        lake = company / "data" / "lake"
        taken = nfcapd.write(lake, captured)
        print(f"nfcapd kept {taken:,} of {rows:,} flows sent", file=sys.stderr)
    inside = "src net 10.0.0.0/8 and dst net 10.0.0.0/8"
    commands: dict[str, tuple[str | Path, ...]] = {
        "audit, every connection judged": (
            SEKISHO,
            "-q",
            "--workspace",
            company,
            "audit",
            "-f",
            "jsonl",
        ),
        "nfdump -A, net 10.0.0.0/8": (
            *("nfdump", "-q", "-R", captured, "-A", "proto,srcip,dstip,dstport", "-o", "csv"),
            inside,
        ),
    }
    _show(*paired(commands, runs=runs), rows)


def _ingested(company: Path) -> None:
    run((SEKISHO, "-q", "--workspace", company, "ingest", company / "logs"))


def _show(figures: dict[str, Figure], ratios: dict[str, float], rows: int) -> None:
    for name, figure in figures.items():
        speed = f"{rows / figure.wall / 1e3:,.0f} k rows/s"
        wall = f"{figure.wall:.2f} s ({figure.fastest:.2f} to {figure.slowest:.2f}), {speed}"
        ratio = f"{ratios[name]:.2f}"
        print(
            f"| {name} | {wall} | {figure.cpu:.1f} s | {figure.peak / 2**20:,.0f} MiB | {ratio} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
