"""A step as a document."""

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from sekisho.model.hops import HopDocument

AT = datetime(2020, 6, 11, 1, 2, 3, 4, tzinfo=UTC)


def hop(**more: object) -> HopDocument:
    fields: dict[str, object] = {
        "src": "10.40.2.10",
        "dst": "10.1.20.3",
        "port": 445,
        "protocol": "tcp",
        "at": AT,
        "kind": "connect",
        "technique": "T1021.002",
    }
    return HopDocument.model_validate(fields | more)


def test_a_realm_is_said_where_it_is_not_the_default() -> None:
    said = json.loads(hop(src_realm="aero").model_dump_json(by_alias=True))
    assert said["src_realm"] == "aero"
    assert "dst_realm" not in said


def test_what_no_contract_knows_is_refused() -> None:
    with pytest.raises(ValidationError):
        hop(kind="sideways")
    with pytest.raises(ValidationError):
        hop(colour="red")
