"""What holds for every reader: a new one joins by giving a sample here."""

from __future__ import annotations

import io
import json
import random
import struct
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.sources.event_logs import event, event_log

from sekisho.model.flows import SOURCE_SCHEMA
from sekisho.model.logons import NAME_LIMIT, SOURCE_LOGONS
from sekisho.model.logons import TEXT_LIMIT as LOGON_TEXT_LIMIT
from sekisho.model.names import SOURCE_NAMES, VALUE_LIMIT
from sekisho.sources import lines
from sekisho.sources.base import Batch, ReadContext
from sekisho.sources.registry import READERS, by_name, detect

NOW = datetime(2024, 6, 1, tzinfo=UTC)
COUNT = 400


def _ends(number: int) -> tuple[str, str, int]:
    if number % 3:
        return f"10.0.{number % 7}.{number % 250}", f"10.9.0.{number % 5}", (443, 445, 53)[number % 3]
    return f"2001:db8::{number:x}", "2001:db8:1::5", 22


def _zeek(number: int) -> dict[str, Any]:
    src, dst, port = _ends(number)
    return {
        "ts": f"{1709251200 + number * 60}.{number:06d}",
        "uid": f"C{number}",
        "id.orig_h": src,
        "id.orig_p": 40_000 + number,
        "id.resp_h": dst,
        "id.resp_p": port,
        "proto": "tcp",
        "conn_state": ("SF", "S0", "REJ")[number % 3],
        "history": "ShADadFf",
        "orig_pkts": 5,
        "orig_ip_bytes": 500 + number,
        "resp_pkts": 4,
        "resp_ip_bytes": 900,
    }


def _tsv() -> bytes:
    rows = [_zeek(n) for n in range(COUNT)]
    head = "#separator \\x09\n#unset_field\t-\n#path\tconn\n#fields\t" + "\t".join(rows[0]) + "\n"
    body = "".join("\t".join(str(v) for v in row.values()) + "\n" for row in rows)
    return (head + body).encode()


def _json() -> bytes:
    rows = [_zeek(n) | {"ts": float(str(_zeek(n)["ts"]))} for n in range(COUNT)]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _names(number: int) -> dict[str, dict[str, Any]]:
    """A record of each of Zeek's other logs, every one of which gives a name."""
    flow = _zeek(number)
    ends = {key: flow[key] for key in list(flow)[:6]}
    hashes = {"md5": f"{number:032x}", "sha1": f"{number:040x}"}
    file = {"tx_hosts": [flow["id.resp_h"]], "rx_hosts": [flow["id.orig_h"]]}
    return {
        "dns": ends
        | {"query": f"h{number}.example.com", "AA": False, "qtype_name": "A"}
        | {"answers": ["10.0.0.1", f"a{number}.example.com"]},
        "ssl": ends
        | {
            "server_name": f"S{number}.example.com",
            "established": True,
            "resumed": False,
            "cipher": "x",
        }
        | {"ja3": hashes["md5"], "cert_chain_fps": [f"{number:064x}", "0" * 64]},
        "http": ends
        | {"host": f"h{number}.example.com", "user_agent": "Agent/1.0", "trans_depth": 1, "tags": []},
        "files": {"ts": ends["ts"], "fuid": f"F{number}", "seen_bytes": 9, "mime_type": "text/plain"}
        | {"conn_uids": [ends["uid"], "C0"], "is_orig": False}
        | file
        | hashes,
    }


def _logons(number: int) -> dict[str, dict[str, Any]]:
    """A record of each of Zeek's logs that give logons."""
    flow = _zeek(number)
    ends = {key: flow[key] for key in list(flow)[:6]}
    share = f"\\\\srv{number}\\C$"
    return {
        "kerberos": ends
        | {"request_type": ("AS", "TGS")[number % 2], "client": f"u{number}/X", "service": "cifs/srv"}
        | {"success": number % 5 > 0, "error_msg": "KDC_ERR"},
        "ntlm": ends
        | {"hostname": "PC7", "domainname": "CORP", "username": f"u{number}", "success": number % 5 > 0}
        | {"server_nb_computer_name": "SRV2", "server_dns_computer_name": "srv2.corp.example"},
        "smb_mapping": ends | {"path": share, "service": "A:", "share_type": "DISK"},
        "smb_files": ends
        | {
            "fuid": "F1",
            "action": "SMB::FILE_OPEN",
            "path": share,
            "name": f"a{number}.exe",
            "size": 9,
        },
        "dce_rpc": ends
        | {"rtt": 0.5, "named_pipe": "135", "endpoint": "svcctl", "operation": "CreateServiceW"},
    }


def _windows(number: int) -> dict[str, str]:
    src, _, _ = _ends(number)
    names = {"TargetUserName": f"u{number}", "TargetDomainName": "CORP", "LogonType": "3"}
    return names | {"IpAddress": src, "WorkstationName": "PC7"}


def _evtx() -> bytes:
    events = [event(4624, n, f"2024-03-01T{n % 24:02d}:00:00Z", data=_windows(n)) for n in range(COUNT)]
    return event_log(*[events[n : n + 40] for n in range(0, COUNT, 40)])


def _windows_events() -> bytes:
    rows = []
    for n in range(COUNT):
        where = {"EventID": 4624, "Hostname": "srv2.corp.example", "Channel": "Security"}
        at = {"TimeCreated": f"2024-03-01T{n % 24:02d}:00:00Z", "RecordNumber": n}
        rows.append(where | at | _windows(n))
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _names_tsv(log: str) -> bytes:
    rows = [(_names(n) | _logons(n))[log] for n in range(COUNT)]

    def cell(value: Any) -> str:
        if isinstance(value, list):
            return ",".join(value) or "(empty)"
        return {True: "T", False: "F"}[value] if isinstance(value, bool) else str(value)

    head = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n"
    head += f"#path\t{log}\n#fields\t" + "\t".join(rows[0]) + "\n"
    return (head + "".join("\t".join(map(cell, row.values())) + "\n" for row in rows)).encode()


def _names_json(log: str) -> bytes:
    rows = [(_names(n) | _logons(n))[log] for n in range(COUNT)]
    return "".join(json.dumps(row | {"ts": float(row["ts"])}) + "\n" for row in rows).encode()


def _streams() -> bytes:
    """A record of each other log, then connections."""
    others = _names(0) | _logons(0) | {"weird": {"ts": "1.5", "name": "odd"}}
    rows = [record | {"_path": log} for log, record in others.items()]
    rows += [_zeek(n) | {"_path": "conn"} for n in range(COUNT)]
    return "".join(json.dumps(row | {"ts": float(row["ts"])}) + "\n" for row in rows).encode()


def _nfdump() -> bytes:
    text = "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt\n"
    for number in range(COUNT):
        src, dst, port = _ends(number)
        at = f"2024-03-01 {number % 24:02d}:00:00"
        text += f"{at},{at},0.000,{src},{dst},{40_000 + number},{port},TCP,...AP.SF,0,0,7,900,0,0\n"
    return (text + "Summary\nflows,bytes\n1,2\n").encode()


def _table() -> pa.Table:
    ends = [_ends(number) for number in range(COUNT)]
    return pa.table(
        {
            "start": [datetime(2024, 3, 1, n % 24, tzinfo=UTC) for n in range(COUNT)],
            "src": [src for src, _, _ in ends],
            "dst": [dst for _, dst, _ in ends],
            "dst_port": [port for _, _, port in ends],
            "protocol": ["tcp"] * COUNT,
            "bytes_out": list(range(COUNT)),
        }
    )


def _csv() -> bytes:
    rows = _table().to_pylist()
    text = ",".join(rows[0]) + "\n"
    for row in rows:
        text += (
            ",".join(v.isoformat() if isinstance(v, datetime) else str(v) for v in row.values()) + "\n"
        )
    return text.encode()


def _parquet() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(_table(), buffer, row_group_size=100)
    return buffer.getvalue()


def _aws() -> bytes:
    names = (
        "version srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n"
    )
    for number in range(COUNT):
        src, dst, port = _ends(number)
        at = 1709251200 + number * 60
        action = "REJECT" if number % 7 == 0 else "ACCEPT"
        names += (
            f"2 {src} {dst} {40_000 + number} {port} 6 7 {900 + number} {at} {at + 59} {action} OK\n"
        )
    return names.encode()


def _aws_parquet() -> bytes:
    names, *rows = (line.split(" ") for line in _aws().decode().splitlines())
    columns: dict[str, list[Any]] = {}
    for name, cells in zip(names, zip(*rows, strict=True), strict=True):
        columns[name.replace("-", "_")] = [int(c) if c.isdigit() else c for c in cells]
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, row_group_size=100)
    return buffer.getvalue()


def _panos() -> bytes:
    text = ""
    for number in range(COUNT):
        src, dst, port = _ends(number)
        at = f"2024/03/01 {number % 24:02d}:{number % 60:02d}:00"
        text += (
            f"<14>Mar  1 09:00:00 pa-1 1,{at},0128,TRAFFIC,end,2049,{at},{src},{dst},,,rule,,,ssl,vsys1"
            f",trust,untrust,e1,e2,set,{at},{number + 1},1,{40_000 + number},{port},0,0,0x0,tcp,allow"
            f",3000,1000,2000,15,{at},9,any,0,1,0x0,a,b,0,8,7,tcp-fin\n"
        )
    return text.encode()


def _fortigate() -> bytes:
    text = ""
    for number in range(COUNT):
        src, dst, port = _ends(number)
        at = 1709251200 + number * 60
        text += (
            f'<189>date=2024-03-01 devid="F1" logid="0000000013" type="traffic" vd="root" eventtime={at}'
            f" srcip={src} srcport={40_000 + number} dstip={dst} dstport={port} sessionid={number + 1}"
            f' proto=6 action="close" service="a b" duration=3 sentbyte={number} rcvdbyte=9 rcvdpkt=2\n'
        )
    return text.encode()


def _suricata() -> bytes:
    rows = []
    for number in range(COUNT):
        src, dst, port = _ends(number)
        at = f"2024-03-01T{number % 24:02d}:00:00.000000+0000"
        counts = {"pkts_toserver": 5, "pkts_toclient": 4, "bytes_toserver": 500 + number}
        flow = {**counts, "bytes_toclient": 900, "start": at, "end": at, "state": "closed"}
        ends = {"src_ip": src, "src_port": 40_000 + number, "dest_ip": dst, "dest_port": port}
        rows.append({"timestamp": at, "event_type": "flow", **ends, "proto": "TCP", "flow": flow})
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _argus() -> bytes:
    text = "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,TotPkts,TotBytes,SrcBytes\n"
    for number in range(COUNT):
        src, dst, port = _ends(number)
        at = f"2024/03/01 {number % 24:02d}:00:00.000000"
        ends = f"{src},{40_000 + number},   ->,{dst},{port}"
        text += f"{at},1.5,tcp,{ends},FSPA_FSPA,9,1900,{900 + number}\n"
    return text.encode()


def _ocsf() -> bytes:
    rows = []
    for number in range(COUNT):
        src, dst, port = _ends(number)
        rows.append(
            {
                "class_uid": 4001,
                "activity_id": 6,
                "time": 1_709_251_200_000 + number * 60_000,
                "src_endpoint": {"ip": src, "port": 40_000 + number},
                "dst_endpoint": {"ip": dst, "port": port},
                "connection_info": {"protocol_num": 6},
                "traffic": {"bytes_out": 500 + number, "bytes_in": 900},
            }
        )
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _ocsf_parquet() -> bytes:
    buffer = io.BytesIO()
    rows = [json.loads(line) for line in _ocsf().splitlines()]
    pq.write_table(pa.Table.from_pylist(rows), buffer, row_group_size=100)
    return buffer.getvalue()


def _ecs() -> bytes:
    rows = []
    for number in range(COUNT):
        src, dst, port = _ends(number)
        rows.append(
            {
                "@timestamp": f"2024-03-01T{number % 24:02d}:00:00.000Z",
                "event": {"category": ["network"], "type": ["connection"]},
                "source": {"ip": src, "port": 40_000 + number, "bytes": 500 + number},
                "destination": {"ip": dst, "port": port, "bytes": 900},
                "network": {"transport": "tcp"},
            }
        )
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _exports() -> list[bytes]:
    """NetFlow v9: the templates in one datagram, and one record in each of the others."""

    def datagram(number: int, content: bytes) -> bytes:
        return struct.pack("!HHIIII", 9, 1, 90_000_000, 1709251200, number, 7) + content

    rest = ((7, 2), (11, 2), (4, 1), (6, 1), (1, 4), (2, 4), (22, 4), (21, 4))
    body = b""
    for template, ends in ((256, ((8, 4), (12, 4))), (257, ((27, 16), (28, 16)))):
        fields = (*ends, *rest)
        body += struct.pack("!HH", template, len(fields))
        body += b"".join(struct.pack("!HH", *field) for field in fields)
    made = [datagram(0, struct.pack("!HH", 0, len(body) + 4) + body)]
    for number in range(COUNT):
        src, dst, port = (_ends(number)[place] for place in range(3))
        addresses = ip_address(str(src)).packed + ip_address(str(dst)).packed
        counts = (port, 6, 0x1B, 900 + number, 7, 80_000_000 + number, 80_000_500 + number)
        record = addresses + struct.pack("!HHBBIIII", 40_000 + number, *counts)
        template = 256 if len(addresses) == 8 else 257
        made.append(datagram(number + 1, struct.pack("!HH", template, len(record) + 4) + record))
    return made


def _asa() -> bytes:
    text = ""
    for number in range(COUNT):
        src, dst, port = _ends(number)
        text += (
            f"<166>Mar 01 2024 {number % 24:02d}:{number % 60:02d}:56 fw : %ASA-4-106023: Deny tcp src"
            f' outside:{src}/{40_000 + number} dst inside:{dst}/{port} by access-group "in" [0x0, 0x0]\n'
        )
    return text.encode()


def _azure(unit: int, middle: str) -> bytes:
    tuples = []
    for number in range(COUNT):
        src, dst, port = _ends(number)
        at = (1709251200 + number * 60) * unit
        tuples.append(f"{at},{src},{dst},{40_000 + number},{port},{middle},5,500,6,{900 + number}")
    records = [{"flows": [{"flowTuples": tuples[n : n + 9]}]} for n in range(0, COUNT, 9)]
    return json.dumps({"records": records}).encode()


def _gcp() -> bytes:
    text = ""
    for number in range(COUNT):
        src, dst, port = _ends(number)
        at = f"2024-03-01T{number % 24:02d}:{number % 60:02d}:00.123456789Z"
        ends = {"src_ip": src, "src_port": 40_000 + number, "dest_ip": dst, "dest_port": port}
        payload = {"connection": ends | {"protocol": 6}, "bytes_sent": str(900 + number)}
        payload |= {"packets_sent": "9", "start_time": at, "end_time": at, "reporter": "SRC"}
        text += json.dumps({"jsonPayload": payload, "logName": "projects/p/logs/x%2Fvpc_flows"}) + "\n"
    return text.encode()


def _checkpoint() -> bytes:
    text = ""
    for number in range(COUNT):
        src, dst, port = _ends(number)
        text += (
            f'<134>1 2024-03-01T00:00:00Z gw CheckPoint 7 - [action:"Accept"; loguid:"{{0x{number:x}}}"'
            f'; time:"{1709251200 + number * 60}"; src:"{src}"; dst:"{dst}"; proto:"6"'
            f'; s_port:"{40_000 + number}"; service:"{port}"]\n'
        )
    return text.encode()


def _capture() -> bytes:
    """The same exports as packets of UDP, one a second."""
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, 101)
    for number, payload in enumerate(_exports()):
        udp = struct.pack("!HHHH", 50_000, 2055, len(payload) + 8, 0) + payload
        ends = bytes((10, 0, 0, 1, 10, 0, 0, 2))
        packet = struct.pack("!BBHHHBBH", 0x45, 0, len(udp) + 20, 0, 0, 64, 17, 0) + ends + udp
        out += struct.pack("<IIII", 1709251200 + number, 0, len(packet), len(packet)) + packet
    return out


def _nfcapd() -> bytes:
    """nfdump 1.7's own layout: a header, one block, records of a generic and an address part."""
    out = b""
    for number in range(COUNT):
        src, dst, port = (_ends(number)[place] for place in range(3))
        at = 1709251200_000 + number * 60_000
        counts = (at, at + 500, at, 7, 900 + number, 40_000 + number, port, 6, 0x1B, 0, 0)
        body = struct.pack("<HH5QHHBBBB", 1, 52, *counts)
        ends = [ip_address(str(src)), ip_address(str(dst))]
        if ends[0].version == 4:
            body += struct.pack("<HHII", 2, 12, *map(int, ends))
        else:
            halves = [part for end in ends for part in divmod(int(end), 1 << 64)]
            body += struct.pack("<HH4Q", 3, 36, *halves)
        out += struct.pack("<HHHBBHBB", 11, 12 + len(body), 2, 0, 0, 0, 0, 9) + body
    head = (0xA50C, 2, 0x01070100, 1_700_000_000, 0, 0, 0, 1, 0, 1 << 20, 1)
    return struct.pack("<HHIQBBHIQII", *head) + struct.pack("<IIHH", COUNT, len(out), 3, 0) + out


SAMPLES = {
    "suricata-eve": _suricata(),
    "argus-csv": _argus(),
    "ocsf-json": _ocsf(),
    "ocsf-parquet": _ocsf_parquet(),
    "ecs-json": _ecs(),
    "zeek-conn-tsv": _tsv(),
    "zeek-conn-json": _json(),
    **{f"zeek-{log}-tsv": _names_tsv(log) for log in _names(0)},
    **{f"zeek-{log}-json": _names_json(log) for log in _names(0)},
    **{f"zeek-{log}-tsv": _names_tsv(log) for log in _logons(0)},
    **{f"zeek-{log}-json": _names_json(log) for log in _logons(0)},
    "zeek-streams-json": _streams(),
    "windows-evtx": _evtx(),
    "windows-events": _windows_events(),
    "nfdump-csv": _nfdump(),
    "panos-traffic": _panos(),
    "fortigate-traffic": _fortigate(),
    "cisco-asa": _asa(),
    "azure-nsg": _azure(1, "T,O,A,E"),
    "azure-vnet": _azure(1000, "6,O,E,NX"),
    "gcp-vpc": _gcp(),
    "checkpoint": _checkpoint(),
    "aws-vpc-text": _aws(),
    "aws-vpc-parquet": _aws_parquet(),
    "netflow-payload": b"".join(_exports()),
    "nfcapd": _nfcapd(),
    "packet-capture": _capture(),
    "generic-csv": _csv(),
    "generic-parquet": _parquet(),
}
OF_NAMES = {f"zeek-{log}-{notation}" for log in _names(0) for notation in ("tsv", "json")}
"""Readers whose records are names and no flows."""
OF_LOGONS = {f"zeek-{log}-{notation}" for log in _logons(0) for notation in ("tsv", "json")}
OF_LOGONS |= {"windows-evtx", "windows-events"}
"""Those whose records are logons."""
NAMES = [reader.name for reader in READERS]
DATAGRAMS = {"netflow-payload", "packet-capture", "nfcapd", "windows-evtx"}
"""Binary formats, whose datagrams or records are the rows; a byte too many may cost what follows."""
LINES = [n for n in NAMES if not n.endswith("-parquet") and n not in DATAGRAMS]


LINES = [name for name in LINES if not name.startswith("azure-")]
"""Of Azure's JSON a row is a flow tuple, wherever it stands."""


def read(name: str, raw: bytes, first_row: int = 1) -> list[Batch]:
    return list(by_name(name).read(io.BytesIO(raw), ReadContext("UTC", 1, NOW, first_row)))


def rows_of(batches: list[Batch]) -> list[dict[str, Any]]:
    """Flows, or names or logons where the format has only those."""
    flows = pa.concat_tables([batch.flows for batch in batches])
    assert flows.schema.equals(SOURCE_SCHEMA)
    names = [batch.names for batch in batches if batch.names is not None]
    assert all(table.schema.equals(SOURCE_NAMES) for table in names)
    logons = [batch.logons for batch in batches if batch.logons is not None]
    assert all(table.schema.equals(SOURCE_LOGONS) for table in logons)
    if flows.num_rows or (names and logons):
        of_flows: list[dict[str, Any]] = flows.to_pylist()
        return of_flows
    if logons:
        found: list[dict[str, Any]] = pa.concat_tables(logons).to_pylist()
        return found
    rows: list[dict[str, Any]] = (pa.concat_tables(names) if names else flows).to_pylist()
    return rows


def lines_of(rows: list[dict[str, Any]]) -> int:
    """How many lines the rows come from: one gives a flow or several names."""
    return len({row["row"] for row in rows})


def accounted(batches: list[Batch]) -> int:
    used = sum(batch.flows.num_rows for batch in batches)
    used += sum(lines_of(batch.names.to_pylist()) for batch in batches if batch.names is not None)
    used += sum(batch.logons.num_rows for batch in batches if batch.logons is not None)
    return used + sum(len(batch.rejects) + batch.ignored for batch in batches)


def test_every_reader_has_a_sample() -> None:
    assert sorted(SAMPLES) == sorted(NAMES)
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_its_sample_is_recognised_whatever_the_others_say(name: str) -> None:
    found = detect(SAMPLES[name][: 1 << 16])
    assert found is not None
    assert found.name == name
    assert all(0 <= reader.detect(SAMPLES[name]) <= 100 for reader in READERS)


@pytest.mark.parametrize("name", NAMES)
def test_all_records_are_read_and_every_row_is_accounted_for(name: str) -> None:
    batches = read(name, SAMPLES[name])
    assert lines_of(rows_of(batches)) == COUNT
    assert [reject for batch in batches for reject in batch.rejects] == []
    last = max(batch.last_row for batch in batches)
    assert accounted(batches) == last
    # That names or logons were logged is no evidence that flows were.
    assert any(batch.spans for batch in batches) == (name not in OF_NAMES | OF_LOGONS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("first_row", [1, 2, 7, 150, COUNT, COUNT + 50])
def test_reading_on_gives_what_was_not_given_before(name: str, first_row: int) -> None:
    whole = rows_of(read(name, SAMPLES[name]))
    rest = rows_of(read(name, SAMPLES[name], first_row))
    assert rest == [row for row in whole if row["row"] >= first_row]


@pytest.mark.parametrize("name", LINES)
def test_the_size_of_blocks_changes_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rows_of(read(name, SAMPLES[name]))
    monkeypatch.setattr(lines.line_blocks, "__defaults__", (997,))
    assert rows_of(read(name, SAMPLES[name])) == whole


@pytest.mark.parametrize("name", LINES)
def test_bad_lines_cost_only_themselves(name: str) -> None:
    """A line in ten is broken: the slow path must agree with the fast one about the others."""
    good = SAMPLES[name].split(b"\n")
    broken = set(range(20, COUNT, 10))
    text = b"\n".join(b"\xff{\x00broken" if n in broken else line for n, line in enumerate(good))
    batches = read(name, text)
    rejects = [reject.row - 1 for batch in batches for reject in batch.rejects]
    assert sorted(rejects) == sorted(broken)
    whole = [row for row in rows_of(read(name, SAMPLES[name])) if row["row"] - 1 not in broken]
    assert rows_of(batches) == whole
    assert lines_of(rows_of(batches)) == COUNT - len(broken)


@pytest.mark.parametrize("name", LINES)
def test_a_line_of_ten_megabytes_is_one_reject(name: str) -> None:
    text = SAMPLES[name] + b"x" * 10_000_000 + b"\n" + SAMPLES[name].split(b"\n")[-30] + b"\n"
    batches = read(name, text)
    reasons = [reject.reason for batch in batches for reject in batch.rejects]
    assert reasons in (["line longer than 1048576 bytes"], [])
    assert all(len(reject.text) <= 512 for batch in batches for reject in batch.rejects)
    assert len(rows_of(batches)) >= COUNT


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_bytes_end_in_flows_and_rejects_and_never_in_an_error(
    name: str, data: st.DataObject
) -> None:
    sample = SAMPLES[name][: data.draw(st.integers(0, 4000))]
    seed = data.draw(st.integers(0, 1 << 30))
    raw = bytearray(sample or b"\n")
    chance = random.Random(seed)
    for _ in range(data.draw(st.integers(0, 30))):
        at = chance.randrange(len(raw))
        what = chance.choice([b"\n", b"\t", b'"', b"\xff", b"#", b"{", b"-", b"9" * 30, b"\0", b","])
        raw[at : at + chance.choice([0, 1, 20])] = what
        raw = raw or bytearray(b"\n")
    batches = read(name, bytes(raw))
    for row in rows_of(batches):
        if name == "zeek-streams-json" and "src_port" not in row:
            # What is left of it has records of one other log alone; that log's own reader is held to them.
            continue
        if name in OF_NAMES:
            assert 0 < len(row["value"].encode()) <= VALUE_LIMIT
            assert row["dst_port"] is None or 0 <= row["dst_port"] <= 65535
            continue
        if name in OF_LOGONS:
            names = (row["host"], row["account"], row["actor"], row["src_name"])
            assert all(len(text.encode()) <= NAME_LIMIT for text in names if text)
            texts = (row["target"], row["detail"])
            assert all(len(text.encode()) <= LOGON_TEXT_LIMIT for text in texts if text)
            continue
        assert 0 <= row["src_port"] <= 65535
        assert 0 <= row["dst_port"] <= 65535
        assert min(row["bytes_out"], row["bytes_in"], row["packets_out"], row["packets_in"]) >= 0
        assert min(row["bytes_out_spread"], row["bytes_in_spread"]) >= 0
    if name in LINES:
        assert accounted(batches) == bytes(raw).count(b"\n") + (not raw.endswith(b"\n"))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_detection_never_fails(head: bytes) -> None:
    assert detect(head) is None or detect(head) in READERS


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=3000, deadline=None)
@given(raw=st.binary(max_size=2000), cut=st.integers(0, 3000))
def test_long_fuzzing(name: str, raw: bytes, cut: int) -> None:
    rows_of(read(name, SAMPLES[name][:cut] + raw))
    rows_of(read(name, raw))


@pytest.mark.parametrize("name", LINES)
def test_a_byte_order_mark_changes_nothing(name: str) -> None:
    marked = b"\xef\xbb\xbf" + SAMPLES[name]
    found = detect(marked[: 1 << 16])
    assert found is not None
    assert found.name == name
    batches = read(name, marked)
    assert rows_of(batches) == rows_of(read(name, SAMPLES[name]))
    assert [reject for batch in batches for reject in batch.rejects] == []


DEVICES = {
    "zeek-conn-tsv": "uid",
    "zeek-conn-json": "uid",
    "zeek-streams-json": "_path",
    **dict.fromkeys(sorted(OF_NAMES), "ts"),
    **dict.fromkeys(sorted(OF_LOGONS), "ts"),
    "windows-evtx": "Computer",
    "windows-events": "Channel",
    "nfdump-csv": "fwd",
    "panos-traffic": "serial",
    "fortigate-traffic": "devid",
    "suricata-eve": "proto",
    "argus-csv": "Dir",
    "ocsf-json": "class_uid",
    "ocsf-parquet": "class_uid",
    "ecs-json": "network.transport",
    "netflow-payload": "exporter",
    "packet-capture": "exporter",
    "generic-csv": "dst_port",
    "generic-parquet": "dst_port",
}
"""A field that every record of the sample has; with such sensors select their own."""


@pytest.mark.parametrize("name", NAMES)
def test_fields_that_were_asked_for_stand_beside_the_records(name: str) -> None:
    wanted = frozenset({"no such field", DEVICES.get(name, "no such field")})
    context = ReadContext("UTC", 1, NOW, 1, None, wanted)
    for batch in by_name(name).read(io.BytesIO(SAMPLES[name]), context):
        rows, fields = batch.flows, batch.fields
        if name in OF_NAMES:
            rows, fields = batch.names, batch.name_fields
        if name in OF_LOGONS:
            rows, fields = batch.logons, batch.logon_fields
        if not rows:
            continue
        assert fields is not None
        assert fields.num_rows == rows.num_rows
        assert set(fields.column_names) == wanted
        for field in fields.column_names:
            column = fields[field]
            assert column.type == pa.string()
            assert column.null_count == (len(column) if field == "no such field" else 0), field
