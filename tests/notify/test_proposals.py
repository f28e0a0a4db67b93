from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sekisho.model.incidents import InvestigationDocument
from sekisho.model.sites import Site
from sekisho.notify.facts import Sheet
from sekisho.notify.proposals import proposals

AT = datetime(2020, 6, 1, tzinfo=UTC)
SITES = {
    name: Site(name=name, title=name, country=country, timezone="UTC", owner="it", prefixes=())
    for name, country in (("jp-hq", "JP"), ("th-plant", "TH"))
}


def asset(address: str, site: str, name: str, **holds: Any) -> dict[str, Any]:
    said = {"address": address, "asset": name, "site": site, "role": "confirmed", "since": AT}
    return said | ({"holds": holds} if holds else {})


def document(**parts: Any) -> InvestigationDocument:
    return InvestigationDocument.model_validate({"seeds": (), "entry": None, "onset": None} | parts)


def test_what_the_incident_suggests(sheet: Callable[..., Sheet]) -> None:
    assets = (
        asset("10.1.0.5", "jp-hq", "hr", data=("health", "drawings"), people=300),
        asset("2001:db8::5", "jp-hq", "hr", data=("health", "drawings"), people=300),
        asset("10.40.0.5", "th-plant", "crm", data=("contact",), people=20),
        asset("10.40.0.6", "th-plant", "plc"),
    )
    left = {"dst": "203.0.113.9", "bytes": {"low": 500, "high": 900}, "from": AT, "to": AT}
    found = proposals(
        document(
            onset={"at": AT, "kind": "on_or_before"},
            scope={"sites": ("jp-hq", "th-plant", "gone"), "assets": assets},
            exfiltration=(
                {"src": "10.1.0.5", "external": True, **left},
                {"src": "10.1.0.5", "external": False, **left},
            ),
        ),
        SITES,
        sheet("people=5"),
    )
    said = {one.name: one for one in found}
    assert {name: one.value for name, one in said.items()} == {
        "countries": "JP,TH",
        "occurred": "2020-06-01T00:00:00.000000Z",
        "bytes_out": "500",
        "data": "contact,health",
        "people": "320",
        "people.JP": "300",
        "people.TH": "20",
    }
    assert said["people"].recorded == "5"
    assert "drawings" in said["data"].why
    assert "on or before" in said["occurred"].why


def test_an_incident_that_says_nothing_suggests_nothing(sheet: Callable[..., Sheet]) -> None:
    assert proposals(document(), SITES, sheet()) == ()
