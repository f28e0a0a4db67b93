"""File servers that do not require signed SMB: what is relayed to them is believed (ATT&CK T1557.001).

Source: Microsoft Learn, "Control SMB signing behavior": from Windows 11 24H2 on the editions for companies
require it inbound too, Home does not; Windows Server 2025 requires it outbound only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sekisho.fleet.checks.base import Failed
from sekisho.fleet.checks.settings import values
from sekisho.fleet.collections.base import Row

SIGNS = 26100
"""The first build whose clients require signing by themselves: Windows 11 24H2, and Server 2025 has it too."""


class SmbSigning:
    """`smb-signing`. It looks at what the machine asks of those that come to it (LanmanServer). A value that is
    not there is Windows' default, which follows from build and edition."""

    name = "smb-signing"
    tables = ("smb_settings",)
    never_empty = False
    queries: Mapping[str, str] = {
        "smb_settings": (
            # Windows itself writes the value's name in lower case.
            "SELECT path, data FROM registry WHERE path LIKE 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet"
            "\\Services\\LanmanServer\\Parameters\\%' AND lower(name) IN ('requiresecuritysignature', 'smb1')"
            " UNION ALL SELECT path, data FROM registry WHERE path LIKE 'HKEY_LOCAL_MACHINE\\SOFTWARE"
            "\\Microsoft\\Windows NT\\CurrentVersion\\%' AND name IN ('CurrentBuildNumber', 'EditionID',"
            " 'InstallationType')"
        )
    }

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """See `Timeless.judge`."""
        rows = tables["smb_settings"]
        said = [data for _, data in values(rows, r"\LanmanServer\Parameters\RequireSecuritySignature")]
        required = "1" in said if said else _by_default(rows)
        if isinstance(required, Failed):
            yield required
        elif not required:
            yield "the server does not require signed SMB"
        if any(data == "1" for _, data in values(rows, r"\LanmanServer\Parameters\SMB1")):
            yield "SMB 1 is switched on"


def _by_default(rows: Sequence[Row]) -> bool | Failed:
    build = _only(rows, "CurrentBuildNumber")
    if not (build.isascii() and build.isdecimal() and len(build) <= 9):
        return Failed(
            "RequireSecuritySignature is not set, and the default is not known without the build of Windows"
        )
    if int(build) < SIGNS:
        return False
    kind, edition = _only(rows, "InstallationType").casefold(), _only(rows, "EditionID").casefold()
    if kind.startswith("server") or edition.startswith("server"):
        return False
    if not kind or not edition:
        return Failed(
            f"RequireSecuritySignature is not set, and the default of build {build} is not known without"
            " the edition of Windows"
        )
    # Home is called Core, with endings for its languages and kinds.
    return not edition.startswith("core")


def _only(rows: Sequence[Row], name: str) -> str:
    found = {data for _, data in values(rows, rf"\Windows NT\CurrentVersion\{name}")}
    return found.pop() if len(found) == 1 else ""
