"""A gateway that many hosts share one address at, and says so in its log; beyond it, a Zeek that sees that
address alone. One connection is one, and of the host that is meant."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.app.audit import run_audit
from sekisho.app.explain import explain
from sekisho.app.ingest import ingest
from sekisho.app.workspace import Workspace
from sekisho.model.findings import AuditDocument

NOW = datetime(2020, 6, 8, tzinfo=UTC)
JUNE_4 = 1_591_228_800
POOL = "172.31.0.9"
"""What stands for all hosts of th-plant beyond its gateway."""
Session = tuple[float, str, int, int]
"""Seconds, host, its port, the port at the gateway."""
SESSIONS: Sequence[Session] = [
    (JUNE_4 + 36_000, "10.40.9.9", 50_001, 6_001),
    (JUNE_4 + 36_900, "10.40.9.9", 50_002, 6_002),
    (JUNE_4 + 37_000, "10.40.9.10", 50_001, 6_003),
    (JUNE_4 + 80_000, "10.40.9.10", 50_004, 6_001),
]
SERVER = "10.1.10.96"


def at(seconds: float, form: str) -> str:
    return time.strftime(form, time.gmtime(seconds))


def fortigate(sessions: Sequence[Session]) -> str:
    return "".join(
        f'<189>date=2020-06-04 time=00:00:00 devid="F1" logid="0000000013" type="traffic" vd="root"'
        f" eventtime={int(when + 2) * 10**9} srcip={host} srcport={port} dstip={SERVER} dstport=445"
        f' sessionid={number} proto=6 action="close" duration=2 sentbyte=1400 rcvdbyte=2400 sentpkt=10'
        f' rcvdpkt=10 trandisp="snat" transip={POOL} transport={mapped}\n'
        for number, (when, host, port, mapped) in enumerate(sessions, 1)
    )


def panos(sessions: Sequence[Session]) -> str:
    form = "%Y/%m/%d %H:%M:%S"
    return "".join(
        f"1,{at(when + 2, form)},0128,TRAFFIC,end,2049,{at(when + 2, form)},{host},{SERVER},{POOL},{SERVER},"
        f"rule,,,ms-ds-smb,vsys1,trust,untrust,e1,e2,set,{at(when, form)},{number},1,{port},445,{mapped},445,"
        f"0x400019,tcp,allow,4080,1540,2540,20,{at(when, form)},2,any,0,{number},0x0,a,b,0,10,10,tcp-fin\n"
        for number, (when, host, port, mapped) in enumerate(sessions, 1)
    )


def asa(sessions: Sequence[Session]) -> str:
    lines = []
    for number, (when, host, port, mapped) in enumerate(sessions, 1):
        inside = f"inside:{host}/{port}"
        form = "<166>%b %d %Y %H:%M:%S fw : %%ASA-6-"
        built = f"302013: Built outbound TCP connection {number} for outside:{SERVER}/445"
        gone = f"302014: Teardown TCP connection {number} for outside:{SERVER}/445 to {inside}"
        lines.append(f"{at(when, form)}{built} ({SERVER}/445) to {inside} ({POOL}/{mapped})\n")
        lines.append(f"{at(when + 2, form)}{gone} duration 0:00:02 bytes 3000 TCP FINs\n")
    return "".join(lines)


Families = Callable[[Sequence[Session]], str]


@pytest.fixture
def judged(raw_company: Path, zeek_conn: Callable[..., str]) -> Callable[..., AuditDocument]:
    """th-edge is a gateway's own log of these sessions, jp-edge a Zeek beyond it."""
    logs = raw_company / "logs"
    for sensor in ("th-edge", "jp-edge"):
        log = logs / sensor / "conn.log"
        log.write_text("".join(ln for ln in log.open() if SERVER not in ln))

    def run(family: Families, logged: Sequence[Session] = SESSIONS, nat: str = "") -> AuditDocument:
        (logs / "th-edge" / "gateway.log").write_text(family(logged))
        with (logs / "jp-edge" / "conn.log").open("a") as log:
            for number, (when, _, _, mapped) in enumerate(SESSIONS):
                uid = f"Cnat{number}"
                log.write(zeek_conn(when + 0.5, uid, POOL, mapped, SERVER, 445))
        sites = raw_company / "sites.yaml"
        sites.write_text(sites.read_text() + nat)
        workspace = Workspace(raw_company)
        summary = ingest(workspace, [logs], sensor=None, reader=None, now=NOW)
        assert not [one for one in summary.files if one.rejected]
        return run_audit(workspace, begin=None, end=None, now=NOW, by="anong").document

    return run


def smb(document: AuditDocument) -> list[tuple[str, int, str, tuple[str, ...]]]:
    return sorted(
        (f.src.address, f.flows, f.seen_at, (f.kind, *f.also))
        for f in document.findings
        if f.port == 445 and f.dst.address == SERVER
    )


@pytest.mark.parametrize("family", [fortigate, panos, asa])
def test_both_views_are_one_connection_of_the_host(
    family: Families, judged: Callable[..., AuditDocument], raw_company: Path
) -> None:
    document = judged(family)
    assert smb(document) == [
        ("10.40.9.10", 2, "both", ("verdict",)),
        ("10.40.9.9", 2, "both", ("verdict",)),
    ]
    assert not [note for note in document.notes if "translated" in note]
    finding = next(f for f in document.findings if f.src.address == "10.40.9.10")
    shown = explain(Workspace(raw_company), finding.id, now=NOW, by="anong", limit=100)
    assert sorted((flow.sensor, flow.src) for flow in shown.flows) == [
        *[("jp-edge", POOL)] * 2,
        *[("th-edge", "10.40.9.10")] * 2,
    ]


def test_what_two_hosts_may_be_says_so(judged: Callable[..., AuditDocument]) -> None:
    """The port went from one host to another within what clocks may differ."""
    other = (JUNE_4 + 36_020, "10.40.9.10", 50_009, 6_001)
    document = judged(fortigate, [*SESSIONS, other])
    found = smb(document)
    assert (POOL, 1, "single", ("verdict",)) in found
    (note,) = (note for note in document.notes if "translated address" in note)
    assert note.startswith("1 connection bears")
    assert POOL in note
    assert document.reconciliation is not None
    explained = [pair.explained["nat"] for pair in document.reconciliation.pairs]
    assert sum(explained) == 2
    assert not [kinds for *_, kinds in found if "one_sided" in kinds]


def test_what_the_gateway_did_not_log_is_judged_as_it_was_seen(
    judged: Callable[..., AuditDocument],
) -> None:
    document = judged(fortigate, SESSIONS[:3])
    assert (POOL, 1, "single", ("verdict",)) in smb(document)
    (said,) = (c.text for f in document.findings for c in f.checks if c.id == "nat_unresolved")
    assert said.startswith(f"{POOL} stands for 10.40.9.10, 10.40.9.9: no entry of `nat:`")
    assert [note for note in document.notes if note.startswith("1 connection bears")]


def test_the_table_wins(judged: Callable[..., AuditDocument]) -> None:
    entry = "nat:\n  pool: {sensor: jp-edge, original: 10.40.9.77, translated: 172.31.0.9}\n"
    assert "10.40.9.77" in {address for address, *_ in smb(judged(fortigate, nat=entry))}
