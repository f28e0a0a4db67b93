"""What a verb loads before it does its work: who cuts a link must not wait for what it does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LOADED = """
import sys
sys.argv[0] = "sekisho"
from sekisho.cli.main import main
try:
    main()
except SystemExit:
    pass
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""
HEAVY = {"aerleon", "duckdb", "ibis", "napalm", "pandas", "stix2", "weasyprint", "sigma", "yara_x"}
WORK = HEAVY | {"numpy", "pyarrow", "pydantic", "sqlalchemy", "alembic", "asyncssh", "cryptography"}


def loaded(*words: object) -> set[str]:
    command = [sys.executable, "-c", LOADED, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split())


def test_help_loads_nothing_to_work_with() -> None:
    assert loaded("--help") & WORK == set()


@pytest.mark.parametrize("verb", ["apply", "confirm", "rollback"])
def test_gateways_are_told_without_the_lake_or_other_platforms(raw_company: Path, verb: str) -> None:
    """There is no plan: what it would do is loaded, and nothing is done."""
    found = loaded("--workspace", raw_company, "contain", verb, "9")
    assert "sqlalchemy" in found, "it got as far as the plans"
    assert found & HEAVY == set()
