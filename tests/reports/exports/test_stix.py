"""Read back with `stix2.parse`, strictly: no custom properties, every reference inside the bundle."""

from __future__ import annotations

import io
import json
import uuid
from typing import Any

import pytest
import stix2
from tests.reports.incident_cases import large, nothing, ordinary, relayed
from tests.reports.incident_parts import AT, HOSTILE, HOUR, hop, incident

from sekisho.model.findings import Onset
from sekisho.model.incidents import InvestigationDocument
from sekisho.reports.base import Options, Tlp
from sekisho.reports.registry import render

STANDARD = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""STIX 2.1, 2.9: the namespace of ids that follow from values."""


def text(document: InvestigationDocument, tlp: Tlp = "amber") -> str:
    stream = io.StringIO()
    render(document, "stix", stream, Options(tlp=tlp))
    return stream.getvalue()


def read(document: InvestigationDocument, tlp: Tlp = "amber") -> dict[str, list[Any]]:
    """Objects by type. Every reference leads to an object of the bundle."""
    bundle = stix2.parse(text(document, tlp), allow_custom=False, version="2.1")
    found: dict[str, list[Any]] = {}
    for one in bundle.objects:
        found.setdefault(one.type, []).append(one)
    ids = [one.id for one in bundle.objects]
    assert len(ids) == len(set(ids))
    for one in json.loads(text(document, tlp))["objects"]:
        for key, value in one.items():
            refs = value if key.endswith("_refs") else [value] if key.endswith("_ref") else []
            assert set(refs) <= set(ids), (one["id"], key)
    return found


def test_the_incident_and_what_it_rests_on() -> None:
    found = read(ordinary())
    (one,) = found["incident"]
    assert one.name == "INC-1: Rayong file server"
    assert "Most likely th-app02" in one.description
    (group,) = found["grouping"]
    assert group.context == "suspicious-activity"
    rest = [o.id for kind, objects in found.items() for o in objects if kind != "marking-definition"]
    assert set(group.object_refs) == set(rest) - {group.id}
    assert len(found["network-traffic"]) == 5
    assert len(found["observed-data"]) == 5
    first = min(found["observed-data"], key=lambda o: o.first_observed)
    assert (first.number_observed, len(first.object_refs)) == (12, 3)
    (account,) = found["user-account"]
    assert account.account_login == "CORP\\anong"
    assert [account.id in o.object_refs for o in found["observed-data"]].count(True) == 1


def test_techniques_refer_to_mitre_s_own() -> None:
    patterns = {
        p.external_references[0].external_id: p.external_references[0]
        for p in read(ordinary())["attack-pattern"]
    }
    assert sorted(patterns) == ["T1021.001", "T1021.002", "T1021.004", "T1071.001", "T1567.002"]
    assert patterns["T1021.002"].source_name == "mitre-attack"
    assert patterns["T1021.002"].url == "https://attack.mitre.org/techniques/T1021/002"


def test_hosts_are_where_they_are_and_talk_the_way_control_went() -> None:
    found = read(ordinary())
    names = {i.id: i.name for i in found["infrastructure"]}
    kinds = {i.name: i.get("infrastructure_types") for i in found["infrastructure"]}
    assert kinds["203.0.113.9"] == ["command-and-control"]
    assert kinds["198.51.100.77"] == ["exfiltration"]
    assert kinds["th-app02"] is None
    talks = [r for r in found["relationship"] if r.relationship_type == "communicates-with"]
    pairs = {(names[r.source_ref], names[r.target_ref]) for r in talks}
    assert ("203.0.113.9", "th-app02") in pairs, "against the direction of the session"
    assert ("th-app02", "jp-files01") in pairs
    left = next(r for r in talks if names[r.target_ref] == "198.51.100.77")
    assert left.description == "4100000000 to 4600000000 bytes left for a file service"
    places = {p.id: p.country for p in found["location"]}
    at = {
        names[r.source_ref]: places[r.target_ref]
        for r in found["relationship"]
        if r.relationship_type == "located-at"
    }
    assert (at["th-app02"], at["jp-dc01"], at["10.60.1.7"]) == ("TH", "JP", "US")


def test_ids_are_those_of_the_standard_and_never_change() -> None:
    found = read(ordinary())
    for address in found["ipv4-addr"]:
        expected = uuid.uuid5(STANDARD, json.dumps({"value": address.value}, separators=(",", ":")))
        assert address.id == f"ipv4-addr--{expected}"
    assert text(ordinary()) == text(ordinary())
    later = incident(title="Another name")
    renamed = read(ordinary().model_copy(update={"incident": later}))
    assert {i.id for i in renamed["infrastructure"]} == {i.id for i in found["infrastructure"]}
    again = incident(opened=ordinary().timeline[0].at)
    other = read(ordinary().model_copy(update={"incident": again}))
    assert other["incident"][0].id != found["incident"][0].id, "INC-1 of another company"


def test_one_address_of_two_realms_is_two() -> None:
    one = hop(("10.0.0.1", "jp-hq"), ("10.0.0.1", "th-plant"), dst_realm="acquired-co")
    path = ordinary().paths[0].model_copy(update={"hops": (one,)})
    found = read(ordinary().model_copy(update={"paths": (path,), "exfiltration": ()}))
    same = [a for a in found["ipv4-addr"] if a.value == "10.0.0.1"]
    assert len({a.id for a in same}) == 2
    six = hop(("2001:db8::1", "jp-hq"), ("2001:db8::2", "th-plant"))
    path = path.model_copy(update={"hops": (six,)})
    found = read(ordinary().model_copy(update={"paths": (path,), "exfiltration": ()}))
    assert {a.value for a in found["ipv6-addr"]} == {"2001:db8::1", "2001:db8::2"}
    assert list(found["network-traffic"][0].protocols) == ["ipv6", "tcp"]


@pytest.mark.parametrize(
    ("tlp", "name"), [("clear", "white"), ("green", "green"), ("amber", "amber"), ("red", "red")]
)
def test_everything_bears_the_marking(tlp: Tlp, name: str) -> None:
    found = read(ordinary(), tlp)
    (marking,) = found.pop("marking-definition")
    assert marking.definition.tlp == name
    assert all(o.object_marking_refs == [marking.id] for objects in found.values() for o in objects)


def test_what_is_over_is_a_report_and_nothing_found_is_still_a_bundle() -> None:
    over = incident(status="closed", closed=ordinary().timeline[-1].at)
    found = read(ordinary().model_copy(update={"incident": over}))
    assert "grouping" not in found
    assert found["report"][0].published == ordinary().timeline[-1].at
    empty = read(nothing())
    assert sorted(empty) == ["grouping", "incident", "marking-definition"]


def test_hostile_names_are_values() -> None:
    told = text(large())
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert HOSTILE in {i.name for i in read(large())["infrastructure"]}


def test_a_relay_is_not_taken_for_who_stood_behind_it() -> None:
    said = [r.get("description", "") for r in read(relayed())["relationship"]]
    assert any("somebody behind proxy-1, 10.40.0.8 to jp-files01 by smb" in one for one in said)
    assert any("by smb through jump-1 (10.1.0.9)" in one for one in said)


def test_nothing_is_observed_before_it_is_on_record() -> None:
    onset = Onset(at=AT + HOUR, kind="on_or_before")
    step = hop(
        ("203.0.113.9", None),
        ("10.40.9.9", "th-plant"),
        kind="reverse",
        at_kind="on_or_before",
        onset=onset,
    )
    path = ordinary().paths[0].model_copy(update={"hops": (step,)})
    document = ordinary().model_copy(update={"paths": (path,), "exfiltration": (), "timeline": ()})
    seen = read(document)["observed-data"]
    assert {one.first_observed for one in seen} == {one.last_observed for one in seen} == {onset.at}
