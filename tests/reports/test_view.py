from __future__ import annotations

import json
from datetime import UTC, datetime

from sekisho.model.findings import AuditDocument, Bytes
from sekisho.reports.base import Column, Options, Sheet
from sekisho.reports.units import Times
from sekisho.reports.view import View, line, plain


class Words(View[list[str]]):
    name = "words"

    def headline(self, document: list[str], times: Times) -> str:
        return "Words."

    def sheets(self, document: list[str]) -> tuple[Sheet, ...]:
        return (Sheet("word", "Words", (Column("text", "Text"),), [(word,) for word in document]),)


def test_a_view_needs_only_a_headline_and_sheets() -> None:
    view = Words()
    assert list(view.records(["a", "b"])) == [
        {"record": "word", "text": "a"},
        {"record": "word", "text": "b"},
    ]
    assert list(view.lines(["é"])) == ['{"record":"word","text":"é"}']
    assert json.loads(view.payload(["a"])) == ["a"]
    assert view.table(["a"]).rows == [("a",)]
    assert view.notes([]) == ()
    assert view.page([], Options()) is None


def test_a_model_is_written_by_its_aliases(audit: AuditDocument) -> None:
    class Audits(Words):
        pass

    body = json.loads(Audits().payload(audit))  # type: ignore[arg-type]
    assert body["schema"] == "sekisho.audit/1"
    assert body["window"]["from"] == "2020-06-01T00:00:00.000000Z"


def test_plain_values_are_json() -> None:
    at = datetime(2020, 6, 1, tzinfo=UTC)
    value = {"at": at, 1: (Bytes(low=1, high=2),), "none": None}
    assert plain(value) == {
        "at": "2020-06-01T00:00:00.000000Z",
        "1": [{"low": 1, "high": 2, "why": None}],
        "none": None,
    }


def test_a_model_as_a_line_is_what_it_is_in_the_document(audit: AuditDocument) -> None:
    for finding in audit.findings:
        record = {"record": "finding", **plain(finding)}
        assert line("finding", finding) == json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    body = json.loads(line("audit", audit, exclude={"findings", "causes", "links", "coverage"}))
    assert body["record"] == "audit"
    assert "findings" not in body
    assert body["window"]["from"] == "2020-06-01T00:00:00.000000Z"
