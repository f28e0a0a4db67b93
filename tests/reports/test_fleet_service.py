from __future__ import annotations

import io
from datetime import UTC, datetime

from sekisho.model.fleet import RefusalItem, SecretsDocument, ServiceDocument
from sekisho.reports.base import Options, Report
from sekisho.reports.fleet_service import secrets_report, service_report
from sekisho.reports.registry import render

AT = datetime(2026, 3, 1, tzinfo=UTC)


def shown(report: Report) -> str:
    out = io.StringIO()
    render(report, "table", out, Options(now=AT))
    return out.getvalue()


def test_what_waits_and_what_was_refused_is_said_and_cannot_drive_a_terminal() -> None:
    refusal = RefusalItem(
        reason="bad_secret", count=3, first=AT, last=AT, address="10.66.0.6", says="\x1b[31m'pc' enrols"
    )
    text = shown(
        service_report(
            ServiceDocument(
                nodes=30_000,
                online=29_000,
                strangers=2,
                unjudged=7,
                held=1,
                oldest=AT,
                counts={"read": 1_000_000},
                refused={"bad_secret": 3, "old_key": 4},
                nobody=(refusal,),
            )
        )
    )
    assert "30,000 nodes, 29,000 heard lately." in text
    assert "1,000,000" in text
    assert "7 deliveries not judged yet since 2026-03-01 00:00 UTC" in text
    assert "4 refusals are of known terminals" in text
    assert "bad_secret" in text
    assert "\x1b" not in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_without_a_secret_it_says_how_to_make_one() -> None:
    assert "sekisho fleet secret new" in shown(secrets_report(SecretsDocument(secrets=())))
