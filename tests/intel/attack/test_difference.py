from __future__ import annotations

import pytest

from sekisho.errors import RequestError
from sekisho.intel.attack.catalogue import Catalogue, Technique
from sekisho.intel.attack.difference import difference


def of(version: str, *techniques: Technique, domain: str = "enterprise-attack") -> Catalogue:
    return Catalogue(domain=domain, version=version, techniques={one.id: one for one in techniques})


def one(name: str, title: str = "a", *tactics: str, **more: str) -> Technique:
    return Technique.model_validate({"id": name, "name": title, "tactics": tactics, **more})


def test_each_kind_of_change_is_told() -> None:
    old = of(
        "17.1",
        one("T1", "gone"),
        one("T2", "old name", "exfiltration"),
        one("T3", "same", "execution", "impact"),
        one("T4", "revoked"),
        one("T5", "deprecated"),
        one("T6", "same"),
        one("T7", "back", status="deprecated"),
    )
    new = of(
        "18.1",
        one("T2", "new name", "exfiltration"),
        one("T3", "same", "execution", "lateral-movement"),
        one("T4", "revoked", status="revoked", replaced_by="T2"),
        one("T5", "deprecated", status="deprecated"),
        one("T6", "same"),
        one("T7", "back"),
        one("T8", "new", "lateral-movement"),
        one("T9", "never counted", status="revoked"),
    )
    found = {(change.technique, change.kind): change.text for change in difference(old, new)}
    assert found == {
        ("T1", "removed"): "is not in the catalogue any more",
        ("T2", "renamed"): "was called old name",
        ("T3", "tactics"): "also for lateral movement; not any more for impact",
        ("T4", "revoked"): "became T2 new name",
        ("T5", "deprecated"): "does not count any more",
        ("T7", "returned"): "counts again",
        ("T8", "added"): "is new, for lateral movement",
    }
    assert difference(new, new) == ()


def test_two_domains_are_no_two_versions() -> None:
    with pytest.raises(RequestError, match="two domains"):
        difference(of("18.1"), of("18.1", domain="ics-attack"))
