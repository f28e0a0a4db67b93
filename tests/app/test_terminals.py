from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sekisho.app.checking.campaigning import Asking, begin, rescope
from sekisho.app.checking.campaigns import shown
from sekisho.app.checking.intake import take_in
from sekisho.app.decisions import open_decisions
from sekisho.app.investigating.opening import Asked, open_incident
from sekisho.app.investigating.showing import show
from sekisho.app.terminals import placing, resolved
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.investigate.inquiries import local
from sekisho.model.terminals import Sighting


def test_the_site_of_a_row_is_the_one_it_names_else_its_addresss(
    raw_company: Path, now: datetime
) -> None:
    place = placing(read_inventory(Workspace(raw_company)), now)
    assert place(Sighting("a", site="jp-hq", address="10.40.9.9")) == "jp-hq"
    assert place(Sighting("a", site="Werk 7", address="10.40.9.9")) == "th-plant"
    assert place(Sighting("a", site="Werk 7")) is None


def test_findings_on_terminals_are_in_the_scope_and_a_campaign_asks_there_first(
    workspace: Workspace, now: datetime, tmp_path: Path
) -> None:
    incident = open_incident(workspace, Asked(hosts=["th-app02"]), now=now, by="aiko").id
    before = show(workspace, incident, now=now, by="aiko").scope
    listed, log = tmp_path / "list.csv", tmp_path / "edr.ndjson"
    listed.write_text("hostname,address\nth-pc1,10.40.5.1\nth-app02,10.40.9.9\nus-pc1,10.60.5.1\n")
    rows = [{"name": "u", "path": r"C:\Users\Public\u.exe"}]
    lines = [
        {"hostname": host, "table": table, "rows": rows, "time": now.isoformat()}
        for host in ("th-pc1", "th-app02", "us-pc1")
        for table in ("services", "smb_settings")
    ]
    log.write_text("\n".join(map(json.dumps, lines)))
    take_in(workspace, [listed, log], now=now, by="ken")
    document = show(workspace, incident, now=now, by="aiko")
    added = {a.asset: a for a in document.scope.assets} | {}
    assert set(added) == {a.asset for a in before.assets} | {"th-pc1"}
    one = added["th-pc1"]
    assert (one.role, one.site, one.since, one.why) == (
        "suspected",
        "th-plant",
        now,
        "found on it by services",
    )
    assert one.evidence[0].path == "edr.ndjson"
    assert any("services" in (e.text or "") for e in added["th-app02"].evidence)
    told = [item for item in document.timeline if item.source == "terminals"]
    assert {(item.at, item.site) for item in told} == {(now, "th-plant")}
    assert {item.text.split()[1] for item in told} == {"th-pc1", "th-app02"}
    zone = read_inventory(workspace).sites["th-plant"].timezone
    assert all(item.local == local(item.at, zone) for item in told)
    # What was found later than the evidence that is asked for is not there.
    early = show(workspace, incident, now=now, by="aiko", end=now)
    assert "th-pc1" not in {a.asset for a in early.scope.assets}
    later = now + timedelta(hours=1)
    begin(workspace, "c", (), Asking(incident=incident), now=later, by="ken", why="scope")
    with open_decisions(workspace) as decisions:
        (campaign,) = decisions.state.fleet().campaigns()
        assert len(resolved(decisions, read_inventory(workspace), later).terminals) == 3
    assert "10.40.5.1" in campaign.first
    assert "10.60.5.1" not in campaign.first
    # Another terminal is found: it comes first once a person has the scope read anew, and once only.
    listed.write_text("hostname,address\nth-pc2,10.40.5.2\n")
    log.write_text(
        json.dumps({"hostname": "th-pc2", "table": "services", "rows": rows, "time": later.isoformat()})
    )
    take_in(workspace, [listed, log], now=later, by="ken")
    assert rescope(workspace, "c", now=later, by="ken", why="th-pc2 was found") == 2
    assert rescope(workspace, "c", now=later, by="ken", why="again") == 0
    with open_decisions(workspace) as decisions:
        (event,) = decisions.state.campaigns().events()
    assert (event.action, event.why, set(event.first)) == (
        "scope",
        "th-pc2 was found",
        {"10.40.5.2", "th-pc2"},
    )
    assert shown(workspace, "c", now=later).campaign.state == "running"
    begin(workspace, "none", (), Asking(), now=later, by="ken", why="no incident")
    with pytest.raises(RequestError, match="for no incident"):
        rescope(workspace, "none", now=later, by="ken", why="x")
