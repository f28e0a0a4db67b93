from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.errors import RequestError
from sekisho.notify.learning.veris import lacking, read_field, record, veris, veris_schema

WHOLE = {
    "security_incident": ("Confirmed",),
    "actor.external.variety": ("State-affiliated", "Unknown"),
    "actor.external.motive": ("Espionage",),
    "action.hacking.variety": ("Use of stolen creds",),
    "action.hacking.vector": ("Desktop sharing software",),
    "asset.assets": ("S - File=2", "S - Directory"),
    "attribute.confidentiality.data_disclosure": ("Potentially",),
    "discovery_method.internal.variety": ("Log review",),
    "timeline.incident": ("2019-09-05",),
    "timeline.discovery": ("9 Months",),
    "timeline.containment": ("Unknown",),
}


def valid(found: dict[str, Any]) -> bool:
    return jsonschema.Draft202012Validator(veris_schema()).is_valid(found)


def test_a_whole_record_is_valid_and_says_what_was_coded() -> None:
    jsonschema.Draft202012Validator.check_schema(veris_schema())
    found = record("INC-1", WHOLE)
    assert lacking(WHOLE) == ()
    assert valid(found)
    assert found["asset"]["assets"] == [
        {"variety": "S - File", "amount": 2},
        {"variety": "S - Directory"},
    ]
    assert found["timeline"] == {
        "incident": {"year": 2019, "month": 9, "day": 5},
        "discovery": {"unit": "Months", "value": 9},
        "containment": {"unit": "Unknown"},
    }
    assert found["actor"]["external"]["variety"] == ["State-affiliated", "Unknown"]
    assert found["security_incident"] == "Confirmed"


@given(st.sets(st.sampled_from(sorted(WHOLE))))
def test_what_lacks_nothing_is_valid_and_no_other(names: set[str]) -> None:
    coded = {name: WHOLE[name] for name in names}
    assert valid(record("INC-1", coded)) is (lacking(coded) == ())


def test_what_is_lacking_is_named() -> None:
    assert lacking({}) == veris().needed
    half = {"action.social.variety": ("Phishing",)}
    assert {"action.social.vector", "action.social.target"} <= set(lacking(half))


def test_values_are_read() -> None:
    assert read_field("action.hacking.variety", "SQLi, XSS,SQLi") == ("SQLi", "XSS")
    assert read_field("asset.assets", "S - File=3") == ("S - File=3",)
    assert read_field("confidence", "None") == ("None",)
    assert read_field("timeline.discovery", "9 Months") == ("9 Months",)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("action.hackin.variety", "SQLi", "no field"),
        ("action.hacking.variety", "SQL", "no word"),
        ("action.hacking.variety", " , ", "no value"),
        ("action.hacking.variety", "SQLi=2", "no amount"),
        ("asset.assets", "S - File=-1", "no amount"),
        ("asset.assets", "S - File=9999999999999", "no amount"),
        ("confidence", "High,Low", "has one value"),
        ("timeline.incident", "2019-02-29", "no day"),
        ("timeline.discovery", "9 moons", "no length"),
        ("timeline.discovery", "-9 Months", "no length"),
    ],
)
def test_what_is_no_value(name: str, text: str, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        read_field(name, text)


def test_what_is_suggested_by_tables_are_words_of_the_fields() -> None:
    known = veris()
    for words in known.techniques.values():
        assert all(word in known.fields[field].words for field, word in words.items())
    assert set(known.roles.values()) <= set(known.fields["asset.assets"].words)
    assert set(known.data.values()) <= set(known.fields["attribute.confidentiality.data"].words)
