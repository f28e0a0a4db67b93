"""Zeek's kerberos.log."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

BASE = {"ts": 1.5, "uid": "C1", "id.orig_h": "10.0.0.1", "id.resp_h": "10.0.0.2", "id.resp_p": 445}


def line(more: dict[str, Any]) -> str:
    return json.dumps(BASE | more) + "\n"


def test_what_a_record_says(read_with: Callable[..., Any]) -> None:
    base = {
        "request_type": "TGS",
        "client": "anna/CORP.EXAMPLE",
        "service": "cifs/srv2",
        "success": True,
    }
    read = read_with("zeek-kerberos-json", line(base))
    (row,) = read.logons
    assert (row["kind"], row["account"], row["target"], row["success"], row["src"], row["host"]) == (
        *("service_ticket", "anna/CORP.EXAMPLE", "cifs/srv2", True, "10.0.0.1", "10.0.0.2"),
    )
    assert row["uid"] == "C1"


def test_a_refusal_and_a_ticket_within_another_protocol(read_with: Callable[..., Any]) -> None:
    refused = {"request_type": "AS", "client": "x", "success": False, "error_msg": "NEEDED_PREAUTH"}
    shown = json.dumps(BASE | {"_path": "kerberos"}) + "\n"
    first, second = read_with("zeek-kerberos-json", line(refused) + shown).logons
    assert (first["kind"], first["success"], first["detail"]) == ("ticket", False, "NEEDED_PREAUTH")
    assert second["kind"] == "ticket_shown"
    assert "success" not in second
