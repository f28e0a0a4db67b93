from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sekisho.app.checking.asked import SET_UP, Standing, checks_of, ready
from sekisho.app.checking.intake import take_in
from sekisho.app.checking.standing import shown
from sekisho.app.hunting.refreshing import refresh
from sekisho.app.workspace import Workspace
from sekisho.fleet.checks.local_admins import LocalAdmins
from sekisho.fleet.checks.patch_age import PatchAge
from sekisho.fleet.checks.registry import CHECKS, NEED_SETTING_UP

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_the_checks_have_the_workspaces_lists_and_bounds(workspace: Workspace) -> None:
    before = workspace.settings_file.read_text()
    said = '\n[fleet]\nadministrators = ["helpdesk-*"]\npatch_days = 14\n'
    workspace.settings_file.write_text(before + said)
    found = {one.name: one for one in checks_of(workspace, NOW)}
    assert found["local-admins"] == LocalAdmins(("helpdesk-*",))
    assert found["patch-age"] == PatchAge(14)


def test_what_nothing_was_set_up_for_is_not_asked(workspace: Workspace) -> None:
    assert set(CHECKS) - set(ready(workspace)) == NEED_SETTING_UP == set(SET_UP)


def test_the_workspaces_feeds_are_looked_for_and_its_own_addresses_are_not(
    workspace: Workspace, listed: Path, tmp_path: Path
) -> None:
    (workspace.root / "values.txt").write_text("203.0.113.0/24\n45.9.148.3\nbad.example\n")
    (workspace.root / "intel.yaml").write_text(
        "feeds:\n  mine: {kind: list, path: values.txt, licence: CC0, confidence: 90, tlp: green}\n"
    )
    refresh(workspace, (), now=NOW)
    assert "indicators" in ready(workspace)
    take_in(workspace, [listed], now=NOW, by="ken")
    log = tmp_path / "edr.ndjson"
    log.write_text(
        '{"hostname": "th-plc", "table": "process_open_sockets", "rows": ['
        '{"path": "x.exe", "remote_address": "45.9.148.3", "remote_port": "443"},'
        '{"path": "x.exe", "remote_address": "10.40.3.3", "remote_port": "445"}]}\n'
    )
    take_in(workspace, [log], now=NOW, by="ken")
    (answer,) = shown(workspace, "th-plc", now=NOW).answers
    (found,) = answer.findings
    assert answer.check == "indicators"
    assert found.startswith("x.exe talks with 45.9.148.3 port 443: 45.9.148.3 (mine, TLP:GREEN")


def test_they_are_read_anew_only_where_something_changed(workspace: Workspace) -> None:
    standing = Standing(workspace)
    first = standing.at(NOW)
    assert standing.at(NOW + timedelta(minutes=5)) is first
    assert standing.at(NOW + timedelta(hours=2)) is not first
    (workspace.root / "values.txt").write_text("bad.example\n")
    (workspace.root / "intel.yaml").write_text(
        "feeds:\n  mine: {kind: list, path: values.txt, licence: CC0, confidence: 90}\n"
    )
    before = standing.at(NOW)
    refresh(workspace, (), now=NOW)
    by_name = {one.name: one for one in standing.at(NOW)}
    found = by_name["indicators"].judge({"dns_cache": [{"name": "bad.example"}]})
    assert [text.partition(":")[0] for text in found] == ["the name bad.example was asked for"]
    assert before is not standing.at(NOW)
