"""A whole ingest into an empty lake, roll-ups included, beside the bare reader of the same engine."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks.ground import HEAD, Command, Ground, floor, rows, sekisho
from benchmarks.measure import paired
from sekisho.simulate.sensors import Format

FORMATS: tuple[tuple[Format, str], ...] = (("zeek-tsv", "csv"), ("zeek-json", "ndjson"))
JSON_ROWS = 10_000_000
"""JSON is measured on no more."""


def measure(ground: Ground) -> None:
    """Per format: ingest, the bare reader that writes the same columns to Parquet, and that keeps
    nothing."""
    for form, kind in FORMATS:
        count = ground.rows if kind == "csv" else min(ground.rows, JSON_ROWS)
        company = ground.company(rows=count, form=form)
        parquet = ground.scratch / f"bare-{form}.parquet"
        commands: dict[str, Command] = {
            f"ingest, {form}": sekisho(company, "ingest", company / "logs"),
            f"bare reader of {kind}, nothing kept": floor(f"read_{kind}", company / "logs"),
            f"bare reader of {kind} to Parquet": floor(f"copy_{kind}", company / "logs", parquet),
        }

        def before(name: str, company: Path = company, parquet: Path = parquet) -> None:
            if name.startswith("ingest"):
                shutil.rmtree(company / "data", ignore_errors=True)
            parquet.unlink(missing_ok=True)

        print(f"\n### Ingest, {form}, {count:,} rows\n\n{HEAD}")
        print(rows(*paired(commands, runs=ground.runs, before=before), count), flush=True)
        parquet.unlink(missing_ok=True)
