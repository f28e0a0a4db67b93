"""Rules about the network as their authors wrote them, over records made for each, and some for none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.app.checking.sigma import run
from sekisho.app.ingest import ingest
from sekisho.app.workspace import Workspace
from sekisho.model.sigma import SigmaDocument

NOW = datetime(2026, 8, 1, tzinfo=UTC)
SITES = """
sites:
  hq: {name: HQ, country: JP, timezone: Asia/Tokyo, owner: it, prefixes: [10.1.0.0/16]}
sensors:
  zeek: {site: hq, kind: zeek, sees: [edge]}
"""
ENDS = {
    "ts": 1_709_251_200.0,
    "id.orig_h": "10.1.9.9",
    "id.orig_p": 50_000,
    "id.resp_h": "10.1.0.5",
    "id.resp_p": 445,
}
FLOW = {
    "proto": "tcp",
    "service": "rdp",
    "conn_state": "SF",
    "history": "ShADad",
    "missed_bytes": 0,
    "id.resp_p": 3389,
}
OPEN = "SMB::FILE_OPEN"
LOGS: Mapping[str, list[tuple[str, dict[str, Any]]]] = {
    "dns": [
        ("zeek_dns_torproxy", {"query": "abcdef.onion.to"}),
        ("zeek_dns_nkn", {"query": "mainnet-seed-0001.nkn.org", "answers": ["192.0.2.1"]}),
        ("zeek_dns_kerberos_coercion", {"query": "srvUWhRCAAAAAbbbBAAAA.corp.example"}),
        ("", {"query": "onion.to.example", "answers": ["192.0.2.1"]}),
        ("", {"query": "seed.example"}),
    ],
    "dce_rpc": [
        ("zeek_dce_rpc_mitre_bzar_execution", {"endpoint": "svcctl", "operation": "CreateServiceW"}),
        ("zeek_dce_rpc_mitre_bzar_persistence", {"endpoint": "spoolss", "operation": "RpcAddMonitor"}),
        ("zeek_dce_rpc_potential_petit_potam", {"endpoint": "lsarpc", "operation": "EfsRpcOpenFileRaw"}),
        ("", {"endpoint": "svcctl", "operation": "OpenSCManagerW"}),
    ],
    "smb_files": [
        ("zeek_dce_rpc_smb_spoolss", {"action": OPEN, "path": "\\\\srv\\IPC$", "name": "spoolss"}),
        # The rule about atsvc asks for a path with an asterisk in it, as it is escaped: no share has one.
        ("", {"action": OPEN, "path": "\\\\srv\\IPC$", "name": "atsvc"}),
        (
            "zeek_smb_converted_win_impacket",
            {"action": OPEN, "path": "\\\\srv\\ADMIN$", "name": "SYSTEM32\\Qwerty.tmp"},
        ),
        ("", {"action": OPEN, "path": "\\\\srv\\data", "name": "spoolss"}),
        ("", {"action": OPEN, "path": "\\\\srv\\ADMIN$", "name": "SYSTEM32\\notes.txt"}),
    ],
    "conn": [
        ("zeek_rdp_public_listener", {**FLOW, "id.orig_h": "203.0.113.9"}),
        ("", FLOW),
        ("", {**FLOW, "id.orig_h": "203.0.113.10", "service": "ssl"}),
    ],
}  # fmt: skip
MARKS = {"dns": {"AA": False}}


@pytest.fixture(scope="module")
def found(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> SigmaDocument:
    root = tmp_path_factory.mktemp("network")
    (root / "sekisho.toml").write_text("")
    (root / "sites.yaml").write_text(SITES)
    for log, records in LOGS.items():
        lines = [
            json.dumps({**ENDS, **MARKS.get(log, {}), **record, "uid": f"C{log}{number}"}) + "\n"
            for number, (_, record) in enumerate(records, 1)
        ]
        (root / f"{log}.log").write_text("".join(lines))
    workspace = Workspace(root)
    ingest(workspace, [root / f"{log}.log" for log in LOGS], sensor="zeek", reader=None, now=NOW)
    rules = shared_data / "intel" / "sigma" / "rules" / "network"
    return run(workspace, now=NOW, by="anna", folder=rules, level="informational")


def test_each_rule_finds_its_own_record_alone(found: SigmaDocument) -> None:
    fired = {
        (Path(one.rule.path).stem, Path(line.file).stem, line.row)
        for one in found.connections
        for line in one.evidence
    }
    for log, records in LOGS.items():
        for number, (rule, _) in enumerate(records, 1):
            by = {name for name, where, row in fired if (where, row) == (log, number)}
            if not rule:
                assert not by, (log, number)
            else:
                assert any(name.startswith(rule) for name in by), (rule, by)
    wanted = {
        (log, n) for log, records in LOGS.items() for n, (rule, _) in enumerate(records, 1) if rule
    }
    assert {(where, row) for _, where, row in fired} == wanted


def test_every_rule_is_asked_or_says_what_is_missing(found: SigmaDocument) -> None:
    counts = (found.asked, found.refused, found.unrecorded, found.passed_over, found.filters)
    assert sum(counts) == found.rules
    assert found.refused == 0
    assert found.asked > 10
    for one in found.refusals:
        assert "kept" in one.why, one
