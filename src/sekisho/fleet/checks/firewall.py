"""Profiles of the Windows firewall that are switched off (ATT&CK T1562.004).

What group policy says of a profile counts before what the machine says itself. Source: [MS-GPFAS].
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sekisho.fleet.checks.settings import asking, values
from sekisho.fleet.collections.base import Row

_OWN = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy"
_POLICY = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\WindowsFirewall"
_PROFILES: Mapping[str, tuple[str, ...]] = {
    "DomainProfile": ("DomainProfile",),
    "StandardProfile": ("PrivateProfile", "StandardProfile"),
    "PublicProfile": ("PublicProfile",),
}
"""By the name on the machine, the names in group policy."""


class Firewall:
    """`firewall`."""

    name = "firewall"
    tables = ("firewall_settings",)
    never_empty = True
    queries: Mapping[str, str] = {
        "firewall_settings": asking(
            (
                *(rf"{_OWN}\{profile}\EnableFirewall" for profile in _PROFILES),
                *(
                    rf"{_POLICY}\{name}\EnableFirewall"
                    for names in _PROFILES.values()
                    for name in names
                ),
            )
        )
    }

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """See `Timeless.judge`."""
        rows = tables["firewall_settings"]
        for profile, names in _PROFILES.items():
            ruled = [
                data
                for name in names
                for _, data in values(
                    rows, rf"\Policies\Microsoft\WindowsFirewall\{name}\EnableFirewall"
                )
            ]
            own = [
                data
                for path, data in values(rows, rf"\{profile}\EnableFirewall")
                if r"\policies\microsoft\windowsfirewall" not in path.casefold()
            ]
            if "0" in (ruled or own):
                by = " by group policy" if ruled else ""
                yield f"the firewall's {profile} is off{by}"
