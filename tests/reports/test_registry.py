from __future__ import annotations

import io
import json

import pytest
from tests.reports.incident_cases import ordinary

from sekisho.errors import RequestError
from sekisho.model.findings import AuditDocument
from sekisho.reports.base import Options, Report
from sekisho.reports.registry import EXPORTS, FORMATS, VIEWS, render, view_of


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_takes_an_audit(audit: AuditDocument, name: str) -> None:
    stream = io.StringIO()
    render(audit, name, stream)
    assert audit.findings[0].id in stream.getvalue()


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_takes_an_answer_without_tables(name: str) -> None:
    stream = io.StringIO()
    render(Report("Nothing to do."), name, stream, Options())
    assert stream.getvalue() or name in ("csv", "jsonl")


def test_json_is_the_contract(audit: AuditDocument) -> None:
    stream = io.StringIO()
    render(audit, "json", stream)
    assert AuditDocument.model_validate(json.loads(stream.getvalue())) == audit


def test_an_unknown_format_lists_the_choices(audit: AuditDocument) -> None:
    with pytest.raises(RequestError) as caught:
        render(audit, "pdf", io.StringIO())
    assert "table, json, jsonl, csv, html" in caught.value.mend


def test_views_are_named_apart_and_a_stranger_has_none() -> None:
    assert len({view.name for view in VIEWS.values()}) == len(VIEWS)
    with pytest.raises(TypeError, match="no view for dict"):
        view_of({})


@pytest.mark.parametrize("name", list(EXPORTS))
def test_only_an_incident_has_exports(audit: AuditDocument, name: str) -> None:
    stream = io.StringIO()
    render(ordinary(), name, stream)
    assert "T1021.002" in stream.getvalue()
    with pytest.raises(RequestError, match="there is no format"):
        render(audit, name, io.StringIO())
    assert name not in FORMATS
