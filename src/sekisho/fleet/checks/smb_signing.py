"""File servers that do not require signed SMB: what is relayed to them is believed (ATT&CK T1557.001)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sekisho.fleet.checks.settings import values
from sekisho.fleet.collections.base import Row


class SmbSigning:
    """`smb-signing`. A value that is not there is Windows' default, which does not require it."""

    name = "smb-signing"
    tables = ("smb_settings",)
    never_empty = False
    queries: Mapping[str, str] = {
        "smb_settings": (
            "SELECT path, data FROM registry WHERE path LIKE 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet"
            "\\Services\\LanmanServer\\Parameters\\%' AND name IN ('RequireSecuritySignature', 'SMB1')"
        )
    }

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """See `Timeless.judge`."""
        rows = tables["smb_settings"]
        required = dict(values(rows, r"\LanmanServer\Parameters\RequireSecuritySignature"))
        if "1" not in required.values():
            yield "the server does not require signed SMB"
        if any(data == "1" for _, data in values(rows, r"\LanmanServer\Parameters\SMB1")):
            yield "SMB 1 is switched on"
