"""An audit of everything, after an edit of the register, and after one more day, beside one scan of the
raw columns that a verdict needs."""

from __future__ import annotations

import re
import shutil
from itertools import count

from benchmarks.ground import HEAD, Command, Ground, floor, rows, sekisho
from benchmarks.measure import paired


def measure(ground: Ground) -> None:
    """As the register stands, and after an edit of it."""
    company = ground.ingested(ground.company())
    edits = count(1)

    def edit(name: str) -> None:
        """Another register each time: one rule more, that permits something."""
        if name.startswith("audit after an edit"):
            policy = company / "policy.yaml"
            kept = re.sub(r"^ *- \{id: EDIT-.*\n", "", policy.read_text(), flags=re.M)
            number = next(edits)
            rule = (
                f'- {{id: EDIT-{number}, allow: "s0001/* -> s0002/* : tcp/{10_000 + number}",'
                " owner: netops, ticket: CHG-0, why: Benchmark}\n"
            )
            policy.write_text(re.sub(r"(connections:\n)( *)", rf"\1\2{rule}\2", kept, count=1))

    audit = sekisho(company, "audit", "--format", "jsonl")
    commands: dict[str, Command] = {
        "audit": audit,
        "audit after an edit of the register": audit,
        "scan of the raw columns": floor("scan", company / "data" / "lake"),
    }
    print(f"\n### Audit, {ground.rows:,} flows\n\n{HEAD}")
    print(rows(*paired(commands, runs=ground.runs, before=edit), ground.rows), flush=True)


def first_audit(ground: Ground) -> None:
    """A register that nobody ever held against the evidence: findings cost by their number."""
    company = ground.ingested(ground.company(first_audit=True))
    commands: dict[str, Command] = {
        "first audit": sekisho(company, "audit", "--format", "jsonl"),
        "scan of the raw columns": floor("scan", company / "data" / "lake"),
    }
    print(f"\n### A first audit, {ground.rows:,} flows, 8 % of the connections are findings\n\n{HEAD}")
    print(rows(*paired(commands, runs=ground.runs), ground.rows), flush=True)


def one_more_day(ground: Ground) -> None:
    """The last day taken in after all others: ingest of that day and an audit of everything."""
    company = ground.ingested(ground.company())
    grown = ground.scratch / "one-more-day"
    last = max((company / "logs").rglob("*.log"))

    def before(name: str) -> None:
        if name == "the last day taken in":
            shutil.rmtree(grown, ignore_errors=True)
            shutil.copytree(company, grown, ignore=shutil.ignore_patterns("data", last.name))
            ground.ingested(grown)

    commands: dict[str, Command] = {
        "the last day taken in": sekisho(grown, "ingest", last, "--sensor", last.parent.name),
        "audit of all days after it": sekisho(grown, "audit", "--format", "jsonl"),
        "scan of the raw columns": floor("scan", company / "data" / "lake"),
    }
    print(f"\n### One more day, {ground.rows:,} flows in all\n\n{HEAD}")
    print(rows(*paired(commands, runs=min(3, ground.runs), before=before), ground.rows), flush=True)
    shutil.rmtree(grown, ignore_errors=True)
