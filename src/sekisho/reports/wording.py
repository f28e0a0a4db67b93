"""How a connection's ends and service are written, in every format alike."""

from __future__ import annotations

from sekisho.model.findings import End, Finding


def end_text(end: End, site: str = "") -> str:
    """`th-plant fs01 (10.40.2.10)`; `site` replaces the name of what belongs to none."""
    address = f"{end.realm}:{end.address}" if end.realm else end.address
    host = f"{end.asset} ({address})" if end.asset else address
    return " ".join(part for part in (end.site or site, host) if part)


def service_text(finding: Finding) -> str:
    """`smb (tcp/445)`, `tcp/9999`, `icmp`."""
    port = f"{finding.protocol}/{finding.port}" if finding.port else finding.protocol
    return port if finding.service in (port, "") else f"{finding.service} ({port})"


def kinds(finding: Finding) -> tuple[str, ...]:
    """What is said of it besides its verdict: `one sided`, `changed`; nothing where the verdict is all."""
    said = (kind for kind in (finding.kind, *finding.also) if kind != "verdict")
    return tuple(kind.replace("_", " ") for kind in said)
