from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sekisho.cli.commands.audit import pair_of
from sekisho.errors import RequestError


def test_every_kind_of_finding_and_nothing_else(company: Path, sekisho: Callable[..., Any]) -> None:
    ran = sekisho("--workspace", company, "audit", "-f", "json")
    assert ran.status == 0
    found = {
        (f["src"]["address"], f["dst"]["address"], f["port"]): f
        for f in json.loads(ran.out)["findings"]
    }
    verdicts = {key: f["verdict"] for key, f in found.items()}
    assert verdicts == {
        ("10.40.9.9", "10.1.10.96", 445): "unauthorized",
        ("10.40.9.9", "10.1.10.97", 445): "attempted",
        ("2001:db8:40::9", "2001:db8:1::5", 22): "unauthorized",
        ("10.40.3.3", "10.1.30.3", 1433): "lapsed",
        ("192.168.77.1", "10.1.20.5", 4840): "unmapped",
    }
    smb = found["10.40.9.9", "10.1.10.96", 445]
    assert smb["flows"] == smb["established"] == 3, "two sensors saw each: one flow"
    assert smb["first_seen"] == "2020-06-04T10:00:00.000000Z"
    assert smb["onset"]["at"] == "2020-06-04T10:00:00.000000Z"
    assert smb["onset"]["kind"] == "observed"
    assert smb["bytes_out"]["low"] == 3 * 1400
    lapsed = found["10.40.3.3", "10.1.30.3", 1433]
    assert lapsed["flows"] == 1, "the flow of 1 June was authorised"


def test_formats_agree(company: Path, sekisho: Callable[..., Any], tmp_path: Path) -> None:
    at = ("--workspace", company, "audit", "-f")
    document = json.loads(sekisho(*at, "json").out)
    rows = list(csv.DictReader(io.StringIO(sekisho(*at, "csv").out)))
    lines = [json.loads(line) for line in sekisho(*at, "jsonl").out.splitlines()]
    ids = [f["id"] for f in document["findings"]]
    assert [row["id"] for row in rows] == ids
    assert [line["id"] for line in lines if line["record"] == "finding"] == ids
    page = tmp_path / "report.html"
    assert sekisho(*at, "html", "-o", page).status == 0
    text = page.read_text()
    assert all(one in text for one in ids)
    assert "http://" not in text.replace("http://www.w3.org/", "")
    table = sekisho("--workspace", company, "audit").out
    assert max(map(len, table.splitlines())) <= 80


@pytest.mark.parametrize(("level", "status"), [("critical", 0), ("high", 1), ("low", 1), ("none", 0)])
def test_fail_on(company: Path, sekisho: Callable[..., Any], level: str, status: int) -> None:
    worst = json.loads(sekisho("--workspace", company, "audit", "-f", "json").out)["findings"][0]
    if level == "critical" and worst["severity"] == "critical":
        status = 1
    assert sekisho("--workspace", company, "audit", "--fail-on", level).status == status


def test_windows_sites_and_pairs(company: Path, sekisho: Callable[..., Any]) -> None:
    def ids(*words: str) -> set[str]:
        ran = sekisho("--workspace", company, "audit", "-f", "json", *words)
        assert ran.status == 0
        return {f["dst"]["address"] for f in json.loads(ran.out)["findings"]}

    assert ids("--until", "2020-06-02") == set()
    assert ids("--since", "2020-06-05") == {"10.1.10.96", "2001:db8:1::5"}
    assert ids("--site", "us-plant") == set()
    assert ids("--pair", "jp-hq <-> th-plant") == {
        "10.1.10.96",
        "10.1.10.97",
        "2001:db8:1::5",
        "10.1.30.3",
    }


def test_nothing_recorded_is_not_nothing_found(raw_company: Path, sekisho: Callable[..., Any]) -> None:
    ran = sekisho("--workspace", raw_company, "audit")
    assert ran.status == 0
    assert "Nothing was recorded" in ran.out or "nothing was recorded" in ran.out.lower()


def test_records_and_differences(company: Path, sekisho: Callable[..., Any]) -> None:
    at = ("--workspace", company)
    assert sekisho(*at, "audit", "record", "before", "--until", "2020-06-03").status == 0
    assert sekisho(*at, "audit", "record", "after").status == 0
    assert sekisho(*at, "audit", "record", "after").status == 2, "a record is never overwritten"
    names = sekisho(*at, "audit", "list", "-f", "csv").out
    assert "before" in names
    assert "after" in names
    shown = json.loads(sekisho(*at, "audit", "show", "after", "-f", "json").out)
    assert shown["schema"] == "sekisho.audit-record/1"
    diff = json.loads(sekisho(*at, "audit", "diff", "before", "after", "-f", "json").out)
    assert len(diff["new"]) == 4
    assert diff["gone"] == []
    assert sekisho(*at, "audit", "show", "../../etc/passwd").status == 2
    assert sekisho(*at, "ledger", "verify").status == 0


def test_a_pair_is_two_sites() -> None:
    assert pair_of("a <-> b") == ("a", "b")
    assert pair_of(None) is None
    for wrong in ("a -> b", "a <-> ", "<-> b", "a"):
        with pytest.raises(RequestError, match="no pair"):
            pair_of(wrong)


def test_a_window_that_holds_no_time(company: Path, sekisho: Callable[..., Any]) -> None:
    ran = sekisho("--workspace", company, "audit", "--since", "2020-06-05", "--until", "2020-06-02")
    assert ran.status == 2
    assert "--since names the earlier time" in ran.err


def test_sensors_that_fell_silent_show_in_the_last_days(
    company: Path, sekisho: Callable[..., Any]
) -> None:
    window = json.loads(sekisho("--workspace", company, "audit", "--since", "7d", "-f", "json").out)
    assert {item["state"] for item in window["coverage"]} == {"no_data"}
    assert window["window"]["from"] < window["window"]["to"]
