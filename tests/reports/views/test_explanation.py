from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sekisho.audit.explain import Explanation, FlowRecord, NameRecord
from sekisho.model.findings import AuditDocument, Bytes, CoverageItem
from sekisho.policy.explain import EndTrace, Trace
from sekisho.reports.base import Options
from sekisho.reports.registry import render

Make = Callable[..., Explanation]


def item(sensor: str, state: str, begin: Any, end: Any) -> CoverageItem:
    fields: dict[str, Any] = {"sensor": sensor, "state": state, "from": begin, "to": end}
    return CoverageItem(**fields)


@pytest.fixture
def make(audit: AuditDocument) -> Make:
    finding = audit.findings[0]
    at = finding.onset.at
    flow = FlowRecord(
        start=at,
        end=at + timedelta(seconds=2),
        sensor="th-edge",
        src=finding.src.address,
        src_port=50_001,
        dst=finding.dst.address,
        dst_port=finding.port,
        protocol="tcp",
        state="established",
        bytes_out=Bytes(low=1_000, high=2_000),
        bytes_in=Bytes(low=10, high=10),
        packets_out=3,
        packets_in=2,
        orientation=2,
        notes=("sampled", "reset"),
        service=None,
        uid="=cmd|' /C calc'!A0",
        file="/srv/acme/logs/th-edge/[red]conn.log",
        sha256="ab" * 32,
        row=4_711,
    )
    trace = Trace(
        src=EndTrace(address=finding.src.address, scope="site", site=finding.src.site),
        dst=EndTrace(address=finding.dst.address, scope="site", site=finding.dst.site),
        protocol="tcp",
        port=finding.port,
        service=finding.service,
        verdict=finding.verdict,
        rules=(),
        nearest=finding.nearest_rule,
        because="no rule names both ends and the service",
    )

    def build(**changes: Any) -> Explanation:
        values: dict[str, Any] = {"finding": finding, "trace": trace, "records": 9, "coverage": ()}
        return Explanation(**(values | {"flows": (flow,), "notes": ("1 of 9 are shown",)} | changes))

    return build


def text(document: Explanation, to: str = "table") -> str:
    stream = io.StringIO()
    render(document, to, stream, Options())
    return stream.getvalue()


def test_where_each_record_stands_and_why(make: Make) -> None:
    document = make()
    shown = text(document)
    assert shown.startswith(f"{document.finding.id}: ")
    assert "9 records behind it." in shown
    assert "[red]conn.log:4711" in shown
    assert "no rule names both ends and the service" in shown
    assert "1 of 9 are shown" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_no_record_and_no_coverage_are_said(make: Make) -> None:
    shown = text(make(flows=(), records=0))
    assert "The lake holds no record of it any more." in shown
    assert "Nothing was recorded by any sensor of its sites" in shown


def test_a_finding_that_never_had_a_flow_is_not_said_to_have_lost_it(make: Make) -> None:
    finding = make().finding.model_copy(update={"flows": 0, "established": 0})
    shown = text(make(flows=(), records=0, finding=finding))
    assert "No flow of it is on record" in shown
    assert "any more" not in shown


def test_on_record_or_not_is_all_a_person_needs_of_coverage(make: Make) -> None:
    at = make().finding.onset.at
    hours = [at + timedelta(hours=n) for n in range(5)]
    states = ("seen", "quiet", "no_data", "seen")
    coverage = tuple(item("th-edge", state, hours[n], hours[n + 1]) for n, state in enumerate(states))
    shown = text(make(coverage=coverage))
    rows = [line for line in shown.splitlines() if "th-edge" in line and "on record" in line]
    assert len(rows) == 2, "seen and quiet hours that meet are one stretch"
    assert sum("no data" in line for line in shown.splitlines()) == 1


def test_csv_has_every_field_and_no_formula(make: Make) -> None:
    (head, row) = csv.reader(io.StringIO(text(make(), "csv")))
    found = dict(zip(head, row, strict=True))
    assert (found["bytes_out_low"], found["bytes_out_high"]) == ("1000", "2000")
    assert (found["row"], found["notes"]) == ("4711", "sampled; reset")
    assert not found["uid"].startswith("=")


def test_times_that_cannot_be_are_named_beside_them(make: Make) -> None:
    flow = make().flows[0].model_copy(update={"notes": ("starts in the future", "reset")})
    stream = io.StringIO()
    render(make().model_copy(update={"flows": (flow,)}), "table", stream, Options(width=120))
    assert "established; starts in the future" in stream.getvalue()


def test_names_are_shown_escaped_and_in_full_elsewhere(make: Make) -> None:
    at = make().finding.onset.at
    value = "\x1b]0;owned\x07<script>" + "a" * 300

    def name(kind: str, value: str) -> NameRecord:
        place: dict[str, Any] = {
            "sensors": ("th-edge",),
            "file": "/x/ssl.log",
            "sha256": "c" * 64,
            "row": 7,
        }
        return NameRecord(kind=kind, value=value, times=2, first=at, last=at, **place)

    document = make(names=(name("sni", "x.example"), name("user_agent", value)), names_total=2)
    shown = text(document)
    assert "Names seen in it" in shown
    assert "TLS server name" in shown
    assert "ssl.log:7" in shown
    assert "\x1b" not in shown
    assert "\\x1b]0;owned\\x07" in shown.replace("\n", "").replace(" ", "")
    assert max(map(len, shown.splitlines())) <= 80
    assert "Names seen in it" not in text(make())
    page = text(document, "html")
    assert "<script>a" not in page
    assert "&lt;script&gt;" in page
    assert "a" * 300 in text(document, "json")
