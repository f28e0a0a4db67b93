from __future__ import annotations

from datetime import timedelta

import pytest
from tests.app.restoring.conftest import CUT, LATER, Log, intrude, told

from sekisho.app.alerts import listed as alerts
from sekisho.app.containing.plans import listed as plans
from sekisho.app.decisions import open_decisions
from sekisho.app.restoring.planning import plan
from sekisho.app.restoring.recontain import from_alerts, look, recontain
from sekisho.app.restoring.standing import status
from sekisho.app.watching.watch import watching
from sekisho.app.workspace import Workspace
from sekisho.restore.recontaining import Sighting

AFTER = LATER + timedelta(hours=6)


@pytest.fixture
def lifted(cut: Workspace) -> Workspace:
    """Everything was given back at once."""
    plan(cut, ["P-1"], [], now=LATER, by="aiko")
    with open_decisions(cut) as decisions:
        decisions.decide("restore.lift", {"restoration": "R-1", "stage": 1}, at=LATER, by="aiko")
    told(cut, "P-1", LATER, to="lifted")
    return cut


def allow(workspace: Workspace) -> Workspace:
    with (workspace.root / "sekisho.toml").open("a") as settings:
        settings.write("[restore]\nrecontain = true\n")
    return Workspace(workspace.root)


def test_what_was_seen_before_is_no_news(lifted: Workspace, zeek_header: str, zeek_conn: Log) -> None:
    intrude(lifted, zeek_header, zeek_conn, CUT + timedelta(days=1))
    assert look(lifted, now=AFTER, by="aiko") == ()
    assert len(plans(lifted).plans) == 1


def test_without_the_setting_it_is_told_and_no_more(
    lifted: Workspace, zeek_header: str, zeek_conn: Log
) -> None:
    intrude(lifted, zeek_header, zeek_conn, LATER + timedelta(hours=2))
    (said,) = look(lifted, now=AFTER, by="aiko")
    assert "jp-hq <-> th-plant was given back by R-1 and has new findings" in said
    assert "[restore] recontain" in said
    assert len(plans(lifted).plans) == 1
    (alert,) = alerts(lifted, now=AFTER).alerts
    assert (alert.severity, alert.kind) == ("critical", "contain")
    assert look(lifted, now=AFTER, by="aiko") == ()


def test_a_lifted_link_is_cut_again_by_the_same_plan(
    lifted: Workspace, zeek_header: str, zeek_conn: Log
) -> None:
    workspace = allow(lifted)
    intrude(workspace, zeek_header, zeek_conn, LATER + timedelta(hours=2))
    (said,) = look(workspace, now=AFTER, by="aiko")
    (again, _) = plans(workspace).plans
    assert again.sever == ("link:th-plant <-> jp-hq",)
    assert again.allow == ("TH-HQ-EDI",)
    assert [one.kind for one in again.history][:4] == ["draft", "preview", "breakglass", "apply"]
    assert "P-2 is" in said
    assert status(workspace, "1", now=AFTER, by="aiko").stages[0].state == "recontained"
    assert look(workspace, now=AFTER, by="aiko") == ()
    pair = frozenset({"th-plant", "jp-hq"})
    later = Sighting("F-9", "unauthorized", pair, AFTER, "F-9 a -> b smb")
    recontain(workspace, [later], now=AFTER, by="aiko")
    assert len(plans(workspace).plans) == 2, "the one that was begun is gone on with"
    told(workspace, "P-2", AFTER)
    again = Sighting("F-9", "unauthorized", pair, AFTER + timedelta(hours=1), "F-9 a -> b smb")
    (said,) = recontain(workspace, [again], now=AFTER + timedelta(hours=1), by="aiko")
    assert "P-2 cuts it already" in said
    assert recontain(workspace, [again], now=AFTER + timedelta(hours=1), by="aiko") == ()


def test_a_plan_that_was_refused_is_gone_on_with(lifted: Workspace) -> None:
    workspace = allow(lifted)
    gateways = workspace.root / "gateways.yaml"
    shut = 'deliver: ssh\n    windows: "Sat 01:00-05:00"'
    gateways.write_text(gateways.read_text().replace("deliver: render", shut))
    pair = frozenset({"th-plant", "jp-hq"})
    for hour in range(2):
        seen = AFTER + timedelta(hours=hour)
        one = Sighting("F-9", "unauthorized", pair, seen, "F-9 a -> b smb")
        (said,) = recontain(workspace, [one], now=seen, by="watch")
        assert "it was refused: th-gw may be changed next on Saturday" in said
        assert [plan.id for plan in plans(workspace).plans] == ["P-2", "P-1"]
    assert status(workspace, "1", now=seen, by="aiko").stages[0].state == "lifted"


def test_never_at_a_site_that_must_run(lifted: Workspace, zeek_header: str, zeek_conn: Log) -> None:
    workspace = allow(lifted)
    sites = (workspace.root / "sites.yaml").read_text()
    sites = sites.replace("owner: it-th", "owner: it-th, must_run: true")
    (workspace.root / "sites.yaml").write_text(sites)
    intrude(workspace, zeek_header, zeek_conn, LATER + timedelta(hours=2))
    (said,) = look(workspace, now=AFTER, by="aiko")
    assert "th-plant must run" in said
    assert len(plans(workspace).plans) == 1
    assert len(alerts(workspace, now=AFTER).alerts) == 1


def test_what_the_watch_told(lifted: Workspace) -> None:
    assert from_alerts(lifted, (), now=AFTER, by="watch") == ()
    pair = frozenset({"th-plant", "jp-hq"})
    one = Sighting("F-1", "unauthorized", pair, AFTER, "F-1 a -> b smb")
    other = Sighting("F-2", "attempted", pair, AFTER, "F-2 a -> b smb")
    (said,) = recontain(lifted, [one, other], now=AFTER, by="watch")
    assert "F-1" in said
    assert "F-2" not in said


def test_a_watch_acts_on_what_it_tells(lifted: Workspace, zeek_header: str, zeek_conn: Log) -> None:
    workspace = allow(lifted)
    with watching(workspace, [], clock=lambda: AFTER, by="watch") as watch:
        watch.once()
        intrude(workspace, zeek_header, zeek_conn, LATER + timedelta(hours=2))
        watch.once()
    (again, _) = plans(workspace).plans
    assert (again.sever, again.by) == (("link:th-plant <-> jp-hq",), "watch")
    kinds = {one.kind for one in alerts(workspace, now=AFTER).alerts}
    assert {"connection", "contain"} <= kinds
