from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from sekisho.model.incident_state import IncidentDocument, InquiryDocument

AT = datetime(2026, 3, 1, tzinfo=UTC)


def test_an_incident_says_what_it_is_and_comes_back_from_json() -> None:
    document = IncidentDocument(
        id="INC-1", title="smb", status="open", opened=AT, opened_by="aiko", seeds=()
    )
    text = document.model_dump_json(by_alias=True)
    assert '"schema":"sekisho.incident/1","id":"INC-1"' in text
    assert '"2026-03-01T00:00:00.000000Z"' in text
    assert IncidentDocument.model_validate_json(text) == document


def test_states_have_known_names_only() -> None:
    with pytest.raises(ValidationError):
        InquiryDocument.model_validate(
            {"incident": "INC-1", "total": 1, "states": {"lost": 1}, "sites": ()}
        )
