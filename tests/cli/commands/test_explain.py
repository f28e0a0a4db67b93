from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_flows_with_file_and_line(company: Path, sekisho: Callable[..., Any]) -> None:
    listed = json.loads(sekisho("--workspace", company, "finding", "list", "-f", "json").out)
    smb = next(f for f in listed["findings"] if f["dst"]["address"] == "10.1.10.96")
    ran = sekisho("--workspace", company, "explain", smb["id"][:8], "-f", "json")
    document = json.loads(ran.out)
    assert ran.status == 0
    assert document["records"] == 6, "three flows, seen by two sensors"
    logs = {sensor: (company / "logs" / sensor / "conn.log") for sensor in ("th-edge", "jp-edge")}
    for flow in document["flows"]:
        log = logs[flow["sensor"]]
        line = log.read_text().splitlines()[flow["row"] - 1].split("\t")
        assert (line[2], line[4]) == ("10.40.9.9", "10.1.10.96")
        assert flow["sha256"] == hashlib.sha256(log.read_bytes()).hexdigest()
    shown = sekisho("--workspace", company, "explain", smb["id"])
    assert "Why high" in shown.out or "Why critical" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80


def test_no_such_finding(company: Path, sekisho: Callable[..., Any]) -> None:
    ran = sekisho("--workspace", company, "explain", "F-000000000000")
    assert ran.status == 2
    assert "finding list" in ran.err
