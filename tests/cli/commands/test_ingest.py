from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def flows(sekisho: Callable[..., Any], root: Path) -> int:
    return int(json.loads(sekisho("--workspace", root, "store", "stats", "-f", "json").out)["flows"])


def test_twice_is_once(raw_company: Path, sekisho: Callable[..., Any]) -> None:
    first = sekisho("--workspace", raw_company, "ingest", raw_company / "logs", "-f", "json")
    assert first.status == 0
    assert json.loads(first.out)["flows"] == 306
    again = sekisho("--workspace", raw_company, "ingest", raw_company / "logs", "-f", "json")
    assert {f["outcome"] for f in json.loads(again.out)["files"]} == {"known"}
    assert flows(sekisho, raw_company) == 306


def test_a_row_for_each_sensor_on_a_screen(raw_company: Path, sekisho: Callable[..., Any]) -> None:
    out = sekisho("--workspace", raw_company, "ingest", raw_company / "logs").out
    assert "306 new flows from 2 files" in out
    assert "th-edge" in out
    assert "conn.log" not in out


def test_a_log_that_grew_and_its_packed_copy(
    raw_company: Path, sekisho: Callable[..., Any], zeek_conn: Callable[..., str]
) -> None:
    log = raw_company / "logs" / "th-edge" / "conn.log"
    whole = log.read_text()
    cut = whole.rindex("\n", 0, len(whole) // 2) + 20
    log.write_text(whole[:cut])
    at = ("--workspace", raw_company, "ingest", log)
    sekisho(*at)
    log.write_text(whole)
    assert sekisho(*at).status == 0
    assert flows(sekisho, raw_company) == 154
    log.with_name("conn.log.gz").write_bytes(gzip.compress(whole.encode()))
    assert sekisho("--workspace", raw_company, "ingest", log.parent).status == 0
    assert flows(sekisho, raw_company) == 154


def test_a_truncated_gzip_gives_what_it_has(
    raw_company: Path, sekisho: Callable[..., Any], zeek_log: str
) -> None:
    log = raw_company / "logs" / "th-edge" / "conn.log"
    log.unlink()
    packed = log.with_name("conn.log.gz")
    packed.write_bytes(gzip.compress(zeek_log.encode(), mtime=0)[:-200])
    ran = sekisho("--workspace", raw_company, "ingest", packed)
    assert ran.status == 3
    part = flows(sekisho, raw_company)
    assert 0 < part < 154
    rejects = json.loads(sekisho("--workspace", raw_company, "store", "rejects", "-f", "json").out)
    assert rejects["rejects"]
    packed.write_bytes(gzip.compress(zeek_log.encode(), mtime=0))
    assert sekisho("--workspace", raw_company, "ingest", packed).status == 0
    assert flows(sekisho, raw_company) == 154, "nothing is lost, nothing doubles"


def test_garbage_named_log(company: Path, sekisho: Callable[..., Any]) -> None:
    bad = company / "logs" / "th-edge" / "bad.log"
    bad.write_bytes(bytes(range(256)) * 64)
    ran = sekisho("--workspace", company, "ingest", bad, "-f", "json")
    assert ran.status == 3
    (one,) = json.loads(ran.out)["files"]
    assert one["outcome"] == "set_aside"
    assert "looks like" in one["notes"][0]
    assert flows(sekisho, company) == 306


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            "99999999999.5\tCz1\t10.40.2.10\t1\t10.1.20.5\t8443\ttcp\t-\t1.0\t1\t1\tSF\t0\tSh\t1\t41\t1\t41",
            "",
        ),
        (
            "1591000000.5\tCz2\t10.40.2.10\t1\t10.1.20.5\t8443\ttcp\t-\t-5.0\t1\t1\tSF\t0\tSh\t1\t41\t1\t41",
            "",
        ),
        (
            "1591000000.5\tCz3\tfe80::1%eth0\t1\t10.1.20.5\t8443\ttcp\t-\t1\t1\t1\tSF\t0\tSh\t1\t41\t1\t41",
            "",
        ),
        (
            "1591000000.5\tCz4\t10.40.2.300\t1\t10.1.20.5\t8443\ttcp\t-\t1\t1\t1\tSF\t0\tSh\t1\t41\t1\t41",
            "addr",
        ),
        ("1591000000.5\tCz5\t10.40.2.10", "field"),
        ("x" * 10_000_000, "long"),
    ],
    ids=["far future", "negative duration", "address zone", "no address", "few fields", "10 MB line"],
)
def test_odd_lines_never_cost_the_others(
    company: Path, sekisho: Callable[..., Any], zeek_header: str, zeek_conn: Callable[..., str],
    line: str, reason: str,
) -> None:  # fmt: skip
    good = zeek_conn(1591000000.25, "Cg1", "10.40.2.10", 1, "10.1.20.5", 8443)
    more = zeek_conn(1591000001.25, "Cg2", "10.40.2.10", 2, "10.1.20.5", 8443)
    log = company / "logs" / "th-edge" / "odd.log"
    log.write_text(zeek_header + good + line + "\n" + more)
    ran = sekisho("--workspace", company, "ingest", log, "-f", "json")
    summary = json.loads(ran.out)["files"][0]
    assert summary["flows"] + summary["rejected"] == 3, "every line is accounted for"
    assert summary["flows"] >= 2
    assert ran.status == (3 if summary["rejected"] else 0)
    if reason:
        assert summary["rejected"] == 1
        shown = json.loads(sekisho("--workspace", company, "store", "rejects", "-f", "json").out)
        assert [r["row"] for r in shown["rejects"]] == [len(zeek_header.splitlines()) + 2]
        assert len(shown["rejects"][0]["text"]) <= 2048


def test_a_header_that_changes_mid_file(
    company: Path, sekisho: Callable[..., Any], zeek_header: str, zeek_conn: Callable[..., str]
) -> None:
    fields = "#fields\tts\tid.orig_h\tid.resp_h\tid.resp_p\tid.orig_p\tproto\tconn_state\n"
    other = "1591000009.5\t10.40.2.10\t10.1.20.5\t8443\t777\ttcp\tSF\n"
    log = company / "logs" / "th-edge" / "two.log"
    log.write_text(
        zeek_header
        + zeek_conn(1591000000.25, "Cg1", "10.40.2.10", 1, "10.1.20.5", 8443)
        + fields
        + other
    )
    ran = sekisho("--workspace", company, "ingest", log, "-f", "json")
    assert ran.status == 0
    assert json.loads(ran.out)["files"][0]["flows"] == 2


def test_an_empty_folder_and_an_unknown_sensor(
    company: Path, sekisho: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    ran = sekisho("--workspace", company, "ingest", tmp_path / "empty", "--sensor", "th-edge")
    assert ran.status == 2
    assert "nothing to read" in ran.err
    ran = sekisho("--workspace", company, "ingest", company / "logs", "--sensor", "nobody")
    assert ran.status == 2
    assert "th-edge" in ran.err, "the choices are named"
    stray = tmp_path / "stray.log"
    stray.write_text("x")
    assert sekisho("--workspace", company, "ingest", stray).status == 2


def test_names_are_counted_beside_flows(raw_company: Path, sekisho: Callable[..., Any]) -> None:
    record = {"ts": 1591000000.5, "uid": "C1", "id.orig_h": "10.40.3.3", "id.resp_h": "10.1.30.3"}
    log = raw_company / "logs" / "th-edge" / "ssl.log"
    log.write_text(
        json.dumps(record | {"established": True, "resumed": False, "server_name": "x", "ja3": "y"})
        + "\n"
    )
    folder = raw_company / "logs"
    ran = sekisho("--workspace", raw_company, "ingest", folder, "-f", "json")
    assert (ran.status, json.loads(ran.out)["names"]) == (0, 2)
    again = sekisho("--workspace", raw_company, "ingest", folder)
    assert "new flows from 3 files" in again.out
    log.write_text(log.read_text() * 2)
    assert (
        "0 new flows and 2 names from 1 file" in sekisho("--workspace", raw_company, "ingest", log).out
    )
