"""A layer for the ATT&CK Navigator: which techniques were used, and where (layer file format 4.5)."""

from __future__ import annotations

import json
from typing import Any, TextIO

from rich.console import Console

from sekisho.model.incidents import InvestigationDocument
from sekisho.model.techniques import technique_name
from sekisho.reports.base import Options
from sekisho.reports.formats.stream import json_text, stream_of
from sekisho.reports.naming import Names
from sekisho.reports.narrative import narrative
from sekisho.reports.steps import service_of, steps
from sekisho.reports.units import size_range

LAYER, NAVIGATOR, ATTACK = "4.5", "5.1.0", "15"
DOMAIN = "enterprise-attack"
COLOURS = ("#fdf3d8", "#f2a65a", "#9b1238")
MOST = 10
"""Uses of a technique that its comment names."""


def write(document: InvestigationDocument, out: Console | TextIO, options: Options) -> None:
    """Write the layer."""
    stream = stream_of(out)
    text = json.dumps(layer(document, options), ensure_ascii=False, indent=2)
    stream.write(json_text(text, stream) + "\n")


def layer(document: InvestigationDocument, options: Options) -> dict[str, Any]:
    """The layer. A technique's score is the likelihood in percent of the likeliest step that used it."""
    names = Names(document, options.times)
    uses: dict[str, list[tuple[float, str]]] = {}
    for step in steps(document):
        hop = step.hop
        ends = [step.behind(end) + names.end(end) for end in (step.origin, step.target)]
        where = f"{' to '.join(ends)} by {service_of(hop)}"
        text = f"{step.number}. {names.taken(hop)}: {where} ({hop.role})"
        uses.setdefault(hop.technique, []).append((hop.likelihood, text))
        for other in hop.also:
            said = f"{names.when(other.at)}: {names.end(step.origin)} to {names.end(step.target)}"
            text = f"{said} by {other.service}, beside step {step.number}"
            uses.setdefault(other.technique, []).append((other.likelihood, text))
    for gone in document.traces_removed:
        text = f"{names.when(gone.at)}: at {names.short(gone.address, gone.realm)}, {gone.why}"
        uses.setdefault(gone.technique, []).append((1.0, text))
    for one in document.exfiltration:
        if one.technique:
            way = f"{names.short(one.src, one.src_realm)} to {names.party(one)}"
            text = f"{names.when(one.begin)}: {way}, {size_range(one.bytes)}"
            uses.setdefault(one.technique, []).append((one.likelihood, text))
    told = narrative(document, options.times)
    return {
        "name": _title(document),
        "versions": {"attack": ATTACK, "navigator": NAVIGATOR, "layer": LAYER},
        "domain": DOMAIN,
        "description": " ".join(passage.text for passage in told),
        "sorting": 3,
        "hideDisabled": False,
        "techniques": [_technique(name, uses[name]) for name in sorted(uses)],
        "gradient": {"colors": list(COLOURS), "minValue": 0, "maxValue": 100},
        "metadata": [{"name": "incident", "value": document.id or "none"}],
        "selectTechniquesAcrossTactics": True,
        "selectSubtechniquesWithParent": False,
    }


def _title(document: InvestigationDocument) -> str:
    title = document.incident.title if document.incident else ""
    return ": ".join(part for part in (document.id or "Sekisho", title) if part)


def _technique(name: str, uses: list[tuple[float, str]]) -> dict[str, Any]:
    comment = [text for _, text in uses[:MOST]]
    if len(uses) > MOST:
        comment.append(f"and {len(uses) - MOST} more")
    return {
        "techniqueID": name,
        "score": round(100 * max(likelihood for likelihood, _ in uses)),
        "comment": "\n".join(comment),
        "enabled": True,
        "metadata": [
            {"name": "name", "value": technique_name(name)},
            {"name": "uses", "value": str(len(uses))},
        ],
        "showSubtechniques": "." in name,
    }
