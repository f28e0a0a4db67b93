"""Zeek's files.log, of old and new versions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

OLD = {"ts": 1.5, "fuid": "F1", "tx_hosts": ["10.0.0.9"], "rx_hosts": ["10.0.0.1"]}
OLD |= {"conn_uids": ["C1", "C2"], "seen_bytes": 5, "is_orig": False, "md5": "AB" * 16}
NEW = {"ts": 1.5, "fuid": "F1", "uid": "C7", "id.orig_h": "10.0.0.1", "id.orig_p": 5}
NEW |= {"id.resp_h": "10.0.0.9", "id.resp_p": 80, "seen_bytes": 5, "sha256": "cd" * 32}


def names(read_with: Callable[..., Any], record: dict[str, Any]) -> list[tuple[Any, ...]]:
    read = read_with("zeek-files-json", json.dumps(record) + "\n")
    assert read.rejects == []
    return [(n["kind"], n["value"], n["uid"], n["src"], n["dst"], n["dst_port"]) for n in read.names]


def test_of_old_versions_each_connection_has_the_hash(read_with: Callable[..., Any]) -> None:
    assert names(read_with, OLD) == [
        ("md5", "ab" * 16, uid, "10.0.0.1", "10.0.0.9", None) for uid in ("C1", "C2")
    ], "what the initiator received"
    assert [n[3:5] for n in names(read_with, OLD | {"is_orig": True})] == [("10.0.0.9", "10.0.0.1")] * 2


def test_of_new_versions_it_stands_as_elsewhere(read_with: Callable[..., Any]) -> None:
    assert names(read_with, NEW) == [("sha256", "cd" * 32, "C7", "10.0.0.1", "10.0.0.9", 80)]


@pytest.mark.parametrize("gone", ["tx_hosts", "rx_hosts", "conn_uids", "is_orig"])
def test_what_is_not_known_is_left_open(read_with: Callable[..., Any], gone: str) -> None:
    record = {key: value for key, value in OLD.items() if key != gone}
    assert names(read_with, record)
    assert names(read_with, record | {gone: []} if gone != "is_orig" else record)


def test_the_hash_of_a_certificate_is_a_certificates(read_with: Callable[..., Any]) -> None:
    record = OLD | {"mime_type": "application/x-x509-user-cert", "sha1": "a1" * 20, "conn_uids": ["C1"]}
    assert [kind for kind, *_ in names(read_with, record)] == ["md5", "certificate_sha1"]
    record["mime_type"] = "text/plain"
    assert [kind for kind, *_ in names(read_with, record)] == ["md5", "sha1"]


def test_as_tab_separated_text(read_with: Callable[..., Any]) -> None:
    head = "#separator \\x09\n#path\tfiles\n#fields\tts\tfuid\ttx_hosts\trx_hosts\tconn_uids\tis_orig\tmd5\n"
    for broken in ("", "rubbish\n"):
        lines = "1.5\tF1\t10.0.0.9\t10.0.0.1,10.0.0.2\tC1,C2\tF\tab\n1.5\tF2\t-\t-\t(empty)\tT\tcd\n"
        read = read_with("zeek-files-tsv", head + broken + lines)
        assert [(n["value"], n["uid"], n["src"], n["dst"]) for n in read.names] == [
            ("ab", "C1", "10.0.0.1", "10.0.0.9"),
            ("ab", "C2", "10.0.0.1", "10.0.0.9"),
            ("cd", None, None, None),
        ]
