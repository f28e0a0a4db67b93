"""Zeek's logs of names as JSON: both spellings, logs by name and by their own field, mixed streams."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from sekisho.sources.registry import detect

DNS = {
    "ts": 1709251200.5,
    "uid": "C1",
    "id.orig_h": "10.0.0.1",
    "id.orig_p": 5,
    "id.resp_h": "2001:db8::1",
    "id.resp_p": 53,
    "AA": False,
    "query": "A.example",
    "answers": ["x,y", "b.example."],
}
CONN = {"ts": 1.0, "uid": "C2", "id.orig_h": "10.0.0.1", "id.resp_h": "10.0.0.2", "proto": "tcp"}


def lines(*records: Any) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.mark.parametrize("broken", ["", "rubbish\n"], ids=["at once", "line by line"])
@pytest.mark.parametrize("spelling", [".", "_"])
def test_both_spellings_at_once_and_line_by_line(
    read_with: Callable[..., Any], broken: str, spelling: str
) -> None:
    record = {key.replace("id.", f"id{spelling}"): value for key, value in DNS.items()}
    read = read_with(
        "zeek-dns-json", lines(record, {**record, "answers": None, "query": None}) + broken
    )
    assert [(n["value"], n["uid"], n["src"], n["dst"], n["dst_port"]) for n in read.names] == [
        (value, "C1", "10.0.0.1", "2001:db8::1", 53) for value in ("a.example", "x,y", "b.example")
    ]
    assert read.names[0]["time"] == datetime(2024, 3, 1, microsecond=500_000, tzinfo=UTC)
    assert (read.ignored, len(read.rejects)) == (1, int(bool(broken)))


def test_times_may_be_iso(read_with: Callable[..., Any]) -> None:
    record = DNS | {"ts": "2024-03-01T00:00:00.500000Z"}
    read = read_with("zeek-dns-json", lines(record))
    assert read.names[0]["time"] == datetime(2024, 3, 1, microsecond=500_000, tzinfo=UTC)
    assert read_with("zeek-dns-json", lines(DNS | {"ts": "noon"})).reasons == {1: "ts is no time"}


def test_values_of_another_kind_are_what_they_say_as_text(read_with: Callable[..., Any]) -> None:
    read = read_with("zeek-dns-json", lines(DNS | {"query": 5, "answers": [1, {"x": 1}, True]}))
    assert [value for _, _, value in read.values][:2] == ["5", "1"]
    assert read.rejects == []


def test_other_logs_are_ignored_and_connections_refused(read_with: Callable[..., Any]) -> None:
    named = [DNS | {"_path": "dns"}, {"_path": "weird", "ts": 1}, CONN | {"@stream": "conn"}]
    read = read_with("zeek-dns-json", lines(*named))
    assert len(read.names) == 3
    assert read.ignored == 1
    assert "connection in a dns log" in read.reasons[3]
    unnamed = read_with("zeek-dns-json", lines(DNS, CONN))
    assert unnamed.reasons == {2: "is no dns record: it has no AA"}


@pytest.mark.parametrize(
    ("records", "name"),
    [
        ([DNS], "zeek-dns-json"),
        ([{"_path": "ssl", "ts": 1.0}], "zeek-ssl-json"),
        ([{"@stream": "http", "ts": 1.0}], "zeek-http-json"),
        ([{"ts": 1.0, "fuid": "F", "seen_bytes": 5}], "zeek-files-json"),
        ([DNS | {"_path": "dns"}, {"_path": "ssl"}], "zeek-streams-json"),
        ([DNS | {"_path": "dns"}, CONN | {"_path": "conn"}], "zeek-streams-json"),
        ([{"_path": "kerberos", "ts": 1.0}], "zeek-kerberos-json"),
        ([{"ts": 1.0, "action": "SMB::FILE_OPEN"}], None),
        ([{"ts": 1.0, "action": "SMB::FILE_OPEN", "path": "x"}], "zeek-smb_files-json"),
        ([{"_path": "weird", "ts": 1.0}], None),
        ([{"ts": 1.0, "tags": ["beats"], "message": "x"}], None),
        ([{"ts": 1.0, "established": True}], None),
        ([DNS | {"ts": None}], None),
    ],
)
def test_a_log_is_known_where_all_its_beginning_is_of_one_kind(records: Any, name: str | None) -> None:
    found = detect(lines(*records).encode())
    assert (found.name if found else None) == name


def test_fields_that_sensors_select_by_stand_beside_each_name(read_with: Callable[..., Any]) -> None:
    records = [DNS | {"host": "a", "vlan": 5}, DNS | {"answers": []}]
    read = read_with("zeek-dns-json", lines(*records), fields=["host", "vlan"])
    assert read.name_fields == [{"host": "a", "vlan": "5"}] * 3 + [{"host": None, "vlan": None}]


def test_deep_and_odd_json_is_refused_and_nothing_more(read_with: Callable[..., Any]) -> None:
    text = "[" * 5000 + "\n" + '{"AA": NaN}\n' + lines(DNS) + '{"AA": true, "ts": 1, "id.orig_h": []}\n'
    read = read_with("zeek-dns-json", text)
    assert sorted(read.reasons) == [1, 2, 4]
    assert len(read.names) == 3
