"""Zeek's ssl.log, of old and new versions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

BASE = {"ts": 1.5, "uid": "C1", "id.orig_h": "10.0.0.1", "id.resp_h": "10.0.0.2", "id.resp_p": 443}
BASE |= {"established": True, "resumed": False}


def kinds(read_with: Callable[..., Any], **changes: Any) -> dict[str, str]:
    read = read_with("zeek-ssl-json", json.dumps(BASE | changes) + "\n")
    assert read.rejects == []
    return {kind: value for _, kind, value in read.values}


def test_the_servers_name_and_the_fingerprints(read_with: Callable[..., Any]) -> None:
    ja4 = "t13d1516h2_8daaf6152771_b186095e22b6"
    assert kinds(read_with, server_name="WWW.x", ja3="AA", ja3s="bb", ja4=ja4) == {
        "sni": "www.x", "ja3": "aa", "ja3s": "bb", "ja4": ja4,
    }  # fmt: skip


def test_the_servers_own_certificate_alone(read_with: Callable[..., Any]) -> None:
    sha1, sha256, other = "a1" * 20, "B2" * 32, "c3" * 32
    assert kinds(read_with, cert_chain_fps=[sha256, other]) == {"certificate_sha256": "b2" * 32}
    assert kinds(read_with, cert_chain_fps=[sha1]) == {"certificate_sha1": sha1}
    assert kinds(read_with, resp_certificate_sha1=sha1) == {"certificate_sha1": sha1}
    assert kinds(read_with, cert_chain_fps=["short"], server_name="x") == {"sni": "x"}


def test_a_resumed_session_may_say_nothing(read_with: Callable[..., Any]) -> None:
    read = read_with("zeek-ssl-json", json.dumps(BASE) + "\n")
    assert (read.names, read.ignored, read.rejects) == ([], 1, [])
