"""Zeek's smb_mapping.log."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

BASE = {"ts": 1.5, "uid": "C1", "id.orig_h": "10.0.0.1", "id.resp_h": "10.0.0.2", "id.resp_p": 445}


def line(more: dict[str, Any]) -> str:
    return json.dumps(BASE | more) + "\n"


def test_what_a_record_says(read_with: Callable[..., Any]) -> None:
    base = {"path": "\\\\srv2\\C$", "share_type": "DISK"}
    (row,) = read_with("zeek-smb_mapping-json", line(base)).logons
    assert (row["kind"], row["target"], row["dst"]) == ("share", "\\\\srv2\\C$", "10.0.0.2")
