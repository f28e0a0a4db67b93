"""Every format and every kind of document, in two literal tables; `render` is the one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TextIO

from rich.console import Console

from sekisho.audit.compare import AuditDiff
from sekisho.audit.coverage import CoverageDocument
from sekisho.audit.explain import Explanation
from sekisho.audit.record import AuditRecord
from sekisho.errors import RequestError
from sekisho.model.findings import AuditDocument
from sekisho.model.incidents import InvestigationDocument
from sekisho.model.methods import MethodsDocument
from sekisho.model.naming import NamesDocument
from sekisho.policy.differences import PolicyDiff
from sekisho.policy.explain import PolicyExplanation
from sekisho.policy.testing import TestsDocument
from sekisho.reports.base import Options, Report
from sekisho.reports.documents import FindingsDocument, ProblemsDocument
from sekisho.reports.exports import graphml, methods_layer, navigator, stix, timesketch
from sekisho.reports.formats import csv, html, json, jsonl, markdown, table
from sekisho.reports.view import View
from sekisho.reports.views.alerts import AlertsView
from sekisho.reports.views.audit import AuditView
from sekisho.reports.views.coverage import CoverageView
from sekisho.reports.views.difference import DifferenceView
from sekisho.reports.views.explanation import ExplanationView
from sekisho.reports.views.findings import FindingsView
from sekisho.reports.views.investigation import InvestigationView
from sekisho.reports.views.methods import MethodsView
from sekisho.reports.views.names import NamesView
from sekisho.reports.views.policy_diff import PolicyDiffView
from sekisho.reports.views.policy_explanation import PolicyExplanationView
from sekisho.reports.views.problems import ProblemsView
from sekisho.reports.views.record import RecordView
from sekisho.reports.views.report import ReportView
from sekisho.reports.views.tests import TestsView
from sekisho.watch.alerts import AlertsDocument

Renderer = Callable[[View[Any], Any, Console | TextIO, Options], None]

FORMATS: dict[str, Renderer] = {
    "table": table.write,
    "json": json.write,
    "jsonl": jsonl.write,
    "csv": csv.write,
    "html": html.write,
    "markdown": markdown.write,
}
EXPORTS: dict[str, Callable[[InvestigationDocument, Console | TextIO, Options], None]] = {
    "timesketch-csv": timesketch.write_csv,
    "timesketch-jsonl": timesketch.write_jsonl,
    "stix": stix.write,
    "navigator": navigator.write,
    "graphml": graphml.write,
}
"""What other programs read of an incident; no other document has them."""
VIEWS: dict[type[Any], View[Any]] = {
    AlertsDocument: AlertsView(),
    AuditDiff: DifferenceView(),
    AuditDocument: AuditView(),
    AuditRecord: RecordView(),
    CoverageDocument: CoverageView(),
    Explanation: ExplanationView(),
    FindingsDocument: FindingsView(),
    InvestigationDocument: InvestigationView(),
    MethodsDocument: MethodsView(),
    NamesDocument: NamesView(),
    PolicyDiff: PolicyDiffView(),
    PolicyExplanation: PolicyExplanationView(),
    ProblemsDocument: ProblemsView(),
    Report: ReportView(),
    TestsDocument: TestsView(),
}


def render(
    document: Any, format_name: str, out: Console | TextIO, options: Options | None = None
) -> None:
    """Write a document to a console or text stream in one of `FORMATS`, an investigation also in one of
    `EXPORTS`.

    Raises RequestError for an unknown format, TypeError for a document without a view.
    """
    if isinstance(document, InvestigationDocument) and format_name in EXPORTS:
        EXPORTS[format_name](document, out, options or Options())
        return
    if isinstance(document, MethodsDocument) and format_name == "navigator":
        methods_layer.write(document, out, options or Options())
        return
    renderer = FORMATS.get(format_name)
    if renderer is None:
        raise RequestError(f"there is no format {format_name!r}", f"choose one of {', '.join(FORMATS)}")
    renderer(view_of(document), document, out, options or Options())


def view_of(document: Any) -> View[Any]:
    """The view for a document's type."""
    for kind in type(document).__mro__:
        if kind in VIEWS:
            return VIEWS[kind]
    raise TypeError(f"no view for {type(document).__name__}")
