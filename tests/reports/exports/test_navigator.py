"""Held against the layer file format 4.5 as the Navigator's own specification describes it."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.reports.incident_cases import large, nothing, ordinary

from sekisho.model.incidents import InvestigationDocument
from sekisho.reports.base import Options
from sekisho.reports.registry import render

PAIR = {
    "type": "object",
    "required": ["name", "value"],
    "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
    "additionalProperties": False,
}
TECHNIQUE = {
    "type": "object",
    "required": ["techniqueID"],
    "properties": {
        "techniqueID": {"type": "string", "pattern": r"^T\d{4}(\.\d{3})?$"},
        "tactic": {"type": "string"},
        "comment": {"type": "string"},
        "score": {"type": "number"},
        "color": {"type": "string"},
        "enabled": {"type": "boolean"},
        "metadata": {"type": "array", "items": PAIR},
        "links": {"type": "array"},
        "showSubtechniques": {"type": "boolean"},
    },
    "additionalProperties": False,
}
LAYER = {
    "type": "object",
    "required": ["versions", "name", "domain"],
    "properties": {
        "versions": {
            "type": "object",
            "required": ["layer", "navigator"],
            "properties": {
                "layer": {"const": "4.5"},
                "navigator": {"type": "string"},
                "attack": {"type": "string"},
            },
            "additionalProperties": False,
        },
        "name": {"type": "string"},
        "description": {"type": "string"},
        "domain": {"enum": ["enterprise-attack", "mobile-attack", "ics-attack"]},
        "sorting": {"enum": [0, 1, 2, 3]},
        "hideDisabled": {"type": "boolean"},
        "techniques": {"type": "array", "items": TECHNIQUE},
        "gradient": {
            "type": "object",
            "required": ["colors", "minValue", "maxValue"],
            "properties": {
                "colors": {"type": "array", "minItems": 2, "items": {"pattern": "^#[0-9a-f]{6}$"}},
                "minValue": {"type": "number"},
                "maxValue": {"type": "number"},
            },
        },
        "metadata": {"type": "array", "items": PAIR},
        "selectTechniquesAcrossTactics": {"type": "boolean"},
        "selectSubtechniquesWithParent": {"type": "boolean"},
    },
    "additionalProperties": False,
}


def text(document: InvestigationDocument) -> str:
    stream = io.StringIO()
    render(document, "navigator", stream, Options())
    return stream.getvalue()


def read(document: InvestigationDocument) -> Any:
    layer = json.loads(text(document))
    Draft202012Validator(LAYER).validate(layer)
    return layer


def test_each_technique_once_with_its_likeliest_use_and_where() -> None:
    layer = read(ordinary())
    found = {one["techniqueID"]: one for one in layer["techniques"]}
    assert sorted(found) == [
        *("T1021.001", "T1021.002", "T1021.004", "T1070.001"),
        *("T1071.001", "T1567.002"),
    ]
    assert "at jp-dc01" in found["T1070.001"]["comment"]
    assert found["T1021.001"]["score"] == 80, "of a further use, 0.80, and a step, 0.61"
    assert "3. 2020-06-04 19:00 UTC" in found["T1021.001"]["comment"]
    assert "jp-files01 to jp-dc01 by rdp (suspected)" in found["T1021.001"]["comment"]
    assert {"name": "uses", "value": "2"} in found["T1021.001"]["metadata"]
    left = found["T1567.002"]
    assert left["score"] == 90
    assert "jp-files01 to 198.51.100.77 (a file service), 4.1-4.6 GB" in left["comment"]
    assert layer["name"] == "INC-1: Rayong file server"


@pytest.mark.parametrize("document", [nothing(), large()])
def test_nothing_and_much_are_layers_too(document: InvestigationDocument) -> None:
    layer = read(document)
    assert all(len(one["comment"].splitlines()) <= 11 for one in layer["techniques"])
    assert "\x1b" not in text(document)
    assert text(document) == text(document)
