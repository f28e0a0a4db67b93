"""Rules asked of what sensors recorded: findings on connections, and on the terminals at their ends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.fleet.sigma.conftest import event

from sekisho.app.checking.intake import take_in
from sekisho.app.checking.sigma import rules_of, run
from sekisho.app.checking.standing import assemble
from sekisho.app.decisions import open_decisions
from sekisho.app.hunting.registry import keeper_of
from sekisho.app.ingest import ingest
from sekisho.app.store import prune
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.intel.match_log import matches
from sekisho.model.sigma import SigmaDocument

NOW = datetime(2024, 4, 1, tzinfo=UTC)
SITES = """
sites:
  jp-hq: {name: HQ, country: JP, timezone: Asia/Tokyo, owner: it, prefixes: [10.1.0.0/16]}
  th-plant: {name: Plant, country: TH, timezone: Asia/Bangkok, owner: it, prefixes: [10.40.0.0/16]}
sensors:
  zeek: {site: jp-hq, kind: zeek, sees: [edge]}
"""
ENDS = {
    "ts": 1_709_251_200.0,
    "uid": "C1",
    "id.orig_h": "10.40.9.9",
    "id.orig_p": 50_000,
    "id.resp_h": "10.1.0.5",
    "id.resp_p": 445,
}
MARKS: Mapping[str, Mapping[str, Any]] = {
    "dns": {"AA": False},
    "http": {"trans_depth": 1, "tags": []},
    "ssl": {"established": True, "resumed": False},
    "files": {"fuid": "F1", "seen_bytes": 1},
    "kerberos": {"request_type": "AS"},
    "smb_mapping": {"share_type": "DISK"},
    "smb_files": {"action": "SMB::FILE_OPEN"},
    "conn": {
        "proto": "tcp",
        "conn_state": "SF",
        "history": "ShADad",
        "missed_bytes": 0,
        "orig_pkts": 5,
        "orig_ip_bytes": 700,
        "resp_pkts": 4,
        "resp_ip_bytes": 900,
    },
}
"""What each log of Zeek has that the reader knows it by."""


@pytest.fixture
def bare(tmp_path: Path) -> Workspace:
    root = tmp_path / "ws"
    root.mkdir()
    (root / "sekisho.toml").write_text("")
    (root / "sites.yaml").write_text(SITES)
    return Workspace(root)


def _take(workspace: Workspace, log: str, *records: Mapping[str, Any]) -> None:
    path = workspace.root / f"{log}.log"
    lines = [json.dumps({**ENDS, **MARKS.get(log, {}), **one}) + "\n" for one in records]
    path.write_text("".join(lines))
    summary = ingest(workspace, [path], sensor="zeek", reader=None, now=NOW)
    assert [one.outcome for one in summary.files] == ["taken"], summary


def _rules(workspace: Workspace, *detections: Any, **logsource: str) -> Path:
    folder = workspace.root / "rules"
    folder.mkdir(exist_ok=True)
    for number, one in enumerate(detections):
        body = {
            "title": f"rule {number}",
            "id": f"00000000-0000-0000-0000-{number:012}",
            "name": f"rule{number}",
            "level": "high",
            "logsource": logsource,
        }
        if not isinstance(one, dict):
            raise TypeError
        body |= one if "detection" in one or "correlation" in one else {
            "detection": {"a": one, "condition": "a"}
        }  # fmt: skip
        if "correlation" in body:
            del body["logsource"]
        with (folder / f"{number}.yml").open("w") as stream:
            YAML().dump(body, stream)
    return folder


def _run(workspace: Workspace, folder: Path) -> SigmaDocument:
    return run(workspace, now=NOW, by="anna", folder=folder)


def _fired(document: SigmaDocument) -> list[str]:
    return sorted(one.rule.title[5:] for one in document.connections)


@pytest.mark.parametrize(
    ("log", "record", "meets", "misses"),
    [
        (
            "dns",
            {"query": "Seed.X.nkn.org", "answers": ["9.9.9.9", "Alias.example"]},
            [
                {"query|endswith": ".NKN.org"},
                {"query|re": "^Seed"},
                {"answers": "9.9.9.9"},
                {"answers|endswith": ".example"},
                {"answers|startswith": "ali"},
                {"answers|contains": "ias"},
                {"answers|re": "^alias"},
                {"id.resp_h|cidr": "10.1.0.0/16", "id.resp_p": 445},
            ],
            [
                {"query": "nkn.org"},
                {"answers": "9.9.9"},
                {"answers|endswith": ".9 alias.example"},
                {"answers|startswith": "example"},
            ],
        ),
        (
            "http",
            {"host": "Bad.ru", "user_agent": "Microsoft-WebDAV"},
            [{"host": "bad.ru"}, {"user_agent|contains|cased": "WebDAV"}],
            [{"user_agent|contains|cased": "webdav"}, {"host": "d.ru"}],
        ),
        ("ssl", {"server_name": "x.example"}, [{"server_name": "x.example"}], [{"ja3": "*"}]),
        ("files", {"md5": "a" * 32}, [{"md5": "A" * 32}], [{"sha1": "*"}]),
        (
            "kerberos",
            {"request_type": "TGS", "client": "anna/CORP", "service": "cifs/x", "success": False},
            [{"request_type": "TGS", "success": False}, {"client|startswith": "anna"}],
            [{"request_type": "AS"}, {"success": True}, {"error_msg": "*"}],
        ),
        (
            "ntlm",
            {"username": "anna", "domainname": "CORP", "hostname": "PC7", "success": True},
            [{"username": "anna", "domainname": "corp"}, {"hostname": "pc7", "success": "true"}],
            [{"username": "CORP\\anna"}],
        ),
        (
            "smb_mapping",
            {"path": "\\\\10.1.0.5\\C$", "service": "A:"},
            [{"path|endswith": "\\C$", "service": "A:"}],
            [{"path|endswith": "\\D$"}],
        ),
        (
            "smb_files",
            {"path": "\\\\10.1.0.5\\ADMIN$", "name": "SYSTEM32\\ab.tmp"},
            [
                {"path|endswith": "ADMIN$", "name|startswith": "system32\\", "name|endswith": ".tmp"},
                {"action": "SMB::FILE_OPEN"},
            ],
            [{"path|contains": "SYSTEM32"}, {"name|contains": "ADMIN$"}],
        ),
        ("smb_files", {"path": "\\\\10.1.0.5\\IPC$"}, [{"path|endswith": "IPC$"}], [{"name": "*"}]),
        ("smb_files", {"name": "a\\b"}, [{"name": "a\\b"}], [{"path": "*"}]),
        (
            "dce_rpc",
            {"endpoint": "svcctl", "operation": "CreateServiceW", "named_pipe": "\\pipe\\svcctl"},
            [{"endpoint": "svcctl", "operation": "CreateServiceW"}, {"named_pipe|endswith": "svcctl"}],
            [{"operation": "svcctl"}, {"endpoint": "CreateServiceW"}],
        ),
        ("dce_rpc", {"operation": "X"}, [{"operation": "X"}], [{"endpoint": "*"}]),
        (
            "conn",
            {"service": "rdp,ssl", "duration": 90.5, "orig_bytes": 5_000, "resp_bytes": 10},
            [
                {"proto": "tcp", "src_port": 50_000, "orig_bytes|gte": 5_000, "duration|gt": 90},
                {"orig_pkts": 5, "resp_pkts": 4, "orig_ip_bytes|gte": 5_000},
            ],
            [{"proto": "udp"}, {"resp_bytes|gt": 10}],
        ),
    ],
)  # fmt: skip
def test_values_are_those_of_the_log(
    bare: Workspace,
    log: str,
    record: Mapping[str, Any],
    meets: list[dict[str, Any]],
    misses: list[dict[str, Any]],
) -> None:
    _take(bare, log, record)
    document = _run(bare, _rules(bare, *meets, *misses, product="zeek", service=log))
    assert document.refusals == ()
    assert _fired(document) == sorted(str(number) for number in range(len(meets)))


def test_no_answer_of_several_may_be_what_is_excluded(bare: Workspace) -> None:
    _take(bare, "dns", {"query": "x.example", "answers": ["127.0.0.1", "9.9.9.9"]},
          {"query": "x.example", "answers": ["8.8.8.8"], "uid": "C2"},
          {"query": "x.example", "uid": "C3"})  # fmt: skip
    excluding = {
        "detection": {
            "a": {"query": "x.example"},
            "local": {"answers": ["127.0.0.1", "0.0.0.0"]},
            "condition": "a and not local",
        }
    }
    (found,) = _run(bare, _rules(bare, excluding, product="zeek", service="dns")).connections
    assert [one.row for one in found.evidence] == [2, 3]


def test_categories_are_asked_of_sensors_too(bare: Workspace) -> None:
    _take(bare, "conn", {"service": "ssh"})
    _take(bare, "http", {"host": "bad.ru"})
    for category, detection in (
        ("firewall", {"dst_ip": "10.1.0.5", "dst_port": 445}),
        ("network_connection", {"DestinationIp": "10.1.0.5", "Protocol": "tcp"}),
        ("proxy", {"cs-host": "bad.ru"}),
    ):
        assert _fired(_run(bare, _rules(bare, detection, category=category))) == ["0"]


def test_a_finding_is_of_a_connection_and_of_the_terminals_at_its_ends(bare: Workspace) -> None:
    terminals = bare.root / "t.csv"
    terminals.write_text(
        "hostname,site,address\npc9,th-plant,10.40.9.9\nsrv5,jp-hq,\nother,jp-hq,10.1.0.7\n"
    )
    (bare.root / "assets.csv").write_text(
        "address,hostname,site,groups,owner,criticality\n10.1.0.5,srv5,jp-hq,,,\n"
    )
    take_in(bare, [terminals], now=NOW, by="anna")
    _take(bare, "dce_rpc", {"operation": "X"}, {"operation": "X", "uid": "C2"},
          {"operation": "X", "id.resp_h": "203.0.113.9"})  # fmt: skip
    document = _run(bare, _rules(bare, {"operation": "X"}, product="zeek", service="dce_rpc"))
    assert document.answered
    inside, outside = sorted(document.connections, key=lambda one: str(one.dst.address))
    assert (inside.log, inside.port, inside.sensors, inside.records) == ("dce_rpc", 445, ("zeek",), 2)
    assert (inside.src.hostname, inside.src.site) == ("pc9", "th-plant")
    assert (inside.dst.hostname, inside.dst.asset, inside.dst.site) == ("srv5", "srv5", "jp-hq")
    assert (outside.dst.address, outside.dst.terminal, outside.dst.site) == ("203.0.113.9", None, None)
    assert inside.evidence[0].file.endswith("dce_rpc.log")
    with open_decisions(bare) as decisions:
        fleet = assemble(decisions, read_inventory(bare), NOW)
        stands = {one.hostname: fleet.standings[one.id].state for one in fleet.resolved.terminals}
    assert stands == {
        "pc9": "checked_findings",
        "srv5": "checked_findings",
        "other": "never_enrolled",
    }


def test_what_events_and_sensors_say_of_one_terminal_is_one_answer(bare: Workspace) -> None:
    terminals = bare.root / "t.csv"
    terminals.write_text("hostname,site,address\npc9,th-plant,10.40.9.9\n")
    events = bare.root / "events.json"
    # The log's last event is later than what the sensor saw, and clean.
    events.write_text(json.dumps(event({"Image": "x"}, host="pc9", time="2024-03-20T00:00:00Z")) + "\n")
    take_in(bare, [terminals, events], now=NOW, by="anna")
    _take(bare, "conn", {})
    folder = _rules(bare, {"DestinationPort": 445}, {"detection": {
        "a": {"Image": "evil"}, "condition": "a"}, "logsource": {"product": "windows"},
    }, category="network_connection")  # fmt: skip
    document = _run(bare, folder)
    assert [(one.hostname, one.outcome, one.events) for one in document.terminals] == [
        ("pc9", "findings", 1)
    ]


def test_correlations_count_records(bare: Workspace) -> None:
    _take(bare, "dns", *({"query": f"q{n}.bad.example", "ts": ENDS["ts"] + n} for n in range(5)),
          {"query": "q9.bad.example", "id.orig_h": "10.40.1.1"})  # fmt: skip
    many = {
        "correlation": {
            "type": "value_count",
            "rules": ["rule0"],
            "group-by": ["id.orig_h"],
            "timespan": "1m",
            "condition": {"gte": 5, "field": "query"},
        }
    }
    base = {"query|endswith": ".bad.example"}
    (found,) = _run(bare, _rules(bare, base, many, product="zeek", service="dns")).connections
    assert (found.rule.kind, found.records, found.src.address) == ("correlation", 5, "10.40.9.9")


def test_not_recorded_is_said_of_each_rule_and_field(bare: Workspace) -> None:
    _take(bare, "conn", {})
    folder = _rules(bare, {"query": "x"}, {"query": "x", "rejected": True}, {"query|contains": "y", "Z": 0},
                    product="zeek", service="dns")  # fmt: skip
    document = _run(bare, folder)
    assert (document.asked, document.unrecorded, document.refused) == (0, 3, 0)
    (told,) = document.not_recorded
    assert told.rules == 3
    assert "no sensor recorded DNS questions and answers" in told.why
    assert {one.why for one in document.refusals} == {
        "rejected is not kept of DNS questions and answers",
        "Z is not kept of DNS questions and answers",
    }
    listed = rules_of(bare, folder)
    assert {one.standing for one in listed.rules} == {"not_recorded"}
    _take(bare, "dns", {"query": "x"})
    # One log source, of which one rule is asked and two are not: they add up.
    document = _run(bare, folder)
    assert (document.asked, document.unrecorded, document.rules) == (1, 2, 3)
    listed = rules_of(bare, folder)
    assert [(one.standing, one.sensors) for one in listed.rules] == [
        ("asked", True),
        ("not_recorded", None),
        ("not_recorded", None),
    ]


def test_what_was_met_is_kept_for_rules_that_were_asked(bare: Workspace) -> None:
    root = keeper_of(bare).root
    _take(bare, "dns", {"query": "x"}, {"query": "x", "ts": ENDS["ts"] + 60, "id.resp_h": "10.1.0.6"})
    folder = _rules(bare, {"query": "x"}, {"query": "y"}, {"Z": 1}, product="zeek", service="dns")
    run(bare, now=NOW, by="anna", folder=folder, answer=False)
    assert matches(root) == ()
    document = _run(bare, folder)
    met, asked = matches(root)
    last = max(document.connections, key=lambda one: one.last)
    assert (met.at, met.asked, met.sites) == (last.last, NOW, ("jp-hq", "th-plant"))
    assert met.text == "matched dns of 10.40.9.9 -> 10.1.0.6 port 445"
    assert (asked.rule[-1], asked.at) == ("1", None)


def test_an_event_cannot_pass_for_a_connection(bare: Workspace) -> None:
    events = bare.root / "events.json"
    forged = chr(31).join(["", "1", "2", "", "3", "4", "445"])
    events.write_text(json.dumps(event({"Image": "evil"}, host=forged)) + "\n")
    summary = ingest(bare, [events], sensor="zeek", reader=None, now=NOW)
    assert summary.events == 1
    document = _run(bare, _rules(bare, {"Image": "evil"}, product="windows"))
    assert document.connections == ()


def test_flows_that_are_gone_are_told_of(bare: Workspace) -> None:
    _take(bare, "conn", {})
    folder = _rules(bare, {"dst_port": 445}, category="firewall")
    assert len(_run(bare, folder).connections) == 1
    prune(bare, NOW, dry=False, now=NOW, by="anna")
    document = _run(bare, folder)
    assert document.connections == ()
    assert any(one.startswith("raw flows of 1 days are pruned") for one in document.notes)
    assert "no sensor recorded flows" in document.not_recorded[0].why
