from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from sekisho.model.findings import AuditDocument, CoverageItem, End, finding_id, rfc3339


def test_times_are_utc_with_microseconds() -> None:
    assert rfc3339(datetime(2020, 6, 11, 1, 2, 3, tzinfo=UTC)) == "2020-06-11T01:02:03.000000Z"
    assert rfc3339(datetime(1, 1, 1, tzinfo=UTC)).startswith("0001-01-01T")


def test_an_id_is_stable_and_tells_realms_apart() -> None:
    plain = finding_id("10.0.1.4", "10.0.1.6", "tcp", 445)
    assert plain == "F-ef45f7faeae6"
    assert plain != finding_id("10.0.1.4", "10.0.1.6", "tcp", 445, src_realm="acquired-co")
    assert plain != finding_id("10.0.1.6", "10.0.1.4", "tcp", 445)


def test_the_default_realm_is_not_written() -> None:
    assert "realm" not in End(address="10.0.0.1").model_dump(by_alias=True, mode="json")
    assert End(address="10.0.0.1", realm="co").model_dump(by_alias=True)["realm"] == "co"


def test_the_keys_that_others_rely_on() -> None:
    item = CoverageItem(
        sensor="s",
        begin=datetime(2020, 1, 1, tzinfo=UTC),
        end=datetime(2020, 1, 2, tzinfo=UTC),
        state="quiet",
    )
    assert {"sensor", "from", "to", "state"} <= set(item.model_dump(by_alias=True))
    assert set(AuditDocument.model_json_schema(by_alias=True)["required"]) >= {
        "window",
        "policy",
        "totals",
        "findings",
        "coverage",
    }


def test_a_document_takes_no_unknown_field() -> None:
    with pytest.raises(ValidationError):
        End.model_validate({"address": "10.0.0.1", "colour": "red"})
