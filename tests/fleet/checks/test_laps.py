from __future__ import annotations

import pytest

from sekisho.fleet.checks.laps import Laps

WITNESS = {"path": r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\CurrentBuild", "data": "19045"}
POLICY = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\LAPS\BackupDirectory"
CSP = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Policies\LAPS\BackupDirectory"
LEGACY = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft Services\AdmPwd\AdmPwdEnabled"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "no LAPS"),
        ({LEGACY: "1"}, ""),
        ({LEGACY: "0"}, "LAPS is configured and switched off"),
        ({POLICY: "2"}, ""),
        ({POLICY: "0", LEGACY: "1"}, "Windows LAPS is configured and switched off"),
        ({CSP: "1", POLICY: "0"}, ""),
    ],
)
def test_the_first_root_that_is_there_decides(settings: dict[str, str], says: str) -> None:
    rows = [WITNESS, *({"path": path, "data": data} for path, data in settings.items())]
    found = list(Laps().judge({"laps_settings": rows}))
    assert [text[: len(says)] for text in found] == ([says] if says else [])
    assert all(path in Laps.queries["laps_settings"] for path in (CSP, POLICY, LEGACY))
