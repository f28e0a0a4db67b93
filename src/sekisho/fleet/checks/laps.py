"""Local administrators whose password nobody changes: one that is stolen opens all (ATT&CK T1078.003).

Sources: Microsoft's documentation of Windows LAPS ("policy settings", the order of roots) and of legacy LAPS.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sekisho.fleet.checks.settings import asking, values
from sekisho.fleet.collections.base import Row

_HKLM = r"HKEY_LOCAL_MACHINE\SOFTWARE"
_ROOTS = (
    r"\Microsoft\Policies\LAPS",
    r"\Microsoft\Windows\CurrentVersion\Policies\LAPS",
    r"\Microsoft\Windows\CurrentVersion\LAPS\Config",
)
"""Of Windows LAPS, the first that is there alone counts."""
_LEGACY = r"\Policies\Microsoft Services\AdmPwd\AdmPwdEnabled"
_WITNESS = r"\Microsoft\Windows NT\CurrentVersion\CurrentBuild"


class Laps:
    """`laps`. Windows' build is asked for beside it, so that an answer without any row is none."""

    name = "laps"
    tables = ("laps_settings",)
    never_empty = True
    queries: Mapping[str, str] = {
        "laps_settings": asking(
            f"{_HKLM}{path}"
            for path in (_WITNESS, _LEGACY, *(rf"{root}\BackupDirectory" for root in _ROOTS))
        )
    }

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """See `Timeless.judge`."""
        rows = tables["laps_settings"]
        for root in _ROOTS:
            kept = [data for _, data in values(rows, rf"{root}\BackupDirectory")]
            if kept:
                if all(data not in ("1", "2") for data in kept):
                    yield "Windows LAPS is configured and switched off"
                return
        legacy = [data for _, data in values(rows, _LEGACY)]
        if "1" in legacy:
            return
        if legacy:
            yield "LAPS is configured and switched off"
        else:
            yield "no LAPS changes the local administrator's password"
