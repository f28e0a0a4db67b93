from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from sekisho.model.containment import ContainmentDocument

AT = datetime(2026, 11, 25, tzinfo=UTC)
FIELDS = {"plan": "P-1", "hash": "00", "state": "applied", "why": ("nobody looked",), "at": AT}


def test_there_are_three_answers() -> None:
    for word in ("yes", "no", "not_known"):
        document = ContainmentDocument.model_validate(FIELDS | {"contained": word})
        assert document.contained == word
    with pytest.raises(ValidationError):
        ContainmentDocument.model_validate(FIELDS | {"contained": "probably"})


def test_it_carries_its_schema() -> None:
    document = ContainmentDocument.model_validate(FIELDS | {"contained": "no"})
    assert '"schema":"sekisho.containment/1"' in document.model_dump_json(by_alias=True)
