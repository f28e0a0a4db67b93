"""Remote desktops that take connections without asking who it is first (ATT&CK T1021.001).

What group policy says counts before what the machine says itself. Source: Microsoft's administrative template
TerminalServer.admx.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sekisho.fleet.checks.base import Failed
from sekisho.fleet.checks.settings import asking, values
from sekisho.fleet.collections.base import Row

_OWN = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Terminal Server"
_POLICY = r"\Policies\Microsoft\Windows NT\Terminal Services"


class Rdp:
    """`rdp`."""

    name = "rdp"
    tables = ("rdp_settings",)
    never_empty = True
    queries: Mapping[str, str] = {
        "rdp_settings": asking(
            (
                rf"{_OWN}\fDenyTSConnections",
                rf"{_OWN}\WinStations\RDP-Tcp\UserAuthentication",
                rf"HKEY_LOCAL_MACHINE\SOFTWARE{_POLICY}\fDenyTSConnections",
                rf"HKEY_LOCAL_MACHINE\SOFTWARE{_POLICY}\UserAuthentication",
            )
        )
    }

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """See `Timeless.judge`."""
        rows = tables["rdp_settings"]
        deny, ruled = _counting(rows, "fDenyTSConnections")
        if not deny:
            yield Failed("whether remote desktop takes connections was not recorded")
        if "0" in deny:
            yield f"remote desktop is open{' by group policy' if ruled else ''}"
            if "0" in _counting(rows, "UserAuthentication")[0]:
                yield "remote desktop does not ask for network level authentication"


def _counting(rows: Sequence[Row], name: str) -> tuple[list[str], bool]:
    """What a value is where it counts, and whether group policy says so."""
    ruled = [data for _, data in values(rows, rf"{_POLICY}\{name}")]
    own = [
        data for path, data in values(rows, rf"\{name}") if _POLICY.casefold() not in path.casefold()
    ]
    return (ruled, True) if ruled else (own, False)
