"""What is measured on: companies written once, and their lakes."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Figure, run
from sekisho.simulate.sensors import Format
from sekisho.simulate.volume import FLOWS_A_CONNECTION_DAY, write_volume
from sekisho.simulate.volume_company import FIRST_AUDIT, IN_USE

SEKISHO = Path(os.environ.get("SEKISHO", Path(sys.executable).with_name("sekisho")))
"""What is measured; an installation without what development needs starts sooner."""
FLOORS = (sys.executable, "-m", "benchmarks.floors")
Command = tuple[str | Path, ...]


@dataclass(frozen=True)
class Ground:
    """Where things lie, how often each is measured, and by how many processes what can be divided."""

    scratch: Path
    rows: int
    runs: int
    processes: int = 1
    agents: int = 30_000
    interval: float = 60.0
    days: int = 7

    def company(
        self,
        *,
        rows: int | None = None,
        form: Format = "zeek-tsv",
        prefixes: int = 3000,
        rules: int = 500,
        first_audit: bool = False,
        days: int = 7,
    ) -> Path:
        """A workspace with logs, written where there is none yet.

        However many days the rows are spread over, there are as many connections as in a week: over a
        longer time each is seen less often.
        """
        wanted = rows or self.rows
        name = f"{form}-{wanted}-{prefixes}-{rules}" + ("-first" if first_audit else "")
        name += "" if days == 7 else f"-{days}d"
        place = self.scratch / name
        if not (place / "written").exists():
            print(f"writing {wanted:,} rows to {place} ...", file=sys.stderr)
            shutil.rmtree(place, ignore_errors=True)
            mix = FIRST_AUDIT if first_audit else IN_USE
            write_volume(
                place,
                wanted,
                prefixes=prefixes,
                rules=rules,
                format=form,
                mix=mix,
                seed=7,
                days=days,
                population=None if days == 7 else max(8, wanted // (7 * FLOWS_A_CONNECTION_DAY)),
            )
            (place / "written").touch()
        return place

    def ingested(self, company: Path) -> Path:
        """The same workspace with everything in its lake."""
        run(sekisho(company, "ingest", company / "logs"))
        return company


def sekisho(company: Path, *words: str | Path) -> Command:
    """A command line of the product."""
    return (SEKISHO, "-q", "--workspace", company, *words)


def floor(*words: str | Path) -> Command:
    """A command line of the floors."""
    return (*FLOORS, *words)


HEAD = (
    "| What | Wall, median (range) | Flows/s | CPU | Peak memory | Ratio |\n|---|---|---|---|---|---|"
)


def rows(figures: dict[str, Figure], ratios: dict[str, float], flows: int) -> str:
    """Rows of a Markdown table; the last command is the floor, ratios are to it."""
    lines = []
    for name, figure in figures.items():
        wall = f"{figure.wall:.2f} s ({figure.fastest:.2f} to {figure.slowest:.2f})"
        lines.append(
            f"| {name} | {wall} | {flows / figure.wall / 1e6:,.2f} M | {figure.cpu:.1f} s"
            f" | {figure.peak / 2**20:,.0f} MiB | {ratios[name]:.2f} |"
        )
    return "\n".join(lines)
