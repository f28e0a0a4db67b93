from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sekisho.intel.base import Aside, Columns, FeedError, Given, Superseded
from sekisho.intel.readers.stix import Bundle, items

AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
GREEN = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"


def indicator(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "type": "indicator",
        "id": f"indicator--{number}",
        "modified": "2020-06-10T00:00:00Z",
        "pattern": f"[ipv4-addr:value = '45.9.148.{number}']",
        "pattern_type": "stix",
        "valid_from": "2020-06-01T00:00:00Z",
    } | changes


def test_indicators_with_what_is_said_of_them(tmp_path: Path) -> None:
    objects = [
        {"type": "malware", "id": "malware--1"},
        indicator(
            1,
            name="<script>alert(1)</script>",
            confidence=85,
            valid_until="2020-07-01T00:00:00Z",
            object_marking_refs=[GREEN, AMBER],
        ),
    ]
    (tmp_path / "x").write_text(json.dumps({"type": "bundle", "objects": objects}))
    superseded, one = Bundle().read(tmp_path / "x", Columns())
    assert superseded == Superseded("indicator--1")
    assert isinstance(one, Given)
    assert (one.value, one.confidence, one.tlp) == ("45.9.148.1", 85, "amber")
    # What is markup stays text; who shows it escapes it.
    assert one.says == "<script>alert(1)</script>"


def test_of_several_versions_the_latest_counts_and_what_is_taken_back_is_gone() -> None:
    found = list(
        items(
            [
                indicator(
                    1, modified="2020-06-11T00:00:00Z", pattern="[domain-name:value = 'new.example']"
                ),
                indicator(1),
                indicator(2),
                indicator(2, modified="2020-06-12T00:00:00+09:00", revoked=True),
            ]
        )
    )
    assert [one.value for one in found if isinstance(one, Given)] == ["new.example"]
    assert [one.why for one in found if isinstance(one, Aside)] == ["revoked"]
    assert {one.source for one in found if isinstance(one, Superseded)} == {
        "indicator--1",
        "indicator--2",
    }


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"pattern_type": "snort"}, "not_usable"),
        ({"pattern": None}, "malformed"),
        ({"pattern": ["x"]}, "malformed"),
        ({"pattern": "[file:name = 'x']"}, "not_usable"),
        ({"id": None}, "malformed"),
        ({"id": {"a": 1}}, "malformed"),
    ],
)
def test_what_cannot_be_used_is_said(changes: dict[str, Any], why: str) -> None:
    found = list(items([indicator(1, **changes)]))
    assert [one.why for one in found if isinstance(one, Aside)] == [why]
    assert not [one for one in found if isinstance(one, Given)]


@pytest.mark.parametrize(
    "changes",
    [{"confidence": "much"}, {"valid_from": 3}, {"object_marking_refs": {"a": 1}}, {"name": ["x"]}],
)
def test_a_wrong_detail_does_not_lose_the_indicator(changes: dict[str, Any]) -> None:
    assert [one.value for one in items([indicator(1, **changes)]) if isinstance(one, Given)] == [
        "45.9.148.1"
    ]


@pytest.mark.parametrize("body", [[], {"type": "report"}, 3, None])
def test_another_document(tmp_path: Path, body: object) -> None:
    (tmp_path / "x").write_text(json.dumps(body))
    with pytest.raises(FeedError, match="no STIX bundle"):
        list(Bundle().read(tmp_path / "x", Columns()))
