from __future__ import annotations

from sekisho.fleet.checks.services import Services


def test_where_a_service_runs_from() -> None:
    rows = [
        {"name": "spooler", "path": r"C:\Windows\System32\spoolsv.exe"},
        {"name": "upd", "path": "svchost -k x", "module_path": r"C:\Users\Public\x.dll"},
    ]
    (found,) = Services().judge({"services": rows})
    assert found.startswith("service upd runs from a place")
