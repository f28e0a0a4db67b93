"""Profiles of the Windows firewall that are switched off (ATT&CK T1562.004)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sekisho.fleet.checks.settings import values
from sekisho.fleet.collections.base import Row

_PROFILES = ("DomainProfile", "StandardProfile", "PublicProfile")


class Firewall:
    """`firewall`."""

    name = "firewall"
    tables = ("firewall_settings",)
    never_empty = True
    queries: Mapping[str, str] = {
        "firewall_settings": (
            "SELECT path, data FROM registry WHERE path LIKE 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet"
            "\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\%\\EnableFirewall'"
        )
    }

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """See `Timeless.judge`."""
        for profile in _PROFILES:
            for _, data in values(tables["firewall_settings"], rf"\{profile}\EnableFirewall"):
                if data == "0":
                    yield f"the firewall's {profile} is off"
