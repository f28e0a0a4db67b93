"""Zeek's ntlm.log."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

BASE = {"ts": 1.5, "uid": "C1", "id.orig_h": "10.0.0.1", "id.resp_h": "10.0.0.2", "id.resp_p": 445}


def line(more: dict[str, Any]) -> str:
    return json.dumps(BASE | more) + "\n"


def test_what_a_record_says(read_with: Callable[..., Any]) -> None:
    base = {"username": "anna", "domainname": "CORP", "hostname": "PC7", "success": True}
    base |= {"server_nb_computer_name": "SRV2", "server_dns_computer_name": "srv2.corp.example"}
    (row,) = read_with("zeek-ntlm-json", line(base)).logons
    assert (row["kind"], row["account"], row["src_name"], row["target"], row["success"]) == (
        *("ntlm", "CORP\\anna", "PC7", "srv2.corp.example", True),
    )


def test_a_client_that_never_said_who_it_is(read_with: Callable[..., Any]) -> None:
    (row,) = read_with("zeek-ntlm-json", line({"server_nb_computer_name": "SRV2"})).logons
    assert row["target"] == "SRV2"
    assert "account" not in row
    read = read_with("zeek-ntlm-json", line({"success": True}))
    assert "username or server_nb_computer_name" in read.reasons[1]
