"""Remote desktops that take connections without asking who it is first (ATT&CK T1021.001)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sekisho.fleet.checks.settings import values
from sekisho.fleet.collections.base import Row


class Rdp:
    """`rdp`."""

    name = "rdp"
    tables = ("rdp_settings",)
    never_empty = True
    queries: Mapping[str, str] = {
        "rdp_settings": (
            "SELECT path, data FROM registry WHERE path IN ('HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet"
            "\\Control\\Terminal Server\\fDenyTSConnections', 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet"
            "\\Control\\Terminal Server\\WinStations\\RDP-Tcp\\UserAuthentication')"
        )
    }

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """See `Timeless.judge`."""
        rows = tables["rdp_settings"]
        if any(data == "0" for _, data in values(rows, r"\fDenyTSConnections")):
            yield "remote desktop is open"
            if any(data == "0" for _, data in values(rows, r"\UserAuthentication")):
                yield "remote desktop does not ask for network level authentication"
