"""What a quiet Windows terminal answers: rows in which no check finds anything, as JSON by table."""

from __future__ import annotations

import json
from datetime import UTC, datetime

MANY = 10
"""Rows of each table that has many: services, tasks, start-up items, programs, patches."""
_SYSTEM = r"C:\Windows\System32"
_HKLM = "HKEY_LOCAL_MACHINE"
_SERVICES = rf"{_HKLM}\SYSTEM\CurrentControlSet\Services"
_CONTROL = rf"{_HKLM}\SYSTEM\CurrentControlSet\Control"
_FIREWALL = rf"{_SERVICES}\SharedAccess\Parameters\FirewallPolicy"


def _values(**data: str) -> list[dict[str, str]]:
    return [{"path": path, "data": value} for path, value in data.items()]


def rows(count: int, now: datetime) -> dict[str, bytes]:
    """By table; `[]` for every other."""
    today = now.strftime("%-m/%-d/%Y")
    tables: dict[str, list[dict[str, str]]] = {
        "services": [
            {
                "name": f"Service{n}",
                "path": rf"{_SYSTEM}\svchost.exe -k netsvcs -p -s Service{n}",
                "module_path": rf"{_SYSTEM}\service{n}.dll",
                "start_type": "AUTO_START",
                "user_account": "LocalSystem",
            }
            for n in range(count)
        ],
        "scheduled_tasks": [
            {
                "name": f"Task{n}",
                "action": rf"{_SYSTEM}\task{n}.exe /run",
                "path": rf"\Microsoft\Windows\Task{n}",
                "enabled": "1",
                "hidden": "0",
            }
            for n in range(count)
        ],
        "startup_items": [
            {
                "name": f"Item{n}",
                "path": rf"C:\Program Files\Vendor{n}\tray.exe",
                "args": "",
                "source": rf"{_HKLM}\SOFTWARE\Microsoft\Windows\CurrentVersion\Run",
                "status": "enabled",
            }
            for n in range(count)
        ],
        "programs": [
            {"name": f"Program {n}", "version": f"{n}.1", "publisher": f"Vendor {n}"}
            for n in range(count)
        ],
        "wmi_event_filters": [
            {
                "name": "SCM Event Log Filter",
                "query": "select * from MSFT_SCMEventLogEvent",
                "query_language": "WQL",
            }
        ],
        "local_admins": [
            {"username": "Administrator", "sid": "S-1-5-21-1004336348-1177238915-682003330-500"}
        ],
        "logging_settings": _values(**{rf"{_SERVICES}\EventLog\Start": "2"}),
        "firewall_settings": _values(
            **{
                rf"{_FIREWALL}\{profile}Profile\EnableFirewall": "1"
                for profile in ("Domain", "Standard", "Public")
            }
        ),
        "smb_settings": _values(
            **{rf"{_SERVICES}\LanmanServer\Parameters\RequireSecuritySignature": "1"}
        ),
        "rdp_settings": _values(**{rf"{_CONTROL}\Terminal Server\fDenyTSConnections": "1"}),
        "patches": [
            {"hotfix_id": f"KB50{n:05}", "description": "Security Update", "installed_on": today}
            for n in range(count)
        ],
        "os_version": [
            {"name": "Microsoft Windows 11 Enterprise", "version": "10.0.26100", "build": "26100"}
        ],
        "laps_settings": _values(**{rf"{_HKLM}\SOFTWARE\Microsoft\Policies\LAPS\BackupDirectory": "2"}),
        "uptime": [{"days": "3", "hours": "4", "total_seconds": "273600"}],
        "logged_in": [{"user": "aya", "host": "", "time": "1780000000"}],
        "listening": [
            {"pid": str(n), "port": str(49_152 + n), "protocol": "6", "address": "0.0.0.0"}
            for n in range(count)
        ],
    }
    return {name: json.dumps(found).encode() for name, found in tables.items()}


ROWS = rows(MANY, datetime.now(UTC))
