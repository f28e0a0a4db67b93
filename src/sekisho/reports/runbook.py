"""A page for whoever changes a gateway by hand: what to load, how to see that it holds, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.model.findings import rfc3339
from sekisho.model.plans import PlanDocument, PlanGateway
from sekisho.reports.formats.markdown import quoted
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

_FILTER = "`set family inet filter output sekisho-4`, `set family inet6 filter output sekisho-6`"
_BIND = {
    "cisco-ios": "`ip access-group sekisho-4 out`, `ipv6 traffic-filter sekisho-6 out`",
    "cisco-nxos": "`ip access-group sekisho-4 out`, `ipv6 traffic-filter sekisho-6 out`",
    "cisco-xr": "`ipv4 access-group sekisho-4 egress`, `ipv6 access-group sekisho-6 egress`",
    "arista": "`ip access-group sekisho-4 out`, `ipv6 access-group sekisho-6 out`",
    "cisco-asa": "`access-group sekisho out interface NAME`",
    "juniper": _FILTER,
    "juniper-evo": _FILTER,
    "juniper-srx": _FILTER,
}
"""What attaches a list, by platform: one that is loaded and attached nowhere cuts nothing."""


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
        ("Who changes it", quoted(about.owner) or "not said in gateways.yaml"),
        ("May be changed", "; ".join(about.windows) or "always"),
        ("Severs", ", ".join(plan.sever)),
        ("Stays open", ", ".join(kept.name for kept in plan.kept) or "nothing"),
        ("Open sessions", "end" if plan.existing == "drop" else "run out"),
        ("Incident", plan.incident or "-"),
        ("Reason", quoted(plan.reason) or "-"),
        ("Plan's hash", plan.hash),
        ("Made", f"{rfc3339(about.made)[:16]}Z"),
    ]
    lines = [f"# {plan.id} at {printable(gateway.name)}", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {printable(text)} |" for name, text in rows]
    steps = [
        (
            f"Compare the files with their hashes (`sha256sum`):\n   `{apply}` {about.hashes[0]},\n"
            f"   `{back}` {about.hashes[1]}."
        ),
        _step(check, apply, known),
        _step(load, apply, known),
    ]
    if gateway.platform in _BIND:
        steps.append(
            "See that it is attached at each interface of the link: one that is attached nowhere cuts"
            f" nothing.\n   {_BIND[gateway.platform]}"
        )
    steps += [
        f"{_step(look, apply, known)} Ask whether what stays open works, and what was severed is quiet.",
        f"If anything that must go on does not, go back at once:\n   {_step(load, back, known)}",
        (
            "Say that it was done:\n"
            f"   `sekisho contain elsewhere {plan.id} --gateway {gateway.name} --why TICKET`"
        ),
    ]
    lines += ["", *(f"{number}. {text}" for number, text in enumerate(steps, 1))]
    if about.notes:
        lines += ["", "Of this platform:", "", *(f"- {quoted(note)}" for note in about.notes)]
    if plan.warnings:
        lines += ["", "Warnings of the plan:", "", *(f"- {quoted(text)}" for text in plan.warnings)]
    return "\n".join(lines) + "\n"


def _step(words: str, file: str, known: object) -> str:
    said = words.format(file)
    return f"`{said}`" if known else said
