from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sekisho.app.investigating.inquiring import start
from sekisho.app.investigating.opening import Asked, open_incident
from sekisho.app.investigating.showing import requests, show
from sekisho.app.investigating.working import act
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.inventory.register import Inventory
from sekisho.investigate.run import SeedRequest
from sekisho.model.addresses import parse_address
from sekisho.model.incidents import InvestigationDocument
from sekisho.model.sites import Asset


def test_the_evidence_and_the_work_are_told_together(
    workspace: Workspace, opened: str, now: datetime
) -> None:
    act(workspace, opened, "note", now=now, by="ken", text="rebuilt in May")
    document = show(workspace, opened, now=now, by="aiko")
    assert (
        InvestigationDocument.model_validate_json(document.model_dump_json(by_alias=True)) == document
    )
    assert document.id == opened
    assert document.entry is not None
    assert document.entry.address == "10.40.9.9"
    assert [(hop.src, hop.dst, hop.port) for hop in document.paths[0].hops] == [
        ("10.40.9.9", "10.1.10.96", 445)
    ]
    assert {asset.asset for asset in document.scope.assets} == {"th-app02", "jp-files01"}
    assert [item.source for item in document.timeline] == ["flows", "ledger", "ledger", "ledger"]
    assert [item.kind for item in document.timeline] == ["hop", "open", "note", "preserve"]
    assert document.incident is not None
    assert len(document.incident.evidence) == 2
    assert document.window is not None
    assert [(one.asset, one.state) for one in document.leaving] == [
        ("jp-files01", "no_evidence"),
        ("th-app02", "no_evidence"),
    ]
    assert document.exfiltration == ()
    assert [place.site for place in document.places] == ["jp-hq", "th-plant", "us-plant"]
    assert {place.site: place.sensors for place in document.places}["jp-hq"] == ("jp-edge",)
    assert document.custody is not None
    assert document.custody.own >= 2
    assert document.inquiry is None
    start(workspace, opened, question="Did you?", due=now + timedelta(days=1), now=now, by="aiko")
    asked = show(workspace, opened, now=now, by="aiko").inquiry
    assert asked is not None
    assert asked.total == 3


def test_only_the_evidence_that_is_asked_for(workspace: Workspace, opened: str, now: datetime) -> None:
    before = show(workspace, opened, now=now, by="aiko", end=now - timedelta(days=6))
    assert before.paths == ()
    assert before.entry is None
    with pytest.raises(RequestError, match="no incident"):
        show(workspace, "9", now=now, by="aiko")


def test_a_hostname_is_each_of_its_addresses(workspace: Workspace, now: datetime) -> None:
    addresses = ("10.40.9.9", "2001:db8:40::9")
    inventory = Inventory(
        assets=tuple(Asset(parse_address(a), "th-app02", "th-plant") for a in addresses)
    )
    seeds = [{"kind": "host", "value": "TH-app02"}, {"kind": "host", "value": "10.0.0.1", "realm": "x"}]
    assert list(requests(seeds, inventory)) == [
        SeedRequest("host", "10.40.9.9", ""),
        SeedRequest("host", "2001:db8:40::9", ""),
        SeedRequest("host", "10.0.0.1", "x"),
    ]
    incident = open_incident(workspace, Asked(hosts=["th-app02"]), now=now, by="aiko")
    assert show(workspace, incident.id, now=now, by="aiko").paths
