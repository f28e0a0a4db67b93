"""The case study: real logs of two sensors, three sites, a register of directory services only."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.app.audit import run_audit
from sekisho.app.ingest import ingest
from sekisho.app.workspace import Workspace
from sekisho.model.findings import AuditDocument, Finding, rfc3339

NOW = datetime(2020, 5, 1, tzinfo=UTC)
SCRANTON, NASHUA, NEWYORK = "10.0.1.4", "10.0.1.6", "10.0.0.4"
SITES = f"""
sites:
  nashua: {{name: Nashua, country: US, timezone: UTC, owner: it, prefixes: [{NASHUA}/32]}}
  scranton: {{name: Scranton, country: US, timezone: UTC, owner: it, prefixes: [{SCRANTON}/32]}}
  newyork: {{name: New York, country: US, timezone: UTC, owner: it, prefixes: [{NEWYORK}/32]}}
sensors:
  NASHUA: {{site: nashua, kind: zeek, sees: [edge, internet], paths: ["logs/NASHUA*"]}}
  SCRANTON: {{site: scranton, kind: zeek, sees: [edge, internet], paths: ["logs/SCRANTON*"]}}
"""
SERVICES = "dns, kerberos, ldap, smb, ntp, rpc, tcp/49152-65535"
POLICY = f"""
connections:
  - id: DIRECTORY
    allow: "scranton/*, nashua/* -> newyork/* : {SERVICES}"
    owner: it
    ticket: CHG-1
    why: Directory services
"""


def make_workspace(root: Path) -> Workspace:
    (root / "sekisho.toml").write_text("")
    (root / "sites.yaml").write_text(SITES)
    (root / "policy.yaml").write_text(POLICY)
    return Workspace(root)


def audited(workspace: Workspace, logs: list[Path]) -> AuditDocument:
    for log in logs:
        summary = ingest(workspace, [log], sensor=log.name.partition("_")[0], reader=None, now=NOW)
        assert summary.unread == []
    return run_audit(workspace, begin=None, end=None, now=NOW, by="test").document


def between(document: AuditDocument, src: str, dst: str) -> dict[tuple[str, int], Finding]:
    return {
        (f.protocol, f.port): f
        for f in document.findings
        if (f.src.address, f.dst.address) == (src, dst)
    }


@pytest.fixture(scope="module")
def real(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> AuditDocument:
    folder = shared_data / "zeek-apt29-day1"
    workspace = make_workspace(tmp_path_factory.mktemp("apt29"))
    return audited(workspace, [folder / "NASHUA_conn.log", folder / "SCRANTON_conn.log"])


@pytest.fixture(scope="module")
def truth(shared_data: Path) -> dict[int, str]:
    """Port and first time of every activity from SCRANTON to NASHUA, as ground_truth.csv has them."""
    first: dict[int, str] = {}
    with (shared_data / "zeek-apt29-day1" / "ground_truth.csv").open(newline="") as rows:
        for row in csv.DictReader(rows):
            if (row["src"], row["dst"]) == (SCRANTON, NASHUA):
                port = int(row["port"])
                first[port] = min(first.get(port, "9"), row["time_utc"])
    return first


def test_every_hop_is_a_finding_to_the_microsecond(real: AuditDocument, truth: dict[int, str]) -> None:
    found = between(real, SCRANTON, NASHUA)
    assert {("tcp", port): at for port, at in truth.items()} == {
        key: rfc3339(f.first_seen) for key, f in found.items()
    }
    assert {port: f.verdict for (_, port), f in found.items()} == {
        135: "unauthorized",
        445: "unauthorized",
        5985: "unauthorized",
        80: "attempted",
        55121: "attempted",
    }


def test_what_both_sensors_saw_is_counted_once(real: AuditDocument) -> None:
    found = between(real, SCRANTON, NASHUA)
    assert found["tcp", 445].payload_out == 5_901_055
    assert {port: f.flows for (_, port), f in found.items()} == {
        135: 4,
        445: 15,
        5985: 4,
        80: 3,
        55121: 18,
    }
    assert {f.seen_at for f in found.values()} == {"both"}
    assert {f.sensors for f in found.values()} == {("NASHUA", "SCRANTON")}
    for f in found.values():
        assert f.bytes_out.low <= f.bytes_out.high
        assert f.bytes_out.high < 1.6 * f.bytes_out.low or f.bytes_out.why


def test_the_directory_is_no_finding(real: AuditDocument) -> None:
    for workstation in (SCRANTON, NASHUA):
        assert between(real, workstation, NEWYORK) == {}


def test_evidence_of_forty_minutes_dates_nothing(real: AuditDocument) -> None:
    assert {f.onset.kind for f in real.findings} == {"on_or_before"}


def test_the_control_channels_are_unmapped_and_the_counts_add_up(real: AuditDocument) -> None:
    assert {f.verdict for f in between(real, SCRANTON, "192.168.0.5").values()} == {"unmapped"}
    assert real.totals.flows == 479 + 134 - 44
    counts = real.totals.model_dump(exclude={"flows", "connections"})
    assert sum(counts.values()) == real.totals.connections
    assert {name: n for name, n in counts.items() if n} == {
        "authorized": 16,
        "unauthorized": 3,
        "attempted": 2,
        "unmapped": 10,
    }


def own_log(sensor: str, offset: float, records: list[dict[str, object]]) -> Iterator[str]:
    for number, record in enumerate(records):
        row = {
            "ts": NOW.timestamp() - 3600 * 30 + float(str(record["at"])) + offset,
            "uid": f"C{sensor}{number}",
            "id.orig_h": record["src"],
            "id.orig_p": 50000 + int(str(record["at"])),
            "id.resp_h": record["dst"],
            "id.resp_p": record["port"],
            "proto": "tcp",
            "duration": 1.5,
            "conn_state": record["state"],
            "missed_bytes": 0,
        }
        answered = record["state"] == "SF"
        row |= {
            "orig_bytes": 2000 * answered,
            "resp_bytes": 900 * answered,
            "orig_pkts": 8 if answered else 1,
            "orig_ip_bytes": 2400 if answered else 52,
            "resp_pkts": 6 * answered,
            "resp_ip_bytes": 1200 * answered,
        }
        yield json.dumps(row)


@pytest.fixture
def own(tmp_path: Path) -> AuditDocument:
    """A sample of our own with the same traits: two sensors, a clock 13 ms off, answered and not."""
    shared: list[dict[str, object]] = [
        {"at": 10, "src": SCRANTON, "dst": NASHUA, "port": 445, "state": "SF"},
        {"at": 20, "src": SCRANTON, "dst": NASHUA, "port": 445, "state": "SF"},
        {"at": 30, "src": SCRANTON, "dst": NASHUA, "port": 55121, "state": "S0"},
        {"at": 5, "src": SCRANTON, "dst": NASHUA, "port": 5985, "state": "S0"},
        {"at": 40, "src": SCRANTON, "dst": NASHUA, "port": 5985, "state": "SF"},
    ]
    here: list[dict[str, object]] = [
        {"at": 1, "src": SCRANTON, "dst": NEWYORK, "port": 88, "state": "SF"},
        {"at": 2, "src": SCRANTON, "dst": NEWYORK, "port": 389, "state": "S0"},
    ]
    there: list[dict[str, object]] = [
        {"at": 3, "src": NASHUA, "dst": NEWYORK, "port": 135, "state": "SF"}
    ]
    logs = [tmp_path / "SCRANTON_conn.log", tmp_path / "NASHUA_conn.log"]
    logs[0].write_text("\n".join(own_log("s", 0.0, shared + here)) + "\n")
    logs[1].write_text("\n".join(own_log("n", -0.0136, shared + there)) + "\n")
    return audited(make_workspace(tmp_path), logs)


def test_the_same_holds_for_a_sample_of_our_own(own: AuditDocument) -> None:
    start = NOW - timedelta(hours=30)
    found = between(own, SCRANTON, NASHUA)
    assert {port: (f.verdict, f.flows, f.established) for (_, port), f in found.items()} == {
        445: ("unauthorized", 2, 2),
        5985: ("unauthorized", 2, 1),
        55121: ("attempted", 1, 0),
    }
    assert found["tcp", 445].first_seen == start + timedelta(seconds=10)
    assert found["tcp", 445].payload_out == 4000
    assert found["tcp", 445].bytes_out.low == 4800
    late = found["tcp", 5985]
    assert (late.first_seen, late.onset.at) == (
        start + timedelta(seconds=5),
        start + timedelta(seconds=40),
    )
    assert len(own.findings) == 3
    assert (own.totals.connections, own.totals.authorized, own.totals.flows) == (6, 3, 8)
    assert {f.seen_at for f in own.findings} == {"both"}
    assert {link.src_site for link in own.links} == {"scranton", "nashua"}


def test_an_audit_is_the_same_twice_and_keeps_to_its_scope(own: AuditDocument, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    again = run_audit(workspace, begin=None, end=None, now=NOW, by="test").document
    assert again == own
    pair = ("nashua", "newyork")
    part = run_audit(workspace, begin=None, end=None, now=NOW, by="test", pair=pair).document
    assert (part.findings, part.totals.connections, part.totals.flows) == ((), 1, 1)
    begin = NOW - timedelta(hours=30) + timedelta(seconds=15)
    late = run_audit(workspace, begin=begin, end=None, now=NOW, by="test").document
    smb = between(late, SCRANTON, NASHUA)["tcp", 445]
    assert (smb.flows, smb.onset.kind) == (1, "on_or_before")
    assert smb.id == between(own, SCRANTON, NASHUA)["tcp", 445].id
