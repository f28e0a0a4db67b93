from __future__ import annotations

from datetime import timedelta

import pytest
from tests.app.restoring.conftest import CUT, LATER, Log, intrude, recertified

from sekisho.app.restoring.planning import plan
from sekisho.app.restoring.standing import listed, status
from sekisho.app.workspace import Workspace
from sekisho.model.restorations import GateDocument, RestorationDocument


def look(workspace: Workspace, after: timedelta = timedelta()) -> RestorationDocument:
    return status(workspace, "1", now=LATER + after, by="aiko")


def gates(document: RestorationDocument) -> dict[str, GateDocument]:
    return {gate.name: gate for gate in document.stages[0].gates}


@pytest.fixture
def planned(cut: Workspace) -> Workspace:
    """The link to the head office comes first, everything else last."""
    plan(cut, ["P-1"], ["link:th-plant <-> jp-hq"], now=LATER, by="aiko")
    return cut


def test_each_gate_shows_what_it_rests_on(planned: Workspace) -> None:
    document = look(planned)
    assert [stage.state for stage in document.stages] == ["closed", "waiting"]
    assert document.stages[0].links == ("jp-hq <-> th-plant",)
    assert document.stages[1].links == ("th-plant <-> us-plant",)
    assert document.since == CUT
    found = gates(document)
    quiet = found["quiet"]
    assert (quiet.state, quiet.demands) == ("open", {"days": 4, "coverage": 95.0})
    assert [(day.day, day.quiet) for day in quiet.days] == [
        (f"2020-06-0{n}", True) for n in (3, 4, 5, 6)
    ]
    assert quiet.days[0].covered == {"th-plant": 1.0, "jp-hq": 1.0}
    assert (found["fleet"].state, found["fleet"].why) == ("unknown", "not known: no fleet")
    assert (found["findings"].state, found["escaped"].state) == ("open", "open")
    assert found["recertified"].state == "closed"
    assert "TH-HQ-EDI at jp-hq: nobody recertified it" in found["recertified"].evidence
    recertified(planned, LATER)
    assert gates(look(planned))["recertified"].state == "open"
    assert [one.id for one in listed(planned, now=LATER, by="aiko").restorations] == ["R-1"]


def test_a_violation_begins_the_count_anew(
    planned: Workspace, zeek_header: str, zeek_conn: Log
) -> None:
    intrude(planned, zeek_header, zeek_conn, CUT + timedelta(days=2))
    document = look(planned)
    found = gates(document)
    assert (found["quiet"].state, found["quiet"].why) == ("closed", "2 of 4 days were quiet")
    assert "was seen on this day" in found["quiet"].days[1].why
    assert "until 2020-06-04" in found["quiet"].days[0].why
    assert found["findings"].state == "closed"
    assert found["escaped"].state == "closed"
    assert "10.40.9.9 -> 10.1.10.96 smb" in found["escaped"].evidence[0]
    assert [one.dst.address for one in document.reopens] == ["10.1.10.96"]
    assert len(document.reopened_findings) == 1


def test_days_that_nobody_recorded_are_not_quiet(planned: Workspace) -> None:
    found = gates(look(planned, timedelta(days=1)))["quiet"]
    assert found.state == "closed"
    assert "the latest was not: jp-hq recorded 0% of the day" in found.why
    sites = (planned.root / "sites.yaml").read_text()
    without = [line for line in sites.splitlines() if "jp-edge" not in line]
    (planned.root / "sites.yaml").write_text("\n".join(without) + "\n")
    found = gates(look(planned))["quiet"]
    assert found.state == "closed"
    assert not any(day.quiet for day in found.days)
    assert found.days[0].why == "jp-hq has no sensor that sees it"
    assert found.days[0].covered["jp-hq"] is None


def test_without_a_lake_nothing_is_known(contained_nowhere: Workspace) -> None:
    found = gates(look(contained_nowhere))
    assert {name: gate.state for name, gate in found.items() if name != "recertified"} == {
        "quiet": "unknown",
        "fleet": "unknown",
        "findings": "unknown",
        "escaped": "unknown",
    }


@pytest.fixture
def contained_nowhere(cut: Workspace) -> Workspace:
    """The same, and its lake is gone."""
    import shutil

    plan(cut, ["P-1"], [], now=LATER, by="aiko")
    shutil.rmtree(cut.lake)
    return cut
