from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from sekisho.sources.base import Batch, ReadContext
from sekisho.sources.registry import by_name, detect

NOW = datetime(2024, 6, 1, tzinfo=UTC)
FLOW = {"id.orig_h": "10.0.0.1", "id.orig_p": 40_000, "id.resp_h": "10.9.0.1", "id.resp_p": 443}


def record(log: str, number: int, **fields: Any) -> dict[str, Any]:
    return {"_path": log, "ts": 1709251200.0 + number, "uid": f"C{number}", **FLOW, **fields}


def conn(number: int, **changes: Any) -> dict[str, Any]:
    counts = {"orig_pkts": 5, "orig_ip_bytes": 500, "resp_pkts": 4, "resp_ip_bytes": 900}
    fields = {"proto": "tcp", "conn_state": "SF", "history": "ShADadFf", **counts}
    return record("conn", number, **fields) | changes


def mixed(count: int) -> list[dict[str, Any]]:
    """Connection, question, TLS, an odd one and a ticket in turn."""
    rows: list[dict[str, Any]] = []
    for n in range(count):
        rows.append(conn(n))
        rows.append(record("dns", n, query=f"h{n}.example", answers=["10.9.0.1"], AA=False))
        rows.append(record("ssl", n, server_name=f"s{n}.example", established=True))
        rows.append({"_path": "weird", "ts": 1.5, "name": "odd"})
        rows.append(record("kerberos", n, request_type="TGS", client="u/X", service="cifs/srv"))
    return rows


def text(*rows: Any) -> bytes:
    return "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows).encode()


def read(raw: bytes, first_row: int = 1) -> list[Batch]:
    return list(
        by_name("zeek-streams-json").read(io.BytesIO(raw), ReadContext("UTC", 1, NOW, first_row))
    )


def of(batches: list[Batch], kind: str) -> list[dict[str, Any]]:
    tables = [getattr(batch, kind) for batch in batches]
    rows: list[dict[str, Any]] = pa.concat_tables(
        [one for one in tables if one is not None]
    ).to_pylist()
    return rows


@pytest.mark.parametrize("count", [3, 200])
def test_each_log_comes_to_where_it_belongs_with_its_line(count: int) -> None:
    batches = read(text(*mixed(count)))
    flows, names, logons = (of(batches, kind) for kind in ("flows", "names", "logons"))
    assert [row["row"] for row in flows] == list(range(1, 5 * count, 5))
    assert sorted({(row["kind"], row["row"] % 5) for row in names}) == [
        ("dns_answer", 2),
        ("dns_query", 2),
        ("sni", 3),
    ]
    assert len(names) == 3 * count
    assert [row["row"] for row in logons] == list(range(5, 5 * count + 1, 5))
    assert sum(batch.ignored for batch in batches) == count
    assert not any(batch.rejects for batch in batches)
    assert batches[-1].last_row == 5 * count


def test_it_says_the_same_as_each_log_by_itself() -> None:
    rows = mixed(300)
    batches = read(text(*rows))
    for log, reader, kind in (
        ("conn", "zeek-conn-json", "flows"),
        ("dns", "zeek-dns-json", "names"),
        ("kerberos", "zeek-kerberos-json", "logons"),
    ):
        own = text(*(row for row in rows if row["_path"] == log))
        alone = of(list(by_name(reader).read(io.BytesIO(own), ReadContext("UTC", 1, NOW))), kind)
        together = of(batches, kind)
        if log == "dns":
            together = [row for row in together if row["kind"] != "sni"]
        assert [row | {"row": 0} for row in together] == [row | {"row": 0} for row in alone]


def test_bad_lines_have_their_own_numbers_and_reasons() -> None:
    cut = json.dumps(conn(2))[:60] + "\n"
    raw = text(
        conn(0),
        "no json\n",
        record("dns", 1, query="a.example", AA=False),
        cut,
        "\n",
        '{"_path": "weird", \n',
    )
    batches = read(raw + text(record("dns", 1, query="a.example", AA=False, **{"id.orig_h": "nobody"})))
    reasons = {reject.row: reject.reason for batch in batches for reject in batch.rejects}
    assert list(reasons) == [2, 4, 6, 7]
    assert reasons[2] == reasons[4] == reasons[6] == "is no JSON object"
    assert len(of(batches, "flows")) == 1


def test_a_log_named_within_a_value_is_not_its_name() -> None:
    agent = 'x","_path":"conn"'
    rows = [conn(0), record("http", 1, host="a.example", user_agent=agent, trans_depth=1)]
    rows[1] = {key: rows[1][key] for key in ("user_agent", *rows[1])}
    batches = read(text(*rows))
    assert {row["value"] for row in of(batches, "names")} == {"a.example", agent}
    assert len(of(batches, "flows")) == 1


def test_reading_goes_on_in_the_middle() -> None:
    raw = text(*mixed(20))
    assert [row["row"] for row in of(read(raw, 50), "flows")] == list(range(51, 100, 5))


def test_what_it_is_known_by() -> None:
    def found(*rows: Any) -> str | None:
        reader = detect(text(*rows))
        return reader.name if reader else None

    assert found(*mixed(1)) == "zeek-streams-json"
    assert found(*(conn(n) for n in range(100)), *mixed(1)) == "zeek-streams-json"
    assert found(conn(0)) == "zeek-conn-json"
    assert found(conn(0), conn(1, _path="conn_long")) == "zeek-conn-json"
    assert found({"_path": "weird"}, {"_path": "notice"}) is None
    assert found('<html> "_path":"conn" "_path":"dns"\n') is None
