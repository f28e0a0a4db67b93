"""A disk that is full in the middle of an ingest."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

SITES = """
sites:
  a: {name: A, country: JP, prefixes: [10.1.0.0/16]}
  b: {name: B, country: TH, prefixes: [10.2.0.0/16]}
sensors: {edge: {site: a, sees: [edge]}}
"""
HEAD = "start,end,src,src_port,dst,dst_port,protocol,bytes_out,bytes_in,packets_out,packets_in,state\n"
ROWS = 60_000


def rows(port: int, count: int) -> str:
    """Rows in which little repeats, so that they take their space."""
    dice = Random(port)
    return "".join(
        f"{1_590_000_000 + n * 1.1:.6f},{1_590_000_009 + n * 1.1 + dice.random():.6f},"
        f"10.1.{dice.randrange(200)}.{dice.randrange(250)},{dice.randrange(1024, 65_536)},"
        f"10.2.{dice.randrange(90)}.{dice.randrange(250)},{port},tcp,{dice.randrange(900_000)},"
        f"{dice.randrange(900_000)},9,9,established\n"
        for n in range(count)
    )


def run(root: Path, *words: str, largest: int | None = None) -> subprocess.CompletedProcess[str]:
    """The product in a process of its own, whose files may grow to `largest` bytes."""

    bound = f"resource.setrlimit(resource.RLIMIT_FSIZE, ({largest}, {largest}))" if largest else "pass"
    program = f"import resource; {bound}; from sekisho.cli.main import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, "-q", *words],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )


def totals(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(root, "audit", "--format", "json").stdout)["totals"]
    return found


def test_a_disk_that_is_full_in_the_middle_of_an_ingest_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "sekisho.toml").write_text('name = "x"\n')
    (tmp_path / "sites.yaml").write_text(SITES)
    (tmp_path / "policy.yaml").write_text("connections: []\n")
    (tmp_path / "small.csv").write_text(HEAD + rows(22, 10))
    (tmp_path / "large.csv").write_text(HEAD + rows(445, ROWS))
    assert run(tmp_path, "ingest", "small.csv", "--sensor", "edge").returncode == 0
    before = totals(tmp_path)
    full = run(tmp_path, "ingest", "large.csv", "--sensor", "edge", largest=400_000)
    assert full.returncode == 3
    assert "no space left" in full.stderr
    assert "help: free disk space" in full.stderr
    assert totals(tmp_path) == before
    again = run(tmp_path, "ingest", "small.csv", "large.csv", "--sensor", "edge")
    assert again.returncode == 0
    assert totals(tmp_path)["flows"] == 10 + ROWS
    assert run(tmp_path, "store", "verify").returncode == 0
