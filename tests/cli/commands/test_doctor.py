from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_all_is_well_until_something_is_not(company: Path, sekisho: Callable[..., Any]) -> None:
    (company / "data").chmod(0o700)
    ran = sekisho("--workspace", company, "doctor", "-f", "json")
    assert ran.status == 0, ran.out
    segment = next((company / "data" / "lake" / "flows").rglob("*.parquet"))
    segment.write_bytes(segment.read_bytes()[:-10])
    assert sekisho("--workspace", company, "doctor").status == 5


def test_a_broken_register_is_named(company: Path, sekisho: Callable[..., Any]) -> None:
    (company / "policy.yaml").write_text("connections: [")
    ran = sekisho("--workspace", company, "doctor", "-f", "json")
    assert ran.status == 5
    assert "register" in json.dumps(json.loads(ran.out))
