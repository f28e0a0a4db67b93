from __future__ import annotations

from sekisho.fleet.checks.remote_access import RemoteAccess


def test_tools_are_named() -> None:
    rows = [{"name": "AnyDesk", "version": "7.1"}, {"name": "Frpcoding"}, {"name": "Office"}, {}]
    assert list(RemoteAccess().judge({"programs": rows})) == ["anydesk is installed: AnyDesk 7.1"]
