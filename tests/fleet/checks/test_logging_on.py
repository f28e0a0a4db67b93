from __future__ import annotations

from sekisho.fleet.checks.base import Failed
from sekisho.fleet.checks.logging_on import LoggingOn

S = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services"
C = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\WINEVT\Channels"
ON = {"path": rf"{S}\EventLog\Start", "data": "2"}


def judged(*rows: dict[str, str], sysmon: bool = False) -> list[str]:
    return list(LoggingOn(sysmon).judge({"logging_settings": rows}))


def test_on() -> None:
    size = {"path": rf"{S}\EventLog\Security\MaxSize", "data": str(20 << 20)}
    channel = {"path": rf"{C}\Microsoft-Windows-Sysmon/Operational\Enabled", "data": "1"}
    assert judged(ON, size, channel) == []


def test_off_in_each_way() -> None:
    assert judged(ON | {"data": "4"}) == ["the event log service is switched off"]
    assert "MiniNt" in judged(ON, {"path": r"HKLM\SYSTEM\CurrentControlSet\Control\MiniNt"})[0]
    assert judged(ON, {"path": rf"{C}\Security\Enabled", "data": "0"}) == [
        "the log Security is switched off"
    ]
    assert judged(ON, {"path": rf"{S}\EventLog\Security\MaxSize", "data": str(1 << 20)}) == [
        "the Security log keeps only 1 MiB"
    ]


def test_sysmon_where_it_should_be() -> None:
    assert judged(ON, sysmon=True) == ["Sysmon is not installed"]
    assert judged(ON, {"path": rf"{S}\Sysmon64\Start", "data": "4"}) == [
        "Sysmon is installed and switched off"
    ]
    assert judged(ON, {"path": rf"{S}\Sysmon64\Start", "data": "2"}, sysmon=True) == []


def test_without_the_service_nothing_is_known() -> None:
    (found,) = judged({"path": rf"{C}\Security\Enabled", "data": "1"})
    assert isinstance(found, Failed)
