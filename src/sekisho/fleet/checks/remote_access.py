"""Tools for remote access that are installed (ATT&CK T1219); a person says which are the company's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from sekisho.fleet.collections.base import Row

_TOOLS = re.compile(
    r"\b(anydesk|teamviewer|screenconnect|connectwise control|splashtop|atera|rustdesk|ammyy|ultraviewer"
    r"|remote ?utilities|dwservice|dwagent|logmein|gotoassist|gotomypc|netsupport|radmin|meshagent|meshcentral"
    r"|simplehelp|zoho assist|supremo|aeroadmin|tightvnc|ultravnc|realvnc|tigervnc|fleetdeck|level\.io|action1"
    r"|pdq connect|ngrok|frpc|tailscale|zerotier|chrome remote desktop)\b",
    re.IGNORECASE,
)


class RemoteAccess:
    """`remote-access`."""

    name = "remote-access"
    tables = ("programs",)
    never_empty = False
    queries: Mapping[str, str] = {
        "programs": "SELECT name, version, publisher, install_date FROM programs"
    }

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """See `Timeless.judge`."""
        for row in tables["programs"]:
            if found := _TOOLS.search(row.get("name", "")):
                yield f"{found[1].lower()} is installed: {row['name']} {row.get('version', '')}".strip()
