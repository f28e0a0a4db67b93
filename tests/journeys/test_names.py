"""Names of real Zeek logs, and the connections they are found in, against a count made without the lake."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sekisho.app.ingest import ingest
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.model.addresses import key, parse_address
from sekisho.model.protocols import number

NOW = datetime(2020, 5, 1, tzinfo=UTC)
SITES = """
sites:
  nashua: {name: Nashua, country: US, owner: it, prefixes: [10.0.1.6/32]}
  scranton: {name: Scranton, country: US, owner: it, prefixes: [10.0.1.4/32]}
  newyork: {name: New York, country: US, owner: it, prefixes: [10.0.0.4/32]}
  elsewhere: {name: Not ours, country: US, owner: it, prefixes: [192.168.0.0/24]}
sensors:
  NASHUA: {site: nashua, kind: zeek, sees: [edge]}
  SCRANTON: {site: scranton, kind: zeek, sees: [edge]}
"""
FIELDS = {
    "dns": {"query": "dns_query", "answers": "dns_answer"},
    "ssl": {
        "server_name": "sni",
        "ja3": "ja3",
        "ja3s": "ja3s",
        "resp_certificate_sha1": "certificate_sha1",
    },
    "http": {"host": "http_host", "user_agent": "user_agent"},
    "files": {"md5": "md5", "sha1": "sha1"},
}
Named = dict[tuple[str, str], Counter[tuple[str, str]]]


def records(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def logs_of(folder: Path, log: str) -> list[Path]:
    found = [folder / f"{sensor}_{log}.log" for sensor in ("NASHUA", "SCRANTON")]
    return [path for path in found if path.exists()]


def by_hand(folder: Path) -> Named:
    """(kind, value) of each (sensor, uid), by reading the logs' lines."""
    found: Named = defaultdict(Counter)
    for log, fields in FIELDS.items():
        for path in logs_of(folder, log):
            for record in records(path):
                for field, kind in fields.items():
                    if kind == "sha1" and "x509" in record.get("mime_type", ""):
                        kind = "certificate_sha1"
                    values = record.get(field, [])
                    for value in values if isinstance(values, list) else [values]:
                        cased = value if kind == "user_agent" else value.lower()
                        for uid in record.get("conn_uids", [record.get("uid")]):
                            found[path.name.partition("_")[0], uid][kind, cased] += 1
    return found


@pytest.fixture
def apt29(shared_data: Path) -> Path:
    return shared_data / "zeek-apt29-day1"


@pytest.fixture
def workspace(apt29: Path, tmp_path: Path) -> Workspace:
    (tmp_path / "sekisho.toml").write_text("")
    (tmp_path / "sites.yaml").write_text(SITES)
    (tmp_path / "policy.yaml").write_text("connections: []\n")
    for log in ("conn", *FIELDS):
        for path in logs_of(apt29, log):
            folder = tmp_path / "logs" / path.name.partition("_")[0]
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{log}.log").write_bytes(path.read_bytes())
    made = Workspace(tmp_path)
    summary = ingest(made, [tmp_path / "logs"], sensor=None, reader=None, now=NOW)
    assert summary.unread == []
    assert (len(summary.files), summary.rows) == (9, 479 + 134)
    assert summary.names == sum(one.total() for one in by_hand(apt29).values())
    return made


def test_every_value_is_found_as_often_as_it_was_written(workspace: Workspace, apt29: Path) -> None:
    expected: Counter[tuple[str, str, str]] = Counter()
    for (sensor, _), named in by_hand(apt29).items():
        for (kind, value), times in named.items():
            expected[sensor, kind, value] += times
    with open_lake(workspace, create=False) as lake:
        found = lake.names({value for _, _, value in expected}, limit=100_000).rows.to_pylist()
    assert Counter((row["sensor"], row["kind"], row["value"]) for row in found) == expected


def key_of(src: str, dst: str, protocol: str, port: int) -> pa.Table:
    row: dict[str, Any] = {"src_realm": "", "dst_realm": "", "protocol": number(protocol), "port": port}
    for end, address in (("src", src), ("dst", dst)):
        row[f"{end}_hi"], row[f"{end}_lo"] = key(parse_address(address))
    return pa.table({name: [value] for name, value in row.items()})


def test_each_connection_has_its_own_names(workspace: Workspace, apt29: Path) -> None:
    named = by_hand(apt29)
    connections: dict[tuple[Any, ...], Counter[tuple[str, str]]] = defaultdict(Counter)
    for path in logs_of(apt29, "conn"):
        for record in records(path):
            ends = record["id_orig_h"], record["id_resp_h"], record["proto"], record["id_resp_p"]
            connections[ends] += named.get((path.name.partition("_")[0], record["uid"]), Counter())
    compared = 0
    with open_lake(workspace, create=False) as lake:
        for (src, dst, protocol, port), expected in connections.items():
            found = lake.names_seen(key_of(src, dst, protocol, port)).rows.to_pylist()
            assert {(n["kind"], n["value"]): n["times"] for n in found} == expected, (src, dst, port)
            compared += bool(expected)
    assert compared == 9
