"""Commands that what starts by itself has no business running.

Sources: MITRE ATT&CK T1543.003, T1053.005, T1547.001, T1059.001, T1218.
"""

from __future__ import annotations

import re

_PLACES = re.compile(
    r"(?:\\users\\public|%public%|\\appdata\\local\\temp|%te?mp%|\\perflogs|\\\$recycle\.bin)\\"
    r"|(?:\\windows|%windir%|%systemroot%|\\systemroot)\\(?:temp|tasks|debug)\\"
    r"|(?:\\programdata|%programdata%|%allusersprofile%)\\[^\\]+\.(?:exe|dll|bat|cmd|ps1|vbs|js|scr)\b"
    r"|(?:^|[\s\"'])(?:/tmp/|/var/tmp/|/dev/shm/)",
    re.IGNORECASE,
)
_SCRIPTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), says)
    for pattern, says in (
        (
            r"\b(?:powershell|pwsh)(?:\.exe)?\b.{0,400}\s-(?:e|ec|en|enc|enco|encod\w*)\s+[a-z0-9+/]{16,}",
            "an encoded command",
        ),
        (
            r"\b(?:powershell|pwsh)\b.{0,400}\b(?:downloadstring|downloadfile|frombase64string)\b",
            "a download",
        ),
        (r"\bmshta(?:\.exe)?\b.{0,80}(?:https?:|javascript:|vbscript:)", "mshta with a script"),
        (r"\bregsvr32(?:\.exe)?\b.{0,80}/i:\s*https?:", "regsvr32 with an address"),
        (r"\brundll32(?:\.exe)?\b.{0,80}javascript:", "rundll32 with a script"),
        (r"\bcertutil(?:\.exe)?\b.{0,80}-urlcache", "certutil as a download"),
        (r"\bbitsadmin(?:\.exe)?\b.{0,80}/transfer", "bitsadmin as a download"),
    )
)


def odd(command: str) -> str:
    """Why a command is odd; '' where it is not."""
    for pattern, says in _SCRIPTS:
        if pattern.search(command):
            return f"runs {says}"
    # Windows takes either stroke between folders.
    if _PLACES.search(command) or _PLACES.search(command.replace("/", "\\")):
        return "runs from a place that every user may write to"
    return ""
