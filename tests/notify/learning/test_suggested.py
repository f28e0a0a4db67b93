from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sekisho.model.incidents import InvestigationDocument
from sekisho.notify.learning.suggested import suggested
from sekisho.notify.learning.veris import read_field

HOP: dict[str, Any] = {
    "src": "10.40.2.10",
    "dst": "10.1.20.5",
    "port": 445,
    "protocol": "tcp",
    "at": "2019-09-06T00:00:00Z",
    "kind": "connect",
    "technique": "T1021.002",
}
DOCUMENT: dict[str, Any] = {
    "seeds": [{"kind": "finding", "value": "F-1"}],
    "entry": {"address": "10.40.2.10", "through": "203.0.113.9"},
    "onset": {"at": "2019-09-05T03:00:00Z", "kind": "observed"},
    "paths": [
        {
            "score": 0.5,
            "hops": [
                {
                    **HOP,
                    "src": "203.0.113.9",
                    "dst": "10.40.2.10",
                    "port": 443,
                    "technique": "T1071.001",
                },
                {**HOP, "account": "CORP/anong"},
                {**HOP, "port": 3389, "technique": "T1021.001"},
            ],
        }
    ],
    "scope": {
        "assets": [{"address": "10.40.2.10", "role": "confirmed", "since": "2019-09-05T03:00:00Z"}]
    },
    "exfiltration": [
        {
            "src": "10.1.20.5",
            "dst": "203.0.113.9",
            "external": True,
            "bytes": {"low": 1, "high": 2},
            "from": "2019-09-08T03:00:00Z",
            "to": "2019-09-08T04:00:00Z",
        }
    ],
}


def said(document: dict[str, Any], **facts: Any) -> dict[str, str]:
    read = InvestigationDocument.model_validate(document)
    found = suggested(read, facts)
    for field, values, _why in found:
        assert read_field(field, values)
    return {field: values for field, values, _why in found}


def test_an_incident_suggests_its_coding() -> None:
    known = said(DOCUMENT, data=frozenset({"health", "trade"}), aware=datetime(2020, 6, 11, tzinfo=UTC))
    assert known == {
        "security_incident": "Confirmed",
        "actor.external.variety": "Unknown",
        "actor.external.motive": "Unknown",
        "action.hacking.variety": "Use of stolen creds",
        "action.hacking.vector": "Other network service,Desktop sharing software",
        "action.hacking.result": "Lateral movement,Infiltrate,Exfiltrate",
        "action.malware.variety": "C2",
        "asset.assets": "S - Web application,S - File",
        "attribute.confidentiality.data_disclosure": "Potentially",
        "attribute.confidentiality.data": "Medical,Secrets",
        "discovery_method.internal.variety": "Log review",
        "timeline.incident": "2019-09-05",
        "timeline.discovery": "9 Months",
        "timeline.exfiltration": "3 Days",
    }


@pytest.mark.parametrize(("acquired", "word"), [(True, "Yes"), (False, "No")])
def test_a_fact_says_whether_data_was_disclosed(acquired: bool, word: str) -> None:
    field = "attribute.confidentiality.data_disclosure"
    assert said(DOCUMENT, acquired=acquired)[field] == word


def test_nothing_known_suggests_nothing_but_that() -> None:
    empty = {"seeds": [], "entry": None, "onset": None}
    assert said(empty) == {"attribute.confidentiality.data_disclosure": "Unknown"}
