from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_a_damaged_file_is_found_and_the_rest_answers(
    company: Path, sekisho: Callable[..., Any]
) -> None:
    at = ("--workspace", company, "store")
    assert sekisho(*at, "verify").status == 0
    segment = sorted((company / "data" / "lake" / "flows").rglob("*.parquet"))[0]
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 0xFF
    segment.write_bytes(data)
    ran = sekisho(*at, "verify", "-f", "json")
    assert ran.status == 5
    assert len(json.loads(ran.out)["damage"]) == 1
    assert json.loads(sekisho(*at, "stats", "-f", "json").out)["lost"] == 1
    audit = sekisho("--workspace", company, "audit", "-f", "json")
    assert audit.status in (0, 5)


def test_no_lake_yet(raw_company: Path, sekisho: Callable[..., Any]) -> None:
    ran = sekisho("--workspace", raw_company, "store", "stats")
    assert ran.status == 2
    assert "ingest" in ran.err


def test_a_long_line_is_cut_on_the_screen_alone(company: Path, sekisho: Callable[..., Any]) -> None:
    log = company / "logs" / "th-edge" / "long.log"
    first = sorted(log.parent.iterdir())[0].read_text().partition("\n159")[0]
    log.write_text(first + "\n" + "\0" * 5_000 + "\n")
    at = ("--workspace", company)
    assert sekisho(*at, "ingest", log).status == 3
    table = sekisho(*at, "store", "rejects").out
    assert "line or file that could not be read" in table
    assert len(table.splitlines()) < 30
    (kept,) = json.loads(sekisho(*at, "store", "rejects", "-f", "json").out)["rejects"]
    assert len(kept["text"]) > 500
