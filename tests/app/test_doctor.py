from __future__ import annotations

import io
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sekisho.app.audit import run_audit
from sekisho.app.decisions import open_decisions
from sekisho.app.doctor import Check, examine
from sekisho.app.ledger_proofs import current_key
from sekisho.app.ledger_publishing import publish
from sekisho.app.sinks import Surroundings
from sekisho.app.workspace import Workspace, init
from sekisho.ledger.ledger import Ledger


def found(workspace: Workspace, now: datetime) -> dict[str, Check]:
    checks = examine(workspace, now=now)
    by_name = {check.name: check for check in checks}
    assert all(check.mend for check in checks if check.state != "ok"), "each says what to do"
    return by_name


def test_all_is_well(workspace: Workspace, now: datetime) -> None:
    workspace.data.chmod(0o700)
    run_audit(workspace, begin=None, end=None, now=now, by="aiko")
    checks = found(workspace, now)
    assert {check.state for check in checks.values()} == {"ok"}
    assert checks["register"].text == "3 sites, 2 sensors, 2 rules"
    assert checks["ledger"].text == "whole, 2 entries"
    assert checks["lake"].text == "306 flows of 6 days, 0 files set aside"
    assert checks["sensors"].text == "all 2 have recent records"
    assert checks["clock"].text.startswith(f"{now:%Y-%m-%d %H:%M} UTC")


def test_a_new_workspace_is_told_its_next_steps(tmp_path: Path, now: datetime) -> None:
    workspace = init(tmp_path / "w").workspace
    checks = found(workspace, now)
    assert checks["state"].text == "nothing was decided yet"
    assert (checks["lake"].state, checks["lake"].mend) == ("warn", "sekisho ingest PATH")


def test_data_open_to_others(workspace: Workspace, now: datetime) -> None:
    workspace.data.chmod(0o755)
    check = found(workspace, now)["permissions"]
    assert (check.state, check.mend) == ("warn", f"chmod 700 {workspace.data}")


def test_a_broken_register_hides_nothing_of_the_rest(workspace: Workspace, now: datetime) -> None:
    (workspace.root / "sites.yaml").write_text("sites: [")
    segment = next(workspace.lake.rglob("flows/**/*.parquet"))
    segment.write_bytes(segment.read_bytes()[:-10])
    checks = examine(workspace, now=now)
    assert any("sites.yaml:" in check.text for check in checks if check.state == "fail")
    assert [c.text for c in checks if c.name == "lake"] == ["1 damaged file"]


def test_a_state_that_is_gone_is_not_one_that_never_was(workspace: Workspace, now: datetime) -> None:
    run_audit(workspace, begin=None, end=None, now=now, by="aiko")
    for path in workspace.state.parent.iterdir():
        path.unlink()
    check = found(workspace, now)["state"]
    assert check.state == "fail"
    assert "the ledger holds 2 entries" in check.text


def test_the_state_that_is_used_is_looked_at(
    workspace: Workspace, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEKISHO_STATE_URL", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    with open_decisions(workspace) as decisions:
        decisions.decide("finding.note", {"finding": "F-1", "why": "x"}, at=now, by="aiko")
    assert found(workspace, now)["state"].text == "whole"
    (tmp_path / "elsewhere.db").write_bytes(b"x" * 8192)
    for side in tmp_path.glob("elsewhere.db-*"):
        side.unlink()
    assert any(check.state == "fail" for check in examine(workspace, now=now))


def test_times_that_lie_ahead(workspace: Workspace, now: datetime) -> None:
    with open_decisions(workspace) as decisions:
        at = now + timedelta(minutes=6)
        decisions.decide("finding.note", {"finding": "F-1", "why": "x"}, at=at, by="aiko")
    assert found(workspace, now)["clock"].state == "fail"
    early = found(workspace, now - timedelta(days=4))["clock"]
    assert early.state == "warn"
    assert "2020-06-06" in early.text


def test_a_silent_sensor_and_one_that_never_spoke(workspace: Workspace, now: datetime) -> None:
    sites = workspace.root / "sites.yaml"
    sites.write_text(sites.read_text() + "  us-edge: {site: us-plant, kind: zeek}\n")
    checks = [c for c in examine(workspace, now=now) if c.name == "sensors"]
    assert [(c.state, c.text) for c in checks] == [("warn", "no record ever from us-edge")]


def test_old_evidence_is_not_recent(workspace: Workspace, now: datetime) -> None:
    check = found(workspace, now + timedelta(days=400))["sensors"]
    assert check.state == "warn"
    assert check.text.startswith("no record of any sensor since 2020-06-0")


def test_sinks_whose_secrets_cannot_be_read(
    workspace: Workspace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "sinks" not in found(workspace, now)
    good = '[watch.sinks.out]\nkind = "jsonl"\n'
    workspace.settings_file.write_text(good)
    assert found(workspace, now)["sinks"].text.startswith("1 sink can be opened")
    workspace.settings_file.write_text(
        f'{good}[watch.sinks.chat]\nkind = "slack"\nurl = {{env = "HOOK"}}\n'
    )
    monkeypatch.delenv("HOOK", raising=False)
    checks = [check for check in examine(workspace, now=now) if check.name == "sinks"]
    assert [(check.state, check.mend) for check in checks] == [
        ("fail", "Set HOOK."),
        ("ok", ""),
    ]


def test_a_head_that_lies_nowhere_else_is_said_and_an_old_one_warned_of(
    workspace: Workspace, now: datetime
) -> None:
    run_audit(workspace, begin=None, end=None, now=now, by="aiko")
    check = found(workspace, now)["witnesses"]
    assert (check.state, "published nowhere" in check.text) == ("ok", True)
    with workspace.settings_file.open("a") as file:
        file.write('\n[ledger]\nfile = "heads.txt"\n')
    assert found(workspace, now + timedelta(hours=23))["witnesses"].state == "ok"
    check = found(workspace, now + timedelta(hours=25))["witnesses"]
    assert (check.state, "file has no head" in check.text) == ("warn", True)
    around = Surroundings(workspace.root, {}, lambda: now, io.BytesIO())
    publish(workspace, around, by="aiko")
    check = found(workspace, now + timedelta(days=900))["witnesses"]
    assert (check.state, check.text) == ("ok", "its head is published: file")
    Ledger(workspace.ledger).append("x", {}, now, "aiko")
    check = found(workspace, now + timedelta(hours=25))["witnesses"]
    assert (check.state, "has a head of 3" in check.text) == ("warn", True)


def test_a_ledger_with_nothing_but_its_key_needs_no_state(tmp_path: Path, now: datetime) -> None:
    workspace = init(tmp_path / "w").workspace
    current_key(workspace, now=now, by="aiko")
    assert found(workspace, now)["state"].text == "nothing was decided yet"
