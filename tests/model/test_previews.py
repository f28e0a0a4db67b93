from __future__ import annotations

from datetime import UTC, datetime

from sekisho.model.findings import Span
from sekisho.model.previews import PreviewDocument

AT = datetime(2026, 1, 1, tzinfo=UTC)


def test_names_that_others_rely_on() -> None:
    span = Span.model_validate({"from": AT, "to": AT})
    document = PreviewDocument(plan="P-1", hash="", window=span, year=span)
    written = document.model_dump(by_alias=True)
    assert written["schema"] == "sekisho.preview/1"
    assert {"cut", "stopped_findings", "unenforceable"} <= set(written)
