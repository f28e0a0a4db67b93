from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from sekisho.model.learning import ActionDocument, LearningDocument, VerisDocument

AT = datetime(2020, 6, 1, tzinfo=UTC)


def test_it_is_written_with_its_schema_and_read_back() -> None:
    veris = VerisDocument(incident="INC-1", fields=(), missing=("actor",), record={"a": 1})
    action = ActionDocument(
        id="A-1", text="x", owner="ken", due=date(2020, 6, 30), state="open", by="a", at=AT, seq=1
    )
    document = LearningDocument(incident="INC-1", at=AT, lessons=(), actions=(action,), veris=veris)
    text = document.model_dump_json(by_alias=True)
    said = json.loads(text)
    assert (said["schema"], said["veris"]["schema"]) == ("sekisho.learning/1", "sekisho.veris/1")
    assert said["actions"][0]["due"] == "2020-06-30"
    assert LearningDocument.model_validate_json(text) == document
    with pytest.raises(ValidationError):
        ActionDocument.model_validate({**said["actions"][0], "state": "done"})
