"""How a connection's ends and service are written, in every format alike."""

from __future__ import annotations

from sekisho.audit.automation.words import span
from sekisho.model.findings import End, Finding, Opaque
from sekisho.reports.units import count, counted


def end_text(end: End, site: str = "") -> str:
    """`th-plant fs01 (10.40.2.10)`; `site` replaces the name of what belongs to none."""
    address = f"{end.realm}:{end.address}" if end.realm else end.address
    host = f"{end.asset} ({address})" if end.asset else address
    return " ".join(part for part in (end.site or site, host) if part)


def service_text(finding: Finding) -> str:
    """`smb (tcp/445)`, `tcp/9999`, `icmp`."""
    port = f"{finding.protocol}/{finding.port}" if finding.port else finding.protocol
    return port if finding.service in (port, "") else f"{finding.service} ({port})"


def automation_texts(finding: Finding) -> tuple[str, ...]:
    """What was found of automation, sentence by sentence; nothing where it was not looked for."""
    found = finding.automation
    if found is None:
        return ()
    signs = (found.beacon, found.long, found.strobe, found.prevalence, found.pair_first_seen)
    return tuple(sign.text for sign in signs if sign is not None)


def automation_brief(finding: Finding) -> str | None:
    """In a few words, where it is remarkable: `score 0.96 every 12 min; 1 of 203 hosts`."""
    found = finding.automation
    if found is None or not found.strong:
        return None
    parts = []
    if found.beacon and found.beacon.regular:
        parts.append(f"score {found.beacon.score:.2f} every {span(found.beacon.interval_seconds)}")
    if found.long:
        parts.append(f"open {span(found.long.seconds)} a day")
    if found.strobe:
        parts.append(f"{counted(found.strobe.contacts, 'contact')} a day")
    return f"{', '.join(parts)}; {count(found.prevalence.hosts)} of {count(found.prevalence.of)} hosts"


def kinds(finding: Finding) -> tuple[str, ...]:
    """What is said of it besides its verdict: `one sided`, `changed`; nothing where the verdict is all."""
    said = (kind for kind in (finding.kind, *finding.also) if kind != "verdict")
    return tuple(kind.replace("_", " ") for kind in said)


def tunnel_text(one: Opaque) -> str:
    """`ESP, not counted again`, `WireGuard (by its port)`."""
    kind = f"{one.kind} (by its port)" if one.guess else one.kind
    return kind if one.counted else f"{kind}, not counted again"
