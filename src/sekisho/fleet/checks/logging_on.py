"""Event logs that are switched off, or too small to keep a day (ATT&CK T1562.002)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sekisho.fleet.checks.base import Failed
from sekisho.fleet.checks.settings import asking, values
from sekisho.fleet.collections.base import Row

_SERVICES = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services"
_CHANNELS = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\WINEVT\Channels"
_MINI = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\MiniNt"
_WATCHED = (
    "Security",
    "System",
    "Application",
    "Microsoft-Windows-PowerShell/Operational",
    "Microsoft-Windows-Sysmon/Operational",
    "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
    "Microsoft-Windows-WMI-Activity/Operational",
    "Microsoft-Windows-Windows Defender/Operational",
)
"""Channels that Windows, or the program whose they are, has on by itself."""
_SMALLEST = 20 << 20
"""Bytes; Windows' own size of the Security log."""
_OFF = "4"


@dataclass(frozen=True, slots=True)
class LoggingOn:
    """`logging`. `sysmon` says that every terminal should run it."""

    sysmon: bool = False
    name: str = "logging"
    tables: tuple[str, ...] = ("logging_settings",)
    never_empty: bool = True

    @property
    def queries(self) -> Mapping[str, str]:
        """See `Question.queries`."""
        paths = (
            rf"{_SERVICES}\EventLog\Start",
            rf"{_SERVICES}\EventLog\Security\MaxSize",
            rf"{_SERVICES}\Sysmon\Start",
            rf"{_SERVICES}\Sysmon64\Start",
            _MINI,
            *(rf"{_CHANNELS}\{channel}\Enabled" for channel in _WATCHED),
        )
        return {"logging_settings": asking(paths)}

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """See `Timeless.judge`."""
        rows = tables["logging_settings"]
        service = [data for _, data in values(rows, r"\Services\EventLog\Start")]
        if not service:
            yield Failed("whether the event log service starts was not recorded")
        if _OFF in service:
            yield "the event log service is switched off"
        if any(True for _ in values(rows, r"\Control\MiniNt")):
            yield "the key MiniNt is there: Windows then writes no security events"
        for channel in _WATCHED:
            if any(data == "0" for _, data in values(rows, rf"\Channels\{channel}\Enabled")):
                yield f"the log {channel} is switched off"
        for _, data in values(rows, r"\EventLog\Security\MaxSize"):
            if data.isascii() and data.isdigit() and int(data[:20]) < _SMALLEST:
                yield f"the Security log keeps only {int(data[:20]) >> 20} MiB"
        starts = [
            d for name in ("Sysmon", "Sysmon64") for _, d in values(rows, rf"\Services\{name}\Start")
        ]
        if starts and all(data == _OFF for data in starts):
            yield "Sysmon is installed and switched off"
        elif self.sysmon and not starts:
            yield "Sysmon is not installed"
