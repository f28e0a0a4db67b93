from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.intel.attack.conftest import collection, pattern

from sekisho.intel.attack.bundle import plain, read_bundle
from sekisho.intel.attack.catalogue import LogSource
from sekisho.intel.base import FeedError

Bundle = Callable[..., Path]
DETECTS = (
    {
        "type": "x-mitre-data-component",
        "id": "x-mitre-data-component--1",
        "name": "Network Traffic Flow",
    },
    {
        "type": "x-mitre-analytic",
        "id": "x-mitre-analytic--1",
        "x_mitre_log_source_references": [
            {
                "x_mitre_data_component_ref": "x-mitre-data-component--1",
                "name": "NSM:Flow",
                "channel": "None",
            }
        ],
    },
    {
        "type": "x-mitre-detection-strategy",
        "id": "x-mitre-detection-strategy--1",
        "x_mitre_analytic_refs": ["x-mitre-analytic--1", "x-mitre-analytic--none"],
    },
    {
        "type": "relationship",
        "id": "relationship--1",
        "relationship_type": "detects",
        "source_ref": "x-mitre-detection-strategy--1",
        "target_ref": "attack-pattern--T1021",
    },
    {
        "type": "relationship",
        "id": "relationship--2",
        "relationship_type": "revoked-by",
        "source_ref": "attack-pattern--T1043",
        "target_ref": "attack-pattern--T1021",
    },
)


def test_what_a_version_says(bundle: Bundle) -> None:
    path = bundle(
        collection(),
        pattern(
            "T1021",
            "Remote Services",
            "lateral-movement",
            description="As [SSH](https://x).(Citation: A)",
        ),
        pattern("T1021.004", "SSH", "lateral-movement"),
        pattern("T1043", "Commonly Used Port", revoked=True),
        pattern("T1100", "Web Shell", x_mitre_deprecated=True),
        {"type": "attack-pattern", "id": "attack-pattern--none", "name": "of nobody"},
        {
            "type": "marking-definition",
            "definition": {"statement": "Copyright 2025, The MITRE Corporation."},
        },
        *DETECTS,
    )
    found = read_bundle(path)
    assert (found.domain, found.version) == ("enterprise-attack", "18.1")
    assert found.date == datetime(2025, 11, 13, 14, 0, 0, 188_000, UTC)
    assert found.label == "enterprise-attack 18.1 (2025-11-13)"
    assert found.notice.startswith("Copyright 2025, The MITRE Corporation.")
    assert "with the permission of The MITRE Corporation" in found.notice
    assert {one.id: one.status for one in found.techniques.values()} == {
        "T1021": "active",
        "T1021.004": "active",
        "T1043": "revoked",
        "T1100": "deprecated",
    }
    whole = found.techniques["T1021"]
    assert whole.text == "As SSH."
    assert whole.shown_by == (LogSource(component="Network Traffic Flow", log="NSM:Flow"),)
    assert found.techniques["T1043"].replaced_by == "T1021"
    assert found.named("T1021.004") == "Remote Services: SSH"
    assert found.named("T9999") == "T9999"


def test_an_older_version_in_which_components_detect(bundle: Bundle) -> None:
    old = {**DETECTS[3], "source_ref": "x-mitre-data-component--1"}
    found = read_bundle(
        bundle(collection("16.1"), pattern("T1021", "Remote Services"), DETECTS[0], old)
    )
    assert found.techniques["T1021"].shown_by == (LogSource(component="Network Traffic Flow"),)


@pytest.mark.parametrize(
    ("objects", "says"),
    [
        ((), "no `x-mitre-collection`"),
        ((collection(""),), "which version"),
        ((collection(),), "no techniques"),
        ((collection(), {"type": "attack-pattern", "external_references": "x"}), "no techniques"),
    ],
)
def test_another_bundle_says_what_is_missing(
    bundle: Bundle, objects: tuple[dict[str, object], ...], says: str
) -> None:
    with pytest.raises(FeedError, match=says):
        read_bundle(bundle(*objects))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"type": "bundle", "objects": 3}', '{"type": "bundle", "objects": [1, "x"]}'],
)
def test_malformed_documents_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bundle.json"
    path.write_text(text)
    with pytest.raises(FeedError):
        read_bundle(path)


def test_descriptions_are_one_short_line() -> None:
    assert plain("a\n\x1b[31mb " + "c" * 1000).startswith("a 31mb c")
    assert len(plain("c" * 10_000)) <= 300
    assert plain(7) == ""


def test_mitres_own_bundle(shared_data: Path) -> None:
    found = read_bundle(shared_data / "intel" / "ics-attack.json")
    assert (found.domain, found.version) == ("ics-attack", "18.1")
    active = [one for one in found.techniques.values() if one.status == "active"]
    assert "External Remote Services" in {one.name for one in active}
    assert all(one.shown_by for one in active if "lateral-movement" in one.tactics)
