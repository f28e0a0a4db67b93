"""A layer for the ATT&CK Navigator: at how many sites each technique could be seen (layer file format 4.5)."""

from __future__ import annotations

import json
from typing import Any, TextIO

from rich.console import Console

from sekisho.model.methods import MethodsDocument, TechniqueItem
from sekisho.reports.base import Options
from sekisho.reports.exports.navigator import LAYER, NAVIGATOR
from sekisho.reports.formats.stream import json_text, stream_of

COLOURS = ("#b9852b", "#fbf3e2", "#2d6a50")
"""From nothing recorded to seen and looked for everywhere."""


def write(document: MethodsDocument, out: Console | TextIO, options: Options) -> None:
    """Write the layer."""
    stream = stream_of(out)
    text = json.dumps(layer(document, options), ensure_ascii=False, indent=2)
    stream.write(json_text(text, stream) + "\n")


def layer(document: MethodsDocument, options: Options) -> dict[str, Any]:
    """The layer. A technique's score is the share of sites, in percent, at which it is seen, half of that where
    nothing looks for it."""
    major = document.attack.version.partition(".")[0]
    what = "What is missing" if document.gaps_only else "What would show an intruder"
    return {
        "name": options.titled(what),
        "versions": {"attack": major, "navigator": NAVIGATOR, "layer": LAYER},
        "domain": document.attack.domain,
        "description": " ".join((*document.notes, document.attack.notice)),
        "sorting": 3,
        "hideDisabled": False,
        "techniques": [_technique(one) for one in document.techniques],
        "gradient": {"colors": list(COLOURS), "minValue": 0, "maxValue": 100},
        "metadata": [{"name": "sites", "value": ", ".join(document.sites) or "none"}],
        "selectTechniquesAcrossTactics": True,
        "selectSubtechniquesWithParent": False,
    }


def _technique(one: TechniqueItem) -> dict[str, Any]:
    weight = sum((site.standing == "seen") * (1 + site.looked_for) for site in one.sites)
    lines = [f"missing: {text}" for text in one.missing]
    lines += [f"looked for by: {look.title}" for look in one.looked_for_by if look.runs]
    return {
        "techniqueID": one.id,
        "score": round(50 * weight / len(one.sites)) if one.sites else 0,
        "comment": "\n".join(lines),
        "enabled": True,
        "metadata": [
            {"name": "seen at", "value": _joined(s.site for s in one.sites if s.standing == "seen")},
            {"name": "sources", "value": "; ".join(s.title for s in one.sources) or "none"},
            {
                "name": "last exercised",
                "value": f"{one.exercised.at:%Y-%m-%d}" if one.exercised else "never",
            },
        ],
        "showSubtechniques": "." in one.id,
    }


def _joined(names: Any) -> str:
    return ", ".join(names) or "nowhere"
