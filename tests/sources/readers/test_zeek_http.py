"""Zeek's http.log."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

BASE = {"ts": 1.5, "uid": "C1", "id.orig_h": "10.0.0.1", "id.resp_h": "10.0.0.2", "id.resp_p": 80}
BASE |= {"tags": [], "trans_depth": 1}


def test_the_host_and_what_asked_for_it(read_with: Callable[..., Any]) -> None:
    agent = "Evil/1.0 \x1b]0;owned\x07 \u202e"
    read = read_with("zeek-http-json", json.dumps(BASE | {"host": "WWW.X", "user_agent": agent}) + "\n")
    assert read.values == [(1, "http_host", "www.x"), (1, "user_agent", agent)], "kept as it was sent"


def test_an_agent_without_end_is_cut(read_with: Callable[..., Any]) -> None:
    read = read_with("zeek-http-json", json.dumps(BASE | {"user_agent": "A" * 900_000}) + "\n")
    assert [len(n["value"]) for n in read.names] == [1024]
