from __future__ import annotations

from datetime import UTC, datetime

from sekisho.model.probes import Probed, ProbeDocument, Tried
from sekisho.reports.probes import probe_report, probed_sheet

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)


def tried(**fields: object) -> Tried:
    base = {"probe": 1, "terminal": "th-pc", "address": "10.40.2.10", "from": "th", "kind": "tls"}
    return Tried.model_validate(base | {"service": "10.1.20.5:443", "asked": AT} | fields)


def test_answers_come_first_and_what_was_asked_after() -> None:
    way = Probed.model_validate({"from": "th", "to": "jp", "outcome": "not_reached", "why": "w"})
    document = ProbeDocument(
        plan="P-1", since=AT, probes=1, terminals=2, answered=1, waits=AT, directions=(way,),
        tried=(tried(at=AT, came="HTTP 200", control=True), tried(at=AT), tried(), tried(at=AT, failed="x")),
    )  # fmt: skip
    report = probe_report(document)
    assert report.headline == (
        "P-1: 1 direction, 0 reached, 1 not reached, 0 not known; 1 of 2 terminals answered."
    )
    directions, rows = report.sheets
    assert list(directions.rows) == [("th", "jp", "not reached", "w")]
    assert [row[3:] for row in rows.rows] == [
        ("keeps", "HTTP 200"),
        ("cuts", "nothing"),
        ("cuts", "no answer yet"),
        ("cuts", "could not ask: x"),
    ]
    assert report.notes == (
        "terminals may answer until 2026-11-25T12:00Z; `sekisho contain verify P-1`",
    )


def test_where_nobody_ever_tried_it_says_how() -> None:
    assert probed_sheet((), "P-3").empty == "Nobody tried it: `sekisho contain probe P-3`."
