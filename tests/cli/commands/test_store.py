from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from sekisho.store.lake import Lake


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


def test_pruning_says_first_what_it_will_do_and_then_does_it(
    company: Path, sekisho: Callable[..., Any]
) -> None:
    at = ("--workspace", company, "store")
    words = (*at, "prune", "--raw-older-than", "2020-06-05")
    dry = sekisho(*words, "--dry-run", "-f", "json")
    assert dry.status == 0
    planned = json.loads(dry.out)
    assert (planned["schema"], planned["dry_run"]) == ("sekisho.store-prune/1", True)
    assert planned["days"] == [f"2020-06-0{n}" for n in (1, 2, 3, 4)]
    assert (planned["held"], planned["waiting"]) == ([], [])
    done = sekisho(*words)
    assert done.status == 0
    assert f"{planned['rows']} raw flows of 4 days are gone." in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    assert json.loads(sekisho(*at, "stats", "-f", "json").out)["pruned"] == planned["rows"]
    again = sekisho(*words)
    assert (again.status, "No raw flows before 2020-06-05 can go." in again.out) == (0, True)
    audit = sekisho("--workspace", company, "audit")
    assert "were pruned" in " ".join(audit.out.split())
    (finding,) = (f for f in findings(company, sekisho) if f["port"] == 445 and f["flows"] > 1)
    shown = sekisho("--workspace", company, "explain", finding["id"])
    assert "were pruned" in " ".join(shown.out.split())


def findings(company: Path, sekisho: Callable[..., Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        sekisho("--workspace", company, "audit", "-f", "json").out
    )["findings"]
    return found


def test_what_is_held_is_named(
    company: Path, sekisho: Callable[..., Any], asked: Callable[..., pa.Table]
) -> None:
    with Lake.open(company / "data" / "lake") as lake:
        lake.hold("INC-1", asked("10.40.9.9", "10.1.10.96", 445))
    words = ("--workspace", company, "store", "prune", "--raw-older-than", "2020-06-05")
    done = sekisho(*words)
    assert done.status == 0
    assert "2020-06-04 stays: held by INC-1" in done.out
    held = json.loads(sekisho(*words, "-f", "json").out)["held"]
    assert held == [{"day": f"2020-06-0{day}", "by": ["INC-1"]} for day in (3, 4)]


def test_a_wrong_request_ends_with_2(raw_company: Path, sekisho: Callable[..., Any]) -> None:
    prune = ("--workspace", raw_company, "store", "prune")
    for words in (
        prune,
        (*prune, "--raw-older-than", "soon"),
        (*prune, "--raw-older-than", "2999-01-01"),
        (*prune, "--raw-older-than", "400d"),
        ("--workspace", raw_company, "store", "compact"),
    ):
        ran = sekisho(*words)
        assert (ran.status, ran.out) == (2, ""), words
        assert "Traceback" not in ran.err


def test_compacting_leaves_what_is_damaged_and_ends_with_5(
    company: Path, sekisho: Callable[..., Any]
) -> None:
    at = ("--workspace", company)
    log = company / "logs" / "th-edge" / "conn.log"
    first, *rest = log.read_text().split("Cth")
    for number in range(2):
        part = log.with_name(f"{number}.log")
        part.write_text("Cth".join([first, *rest]).replace("Cth", f"C{number}x"))
        assert sekisho(*at, "ingest", part).status == 0
    flows = json.loads(sekisho(*at, "store", "stats", "-f", "json").out)["flows"]
    segment = sorted((company / "data" / "lake" / "flows" / "day=2020-06-01").glob("*.parquet"))[0]
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 0xFF
    segment.write_bytes(data)
    ran = sekisho(*at, "store", "compact", "-f", "json")
    assert ran.status == 5
    found = json.loads(ran.out)
    assert (found["schema"], found["damaged"], found["days"]) == ("sekisho.store-compact/1", 1, 6)
    again = sekisho(*at, "store", "compact")
    assert again.status == 0, "it is known, and named by `verify`"
    assert "Nothing to put together" in again.out
    assert sekisho(*at, "store", "verify").status == 5
    kept = json.loads(sekisho(*at, "store", "stats", "-f", "json").out)
    assert (kept["lost"], kept["flows"] < flows) == (1, True)
