"""Held against the layer file format 4.5, as the layer of an incident is."""

from __future__ import annotations

import io
import json

from jsonschema import Draft202012Validator
from tests.reports.exports.test_navigator import LAYER
from tests.reports.method_cases import methods

from sekisho.reports.registry import render


def test_a_layer_scores_where_it_is_seen_and_looked_for() -> None:
    out = io.StringIO()
    render(methods(), "navigator", out)
    found = json.loads(out.getvalue())
    Draft202012Validator(LAYER).validate(found)
    assert (found["domain"], found["versions"]["attack"]) == ("enterprise-attack", "18")
    assert {one["techniqueID"]: one["score"] for one in found["techniques"]} == {
        "T1021.002": 33,
        "T1537": 50,
    }
    assert "© MITRE" in found["description"]
    assert found["techniques"][0]["comment"].startswith("missing: nothing that could show it")
