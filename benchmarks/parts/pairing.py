"""One-way records, paired, against two-way logs of the same traffic: how many connections each gives."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

from benchmarks.ground import Ground, sekisho
from benchmarks.measure import run
from sekisho.simulate.run import simulate
from sekisho.simulate.sensors import Format

SEEDS = (11, 12, 13)
SCENARIOS = ("quiet", "kawasaki")


def measure(ground: Ground) -> None:
    """The same company recorded by Zeek everywhere, and by routers everywhere."""
    print("\n### Connections from one-way records (ratio to two-way logs)\n")
    print("| Traffic | Flows, two-way | Records, one-way | Connections, two-way | One-way | Ratio |")
    print("|---|---:|---:|---:|---:|---:|")
    for scenario in SCENARIOS:
        for seed in SEEDS:
            both = [_audited(ground, scenario, seed, form) for form in ("zeek-tsv", "nfdump-csv")]
            (two, _), (one, records) = both
            ratio = one["connections"] / two["connections"]
            print(
                f"| {scenario}, seed {seed} | {two['flows']:,} | {records:,}"
                f" | {two['connections']:,} | {one['connections']:,} | {ratio:.3f} |",
                flush=True,
            )


def _audited(ground: Ground, scenario: str, seed: int, form: Format) -> tuple[dict[str, Any], int]:
    """The totals of an audit, and how many records were read."""
    place = ground.scratch / f"pairing-{scenario}-{seed}-{form}"
    shutil.rmtree(place, ignore_errors=True)
    summary = simulate(scenario, place, seed, recorded_as=form)
    run(sekisho(place, "ingest", place / "logs"))
    command = [str(word) for word in sekisho(place, "audit", "--format", "json")]
    document = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    shutil.rmtree(place)
    return document["totals"], summary.rows
