from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sekisho.model.findings import AuditDocument, CoverageItem, Life, Totals
from sekisho.reports.headline import found_clause, headline, since_clause
from sekisho.reports.units import Times

EMPTY = Totals(
    flows=0,
    connections=0,
    authorized=0,
    unauthorized=0,
    lapsed=0,
    attempted=0,
    intra_site=0,
    external=0,
    unmapped=0,
)
Build = Callable[..., AuditDocument]
Coverage = tuple[CoverageItem, ...]


def test_what_was_found_since_when_and_what_could_not_be_seen(audit: AuditDocument) -> None:
    assert headline(audit, Times()) == (
        "2 unauthorized, 1 lapsed, 2 attempted and 1 unmapped connections were found, 1 of them "
        "critical (1 already decided on); the earliest began on 1 June 2020 or before; "
        "1 of 4 sensors has recorded nothing and 1 lacks data for 2 d 21 h."
    )


def test_four_ways_of_finding_nothing_never_read_alike(
    build_audit: Build, full_coverage: Coverage, gaps: Coverage
) -> None:
    blind = tuple(item.model_copy(update={"state": "no_data"}) for item in full_coverage)
    quiet = tuple(item.model_copy(update={"state": "quiet"}) for item in full_coverage)
    sentences = [
        headline(build_audit((), full_coverage), Times()),
        headline(build_audit((), gaps), Times()),
        headline(build_audit((), blind, totals=EMPTY), Times()),
        headline(build_audit((), quiet, totals=EMPTY), Times()),
        headline(build_audit((), ()), Times()),
    ]
    assert sentences == [
        "Nothing was found among 3,553 connections, and every sensor recorded throughout.",
        (
            "Nothing was found in what was recorded, among 3,553 connections; "
            "but 1 of 4 sensors has recorded nothing and 1 lacks data for 2 d 21 h."
        ),
        "Nothing was recorded in this period, so nothing can be said about it.",
        "No flow was recorded in this period; every sensor was alive throughout.",
        "Nothing was found among 3,553 connections; which sensors were recording is not known.",
    ]


def test_one_finding_is_singular(audit: AuditDocument) -> None:
    one = audit.findings[:1]
    assert found_clause(one) == "1 unauthorized connection was found, critical"
    assert since_clause(one, Times()) == "it began on 1 June 2020 or before"


def test_attempts_do_not_date_the_beginning_where_something_was_established(
    audit: AuditDocument,
) -> None:
    attempted, later = audit.findings[1], audit.findings[2]
    assert attempted.onset.at < later.onset.at
    assert since_clause((attempted, later), Times()) == "the earliest began on 4 June 2020"


def test_a_remark_on_an_authorized_connection_is_not_called_unauthorized(audit: AuditDocument) -> None:
    odd = audit.findings[0].model_copy(
        update={"verdict": "authorized", "kind": "changed", "severity": "low", "life": Life()}
    )
    assert found_clause((odd, odd)) == "2 otherwise remarkable connections were found"


def test_the_zone_changes_the_day(audit: AuditDocument) -> None:
    onset = audit.findings[0].onset.model_copy(update={"at": datetime(2020, 6, 1, 20, tzinfo=UTC)})
    finding = audit.findings[0].model_copy(update={"onset": onset})
    assert "2 June 2020" in since_clause((finding,), Times(ZoneInfo("Asia/Tokyo")))
