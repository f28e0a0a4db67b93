"""nfdump at the same question: which connections no filter of a policy permits."""

from __future__ import annotations

import sys
from pathlib import Path

from ruamel.yaml import YAML

from benchmarks import nfcapd
from benchmarks.ground import HEAD, Command, Ground, rows, sekisho
from benchmarks.measure import paired

MOST = 10_000_000
"""Flows that are sent to nfcapd at most."""
FILTERS = (1, 100, 500)
INSIDE = "src net 10.0.0.0/8 and dst net 10.0.0.0/8"


def measure(ground: Ground) -> None:
    """An aggregation to connections, with no policy and with policies of several filters."""
    count = min(ground.rows, MOST)
    company = ground.ingested(ground.company(rows=count))
    captured = company.with_name(f"{company.name}-nfcapd")
    if not captured.exists():
        taken = nfcapd.write(company / "data" / "lake", captured)
        print(f"nfcapd kept {taken:,} of {count:,} flows sent", file=sys.stderr)
    permits = _permits(company)
    aggregate: Command = (
        "nfdump",
        "-q",
        "-R",
        captured,
        "-A",
        "proto,srcip,dstip,dstport",
        "-o",
        "csv",
    )
    commands: dict[str, Command] = {"nfdump, aggregation alone": (*aggregate, INSIDE)}
    for number in FILTERS:
        file = captured.with_name(f"policy-{number}.nf")
        terms = " or ".join(permits[:number])
        file.write_text(f"{INSIDE} and not ({terms})\n")
        commands[f"nfdump, a policy of {number} filters"] = (*aggregate, "-f", file)
    commands["audit, 500 rules"] = sekisho(company, "audit", "--format", "jsonl")
    print(f"\n### nfdump, {count:,} flows\n\n{HEAD}")
    print(rows(*paired(commands, runs=ground.runs), count), flush=True)


def _permits(company: Path) -> list[str]:
    """The rules as nfdump's filters: a site is the first of its networks, which only helps nfdump."""
    yaml = YAML(typ="safe")
    sites = yaml.load((company / "sites.yaml").read_text())["sites"]
    found = []
    for rule in yaml.load((company / "policy.yaml").read_text())["connections"]:
        ends, _, service = rule["allow"].rpartition(" : ")
        src, _, dst = ends.partition(" -> ")
        nets = [
            sites[end.removesuffix("/*")]["prefixes"][0] if end.endswith("/*") else end
            for end in (src, dst)
        ]
        protocol, _, port = service.partition("/")
        term = f"src net {nets[0]} and dst net {nets[1]} and proto {protocol}"
        found.append(f"({term} and dst port {port})" if port else f"({term})")
    return found
