from __future__ import annotations

import csv
import io
import json

from tests.reports.method_cases import methods

from sekisho.model.methods import MethodsDocument
from sekisho.reports.registry import render


def written(document: MethodsDocument, form: str) -> str:
    out = io.StringIO()
    render(document, form, out)
    return out.getvalue()


def test_on_a_terminal_a_line_a_technique_and_of_gaps_what_is_missing() -> None:
    text = written(methods(), "table")
    assert "95 techniques by ATT&CK 18.1 of 2020-06-11" in text
    assert "1 of 3" in text
    assert "© MITRE" in text
    gaps = written(methods(gaps=True), "table")
    assert "something is missing for 2" in gaps
    assert "recorded at us-plant" in " ".join(gaps.split())
    assert "nothing looks for 1, whatever is recorded" in " ".join(gaps.split())
    for shown in (text, gaps):
        assert "\x1b[31m" not in shown
        assert max(map(len, shown.splitlines())) <= 80


def test_csv_has_a_row_a_technique_and_site_and_json_is_the_contract() -> None:
    rows = list(csv.DictReader(io.StringIO(written(methods(), "csv"))))
    assert [(row["technique"], row["site"], row["standing"]) for row in rows] == [
        ("T1021.002", "jp-hq", "seen"),
        ("T1021.002", "th-plant", "lapsed"),
        ("T1021.002", "us-plant", "nothing_recorded"),
        ("T1537", "jp-hq", "seen"),
    ]
    assert MethodsDocument.model_validate_json(written(methods(), "json")) == methods()
    lines = [json.loads(line) for line in written(methods(), "jsonl").splitlines()]
    assert {line["record"] for line in lines} == {"technique", "recorded"}


def test_nothing_missing_is_said() -> None:
    none = methods(gaps=True).model_copy(update={"techniques": ()})
    assert "Nothing is missing." in written(none, "html")
    assert "something is missing for 0" in written(none, "table")
