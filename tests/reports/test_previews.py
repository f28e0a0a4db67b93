from __future__ import annotations

from datetime import UTC, datetime

from sekisho.model.findings import Bytes, End
from sekisho.model.previews import CutConnection, PreviewDocument, UnstoppedPair
from sekisho.reports.previews import preview_report

AT = datetime(2026, 1, 1, tzinfo=UTC)
ONE = CutConnection(
    src=End(address="10.0.0.1", asset="app", site="th"),
    dst=End(address="10.1.0.1"),
    protocol="tcp",
    port=445,
    service="smb",
    verdict="unauthorized",
    flows=2,
    days_active=1,
    bytes_out=Bytes(low=1000, high=1000),
    bytes_in=Bytes(low=0, high=0),
    first_seen=AT,
    last_seen=AT,
    seldom=True,
    gateways=("g",),
)
SPAN = {"from": AT, "to": AT}


def document(**more: object) -> PreviewDocument:
    return PreviewDocument.model_validate(
        {"plan": "P-1", "hash": "ab", "window": SPAN, "year": SPAN, "cut": (ONE,), **more}
    )


def test_what_ends_in_a_sentence() -> None:
    pair = UnstoppedPair.model_validate(
        {"from": "a", "to": "b", "why": "no gateway", "connections": (ONE,)}
    )
    report = preview_report(document(unenforceable=(pair,), warnings=("look",)))
    assert report.headline == (
        "P-1 would end 1 connection seen in the last year, 1 of them not since 01 January 2026,"
        " and 0 findings; 1 severed connection would go on."
    )
    rows = {sheet.name: sheet.rows for sheet in report.sheets}
    assert rows["unenforceable"] == (("a", "b", 1, 0, "no gateway"),)
    assert rows["connection"][0][1:3] == ("th app -> 10.1.0.1", "smb")
    assert report.notes == ("look", "hash ab")


def test_stages_stand_first_with_what_is_accepted() -> None:
    stages = ({"number": 1, "sites": ("th", "us"), "gateways": ("g", "h"), "goes_on": 7},)
    staging = {"soak": 90, "patience": 1800, "accept_escaped": 0, "accept_broken": 2, "stages": stages}
    report = preview_report(document(staging=staging))
    assert (report.sheets[0].name, report.sheets[0].rows) == ("stage", ((1, "th; us", "g, h", 7),))
    assert report.notes[0] == (
        "the next stage is told when 90 seconds of evidence after one show at most 0 escaped and at most 2"
        " stopped that were to go on; evidence may be 30 minutes late"
    )
