from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sekisho.intel.base import Aside, Columns, FeedError, Given
from sekisho.intel.readers.misp import MispEvents, attribute, items
from sekisho.model.indicators import IndicatorKind


def attr(kind: str, value: str, **changes: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "value": value,
        "to_ids": True,
        "uuid": "u-1",
        "timestamp": "1591747200",
    } | changes


def values(*attributes: dict[str, Any]) -> list[tuple[IndicatorKind | None, str]]:
    found = (item for one in attributes for item in attribute(one, {}))
    return [(one.kind, one.value) for one in found if isinstance(one, Given)]


def test_attributes_and_their_parts() -> None:
    assert values(
        attr("ip-dst", "45.9.148.3"),
        attr("ip-dst|port", "45.9.148.3|443"),
        attr("domain|ip", "evil.example|45.9.148.4"),
        attr("filename|sha256", "a|b.exe|" + "a" * 64),
        attr("hostname", "c2.evil.example"),
        attr("x509-fingerprint-sha1", "b" * 40),
    ) == [
        (IndicatorKind.ADDRESS, "45.9.148.3"),
        (IndicatorKind.ADDRESS, "45.9.148.3"),
        (IndicatorKind.DOMAIN, "evil.example"),
        (IndicatorKind.ADDRESS, "45.9.148.4"),
        (IndicatorKind.SHA256, "a" * 64),
        (IndicatorKind.DOMAIN, "c2.evil.example"),
        (IndicatorKind.CERTIFICATE_SHA1, "b" * 40),
    ]


def test_what_is_not_meant_for_detection_is_passed_over_and_other_types_are_said() -> None:
    assert not list(attribute(attr("ip-dst", "45.9.148.3", to_ids=False), {}))
    assert not list(attribute(attr("ip-dst", "45.9.148.3", deleted=True), {}))
    (one,) = attribute(attr("mutex", "x"), {})
    assert isinstance(one, Aside)


def test_events_alone_in_lists_and_out_of_a_search(tmp_path: Path) -> None:
    event = {
        "info": "Phishing",
        "Tag": [{"name": "tlp:green"}, {"name": "other"}],
        "Attribute": [attr("ip-dst", "45.9.148.3", Tag=[{"name": "TLP:AMBER"}])],
        "Object": [{"Attribute": [attr("domain", "evil.example")]}],
    }
    alone = list(items({"Event": event}))
    assert alone == list(items([{"Event": event}])) == list(items({"response": [{"Event": event}]}))
    one, other = alone
    assert isinstance(one, Given)
    assert isinstance(other, Given)
    assert (one.tlp, other.tlp, one.says) == ("amber", "green", "Phishing")
    (tmp_path / "x").write_text(json.dumps({"Event": event}))
    assert list(MispEvents().read(tmp_path / "x", Columns())) == alone
    assert len(list(items({"response": {"Attribute": [attr("ip-src", "45.9.148.3")]}}))) == 1


@pytest.mark.parametrize("body", [{}, {"Attribute": 3}, [1], 3, None])
def test_another_document(body: object) -> None:
    with pytest.raises(FeedError, match="no MISP event"):
        list(items(body))


def test_an_empty_answer_is_empty() -> None:
    assert not list(items({"response": []}))
