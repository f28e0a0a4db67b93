"""How an audit's cost grows with flows, with rules and with prefixes."""

from __future__ import annotations

from pathlib import Path

from benchmarks.ground import HEAD, Command, Ground, rows, sekisho
from benchmarks.measure import paired

RULES = (50, 500, 5000)
PREFIXES = (300, 3000, 30_000)
ROWS = 1_000_000
"""Flows where rules and prefixes grow."""


def measure(ground: Ground) -> None:
    """Flows at a tenth, a half and all of them; rules and prefixes at a million flows."""
    flows = sorted({ground.rows // 10, ground.rows // 2, ground.rows})
    table = {f"{number:,} flows": ground.company(rows=number) for number in flows}
    _show(ground, "flows", table)
    table = {f"{number:,} rules": ground.company(rows=ROWS, rules=number) for number in RULES}
    _show(ground, "rules", table)
    table = {f"{number:,} prefixes": ground.company(rows=ROWS, prefixes=number) for number in PREFIXES}
    _show(ground, "prefixes", table)


def _show(ground: Ground, what: str, table: dict[str, Path]) -> None:
    commands: dict[str, Command] = {}
    for name, company in table.items():
        commands[name] = sekisho(ground.ingested(company), "audit", "--format", "jsonl")
    figures, ratios = paired(commands, runs=ground.runs)
    print(
        f"\n### Growth with {what} (ratio to the last)\n\n{HEAD}\n{rows(figures, ratios, 1)}",
        flush=True,
    )
