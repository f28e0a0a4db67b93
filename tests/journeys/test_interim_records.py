"""Firewalls and clouds that speak of one connection several times: the audit counts it once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from sekisho.app.audit import run_audit
from sekisho.app.ingest import ingest
from sekisho.app.workspace import Workspace
from sekisho.model.findings import Finding

NOW = datetime(2024, 3, 5, tzinfo=UTC)
SITES = """
sites:
  a: {name: A, country: JP, owner: x, prefixes: [10.0.0.0/16]}
  b: {name: B, country: TH, owner: y, prefixes: [10.9.0.0/16]}
sensors:
  pan: {site: a, kind: panos, sees: [edge]}
  asa: {site: a, kind: asa, sees: [edge]}
  forti: {site: b, kind: fortigate, sees: [edge]}
  nsg: {site: b, kind: azure, sees: [edge]}
  aws: {site: b, kind: vpc, sees: [edge]}
"""


def panos(subtype: str, volume: str, packets: str, elapsed: int) -> str:
    at = "2024/03/01 09:00:00"
    return (
        f"<14>Mar  1 09:00:12 pa 1,{at},01,TRAFFIC,{subtype},2049,{at},10.0.0.1,10.9.0.1,,,r,,,ssl,vsys1"
        f",t,u,e1,e2,s,{at},77,1,50000,443,0,0,0x0,tcp,allow,{volume},{at},{elapsed},any,0,1,0x0,a,b,0"
        f",{packets},tcp-fin\n"
    )


def asa(at: str, number: int, body: str) -> str:
    return f"<166>Mar 01 2024 {at} fw : %ASA-6-{number}: {body}\n"


def fortigate(end: int, action: str, sent: int, *, logid: int = 13, src: int = 3) -> str:
    return (
        f'<189>devid="F1" logid="{logid:010d}" type="traffic" vd="root" eventtime={1709290800 + end}'
        f" srcip=10.0.0.{src} srcport=50000 dstip=10.9.0.1 dstport=443 sessionid={src} proto=6"
        f' action="{action}" duration={end} sentbyte={sent} rcvdbyte=900 sentpkt=4 rcvdpkt=4\n'
    )


def azure(*tuples: str) -> str:
    head = "10.0.0.4,10.9.0.1,50000,443,T,I,A"
    whole = [f"{1709290800 + int(one.split(',')[0])},{head},{one.split(',', 1)[1]}" for one in tuples]
    return json.dumps({"records": [{"flowTuples": whole}]})


def aws(src: str, dst: str, ports: str, action: str) -> str:
    return f"2 1 eni-1 {src} {dst} {ports} 6 10 5000 1709290800 1709290860 {action} OK\n"


ENDS = "outside:10.0.0.2/50000{} to inside:10.9.0.1/443{}"
LOGS = {
    "pan/1.log": panos("start", "700,400,300,5", "3,2", 0)
    + panos("end", "3000,1000,2000,15", "8,7", 10),
    "asa/1.log": asa(
        "10:00:00", 302013, "Built inbound TCP connection 7 for " + ENDS.format(" (m/1)", " (n/2)")
    ),
    "asa/2.log": asa(
        "10:00:10",
        302014,
        f"Teardown TCP connection 7 for {ENDS.format('', '')} duration 0:00:10 bytes 5000 TCP FINs",
    ),
    "forti/1.log": fortigate(60, "accept", 500, logid=20)
    + fortigate(160, "close", 1500)
    + fortigate(170, "deny", 0, src=9),
    "nsg/PT1H.json": azure("0,B,,,,", "5,C,3,400,3,500"),
    "nsg/PT1H-grown.json": azure("0,B,,,,", "5,C,3,400,3,500", "60,E,3,400,3,500"),
    "aws/1.log": aws("10.0.0.5", "10.9.0.1", "50000 443", "ACCEPT")
    + aws("10.9.0.1", "10.0.0.5", "443 50000", "ACCEPT")
    + aws("10.0.0.6", "10.9.0.1", "50000 22", "REJECT"),
}


def test_what_is_told_several_times_counts_once(tmp_path: Path) -> None:
    (tmp_path / "sekisho.toml").write_text("")
    (tmp_path / "sites.yaml").write_text(SITES)
    (tmp_path / "policy.yaml").write_text("connections: []\n")
    for name, text in LOGS.items():
        path = tmp_path / "logs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    workspace = Workspace(tmp_path)
    summary = ingest(workspace, [tmp_path / "logs"], sensor=None, reader=None, now=NOW)
    assert sum(result.rejected for result in summary.files) == 0
    document = run_audit(workspace, begin=None, end=None, now=NOW, by="test").document
    findings = {found.src.address: found for found in document.findings}

    def held(address: str, way: str) -> tuple[int, int]:
        volume = getattr(findings[address], way)
        return volume.low, volume.high

    def said(found: Finding) -> tuple[str, int, int]:
        return found.verdict, found.flows, found.established

    once = ("unauthorized", 1, 1)
    assert {address: said(found) for address, found in findings.items()} == {
        **dict.fromkeys(["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"], once),
        "10.0.0.6": ("attempted", 1, 0),
        "10.0.0.9": ("attempted", 1, 0),
    }
    assert held("10.0.0.1", "bytes_out")[1] == 1000, "the end of the session, not its start"
    assert held("10.0.0.2", "bytes_out")[0] == 0
    assert "both directions" in (findings["10.0.0.2"].bytes_out.why or "")
    assert held("10.0.0.3", "bytes_out") == (1500, 1500), "totals so far are not added"
    assert held("10.0.0.4", "bytes_in")[1] == 1000, "counts since the last record are"
    assert held("10.0.0.5", "bytes_in") == (5000, 5000), "the other half"
