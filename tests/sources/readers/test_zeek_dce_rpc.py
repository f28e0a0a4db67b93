"""Zeek's dce_rpc.log."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

BASE = {"ts": 1.5, "uid": "C1", "id.orig_h": "10.0.0.1", "id.resp_h": "10.0.0.2", "id.resp_p": 445}


def line(more: dict[str, Any]) -> str:
    return json.dumps(BASE | more) + "\n"


def test_what_a_record_says(read_with: Callable[..., Any]) -> None:
    base = {"endpoint": "svcctl", "operation": "CreateServiceW", "named_pipe": "\\pipe\\svcctl"}
    both = line(base) + line({"operation": "CreateServiceW"})
    first, second = read_with("zeek-dce_rpc-json", both).logons
    assert (first["kind"], first["target"], first["detail"]) == (
        *("rpc", "svcctl::CreateServiceW", "\\pipe\\svcctl"),
    )
    assert second["target"] == "CreateServiceW"
