"""Zeek's smb_files.log."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

BASE = {"ts": 1.5, "uid": "C1", "id.orig_h": "10.0.0.1", "id.resp_h": "10.0.0.2", "id.resp_p": 445}


def line(more: dict[str, Any]) -> str:
    return json.dumps(BASE | more) + "\n"


def test_what_a_record_says(read_with: Callable[..., Any]) -> None:
    base = {"action": "SMB::FILE_OPEN", "path": "\\\\srv2\\C$\\", "name": "a\\b.exe"}
    (row,) = read_with("zeek-smb_files-json", line(base)).logons
    assert (row["kind"], row["target"], row["detail"]) == (
        *("file", "\\\\srv2\\C$\\a\\b.exe", "SMB::FILE_OPEN"),
    )
