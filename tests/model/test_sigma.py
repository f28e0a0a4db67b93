from __future__ import annotations

from datetime import UTC, datetime

from sekisho.model.sigma import SigmaDocument, SigmaEvidence, SigmaRulesDocument


def test_documents_name_their_schema() -> None:
    assert SigmaDocument.model_fields["schema_"].default == "sekisho.fleet-sigma/1"
    assert SigmaRulesDocument.model_fields["schema_"].default == "sekisho.sigma-rules/1"


def test_times_are_utc() -> None:
    one = SigmaEvidence(
        file="a.evtx",
        within=None,
        sha256="ab",
        row=1,
        channel="Security",
        event_id=4624,
        record=None,
        at=datetime(2026, 3, 1, tzinfo=UTC),
    )
    assert '"at":"2026-03-01T00:00:00.000000Z"' in one.model_dump_json()
