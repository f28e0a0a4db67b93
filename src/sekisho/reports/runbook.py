"""A page for whoever changes a gateway by hand: what to load, how to see that it holds, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.model.findings import rfc3339
from sekisho.model.plans import PlanDocument, PlanGateway
from sekisho.reports.text import printable

_JUNOS = (
    "load replace /var/tmp/{0}; show | compare; commit check",
    "load replace /var/tmp/{0}; commit confirmed 10; then, when all is well: commit",
    "show configuration firewall; show firewall",
)
_TERRAFORM = (
    "cp {} $TF/sekisho.tf.json && terraform -chdir=$TF plan",
    "cp {} $TF/sekisho.tf.json && terraform -chdir=$TF apply",
    "terraform -chdir=$TF show",
)
_HOW = {
    "nftables": ("nft -c -f {}", "nft -f {}", "nft list table inet sekisho"),
    "iptables": ("sh -n {}", "sh {}", "iptables -vnL sekisho; ip6tables -vnL sekisho"),
    "cisco-ios": ("more flash:{}", "copy flash:{} running-config", "show access-lists"),
    "cisco-asa": ("more flash:{}", "copy flash:{} running-config", "show access-list sekisho"),
    "cisco-nxos": ("more bootflash:{}", "copy bootflash:{} running-config", "show access-lists"),
    "cisco-xr": (
        "load disk0:{}; show commit changes diff",
        "load disk0:{}; commit confirmed 600; then, when all is well: commit",
        "show access-lists",
    ),
    "arista": (
        "configure session sekisho; copy flash:{} session-config; show session-config diffs",
        "configure session sekisho; copy flash:{} session-config; commit timer 00:10:00",
        "show ip access-lists; show ipv6 access-lists; if all is well: configure session sekisho commit",
    ),
    "juniper": _JUNOS,
    "juniper-evo": _JUNOS,
    "juniper-srx": _JUNOS,
    "windows": ("type {}", "cmd /c {}", "netsh advfirewall firewall show rule name=sekisho verbose"),
    "aws-nacl": _TERRAFORM,
    "azure-nsg": _TERRAFORM,
}
"""Check, load and look, by platform; of others the page says it in words."""
_ASK = (
    "Check {} as the platform does.",
    "Load {} as your change process does.",
    "Show what is loaded.",
)


@dataclass(frozen=True, slots=True)
class Runbook:
    """What a page is about. `files` are the names of the text and of the way back, `hashes` their SHA-256."""

    plan: PlanDocument
    gateway: PlanGateway
    owner: str
    links: Sequence[str]
    windows: Sequence[str]
    files: tuple[str, str]
    hashes: tuple[str, str]
    notes: Sequence[str]
    made: datetime


def runbook(about: Runbook) -> str:
    """The page, in Markdown."""
    plan, gateway = about.plan, about.gateway
    known = _HOW.get(gateway.platform)
    check, load, look = known or _ASK
    apply, back = about.files
    rows = [
        ("Gateway", f"{gateway.name} ({gateway.address}), {gateway.platform}"),
        ("Carries", "; ".join(about.links)),
        ("Who changes it", about.owner or "not said in gateways.yaml"),
        ("May be changed", "; ".join(about.windows) or "always"),
        ("Severs", ", ".join(plan.sever)),
        ("Stays open", ", ".join(kept.name for kept in plan.kept) or "nothing"),
        ("Open sessions", "end" if plan.existing == "drop" else "run out"),
        ("Incident", plan.incident or "-"),
        ("Reason", plan.reason or "-"),
        ("Plan's hash", plan.hash),
        ("Made", f"{rfc3339(about.made)[:16]}Z"),
    ]
    lines = [f"# {plan.id} at {printable(gateway.name)}", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {printable(text).replace('|', chr(92) + '|')} |" for name, text in rows]
    lines += [
        "",
        "1. Compare the files with their hashes (`sha256sum`):",
        f"   `{apply}` {about.hashes[0]},",
        f"   `{back}` {about.hashes[1]}.",
        f"2. {_step(check, apply, known)}",
        f"3. {_step(load, apply, known)}",
        f"4. {_step(look, apply, known)} Ask whether what stays open works, and what was severed is quiet.",
        "5. If anything that must go on does not, go back at once:",
        f"   {_step(load, back, known)}",
        "6. Say that it was done:",
        f"   `sekisho contain elsewhere {plan.id} --gateway {gateway.name} --why TICKET`",
    ]
    if about.notes:
        lines += ["", "Of this platform:", "", *(f"- {printable(note)}" for note in about.notes)]
    if plan.warnings:
        lines += ["", "Warnings of the plan:", "", *(f"- {printable(text)}" for text in plan.warnings)]
    return "\n".join(lines) + "\n"


def _step(words: str, file: str, known: object) -> str:
    said = words.format(file)
    return f"`{said}`" if known else said
