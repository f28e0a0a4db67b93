"""A page for whoever changes a gateway by hand: what to load, how to see that it holds, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.model.findings import rfc3339
from sekisho.model.plans import PlanDocument, PlanGateway
from sekisho.reports.text import printable

_HOW = {"nftables": ("nft -c -f {}", "nft -f {}", "nft list table inet sekisho")}
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
