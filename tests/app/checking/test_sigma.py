from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.fleet.sigma.conftest import event

from sekisho.app.checking.intake import take_in
from sekisho.app.checking.sigma import rules_of, run
from sekisho.app.checking.standing import shown, status
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.errors import FileProblems, IntegrityError, RequestError

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RULE = """\
title: {title}
author: Somebody
license: DRL 1.1
level: {level}
logsource: {{product: windows, {where}}}
detection:
    s:
        CommandLine|contains: {text}
    condition: s
"""


def _rule(
    folder: Path, name: str, text: str, where: str = "category: process_creation", **more: str
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    said = {"title": name, "level": "high", **more}
    (folder / f"{name}.yml").write_text(RULE.format(text=text, where=where, **said))


def _events(path: Path, *events: dict[str, Any]) -> Path:
    path.write_text("\n".join(json.dumps(one) for one in events) + "\n")
    return path


@pytest.fixture
def rules(workspace: Workspace) -> Path:
    folder = workspace.root / "rules" / "sigma"
    _rule(folder, "evil", "evil")
    _rule(folder, "quiet", "x", level="low")
    _rule(folder, "tasks", "x", where="service: taskscheduler")

    (folder / "linux.yml").write_text(RULE.replace("windows", "linux").format(
        title="linux", level="high", text="x", where="service: auditd"))  # fmt: skip
    (folder / "hours.yml").write_text(
        RULE.replace("CommandLine|contains: {text}", "UtcTime|hour: 3").format(
            title="hours", level="high", where="category: process_creation"
        )
    )
    with (workspace.root / "sekisho.toml").open("a") as settings:
        settings.write('\n[fleet]\nsigma = "rules/sigma"\n')
    return folder


def _terminals(workspace: Workspace, tmp_path: Path, *names: str) -> None:
    listed = tmp_path / "terminals.csv"
    listed.write_text("hostname\n" + "\n".join(names) + "\n")
    take_in(workspace, [listed], now=NOW, by="anna")


def test_what_rules_find_is_how_terminals_stand(
    workspace: Workspace, rules: Path, tmp_path: Path
) -> None:
    _terminals(workspace, tmp_path, "pc-1", "pc-2", "pc-3")
    logs = _events(
        tmp_path / "events.ndjson",
        event({"CommandLine": "evil.exe"}, host="pc-1", time="2026-02-01T00:00:00Z"),
        event({"CommandLine": "good.exe"}, host="pc-2", record=2, time="2026-02-01T00:00:00Z"),
    )
    take_in(workspace, [logs], now=NOW, by="anna")
    document = run(workspace, now=NOW, by="anna")
    (found,) = document.findings
    assert (found.rule.title, found.rule.author, found.rule.license) == ("evil", "Somebody", "DRL 1.1")
    assert (found.hostname, found.events, found.evidence[0].record) == ("pc-1", 1, 1)
    assert found.terminal is not None
    assert found.evidence[0].file == "events.ndjson"
    counts = (document.asked, document.refused, document.unrecorded, document.passed_over)
    assert counts == (1, 1, 2, 1)
    assert sum(counts) + document.filters == document.rules == 5
    assert {one.rule.title: one.standing for one in document.refusals} == {
        "linux": "not_recorded",
        "hours": "refused",
    }
    assert {one.logsource: one.rules for one in document.not_recorded} == {
        "linux/auditd": 1,
        "windows/taskscheduler": 1,
    }
    assert [(t.hostname, t.outcome) for t in document.terminals] == [
        ("pc-1", "findings"),
        ("pc-2", "clean"),
    ]
    assert status(workspace, now=NOW).states["checked_findings"] == 1
    answer = next(a for a in shown(workspace, "pc-1", now=NOW).answers if a.check == "sigma")
    assert answer.counts
    assert answer.findings[0].startswith("high: evil: 1 event")
    with open_decisions(workspace) as decisions:
        assert [e.kind for e in decisions.ledger.entries()].count("fleet.sigma") == 1


def test_asking_again_doubles_nothing_and_the_last_asking_counts(
    workspace: Workspace, rules: Path, tmp_path: Path
) -> None:
    _terminals(workspace, tmp_path, "pc-1")
    logs = _events(tmp_path / "e.ndjson", event({"CommandLine": "evil"}, host="pc-1"))
    take_in(workspace, [logs], now=NOW, by="anna")
    for _ in range(2):
        run(workspace, now=NOW, by="anna")
    assert len([a for a in shown(workspace, "pc-1", now=NOW).answers if a.check == "sigma"]) == 1
    later = NOW.replace(hour=1)
    _rule(rules, "evil", "wicked")
    assert run(workspace, now=later, by="anna", answer=False).findings == ()
    assert status(workspace, now=later).states["checked_findings"] == 1
    assert run(workspace, now=later, by="anna").answered
    assert status(workspace, now=later).states["checked_findings"] == 0


def test_a_folder_and_a_level_may_be_named(workspace: Workspace, rules: Path, tmp_path: Path) -> None:
    _events(tmp_path / "e.ndjson", event({"CommandLine": "x"}, host="pc-1"))
    take_in(workspace, [tmp_path / "e.ndjson"], now=NOW, by="anna")
    assert run(workspace, now=NOW, by="anna").findings == ()
    low = run(workspace, now=NOW, by="anna", level="low", answer=False)
    assert [one.rule.title for one in low.findings] == ["quiet"]
    other = tmp_path / "other"
    _rule(other, "mine", "x")
    named = run(workspace, now=NOW, by="anna", folder=other, answer=False)
    assert [one.rule.title for one in named.findings] == ["mine"]


def test_nothing_recorded_is_not_nothing_found(workspace: Workspace, rules: Path) -> None:
    document = run(workspace, now=NOW, by="anna")
    assert (document.asked, document.events, document.answered) == (0, 0, False)
    assert "no terminal's events are kept" in document.notes[0]
    listed = rules_of(workspace)
    assert {one.standing for one in listed.rules} == {"not_recorded", "refused"}
    assert listed.notes == document.notes


def test_rules_are_listed_with_what_they_need(
    workspace: Workspace, rules: Path, tmp_path: Path
) -> None:
    _events(tmp_path / "e.ndjson", event({"CommandLine": "x"}, host="pc-1"))
    take_in(workspace, [tmp_path / "e.ndjson"], now=NOW, by="anna")
    listed = {one.rule.title: one for one in rules_of(workspace).rules}
    assert (listed["evil"].standing, listed["evil"].terminals) == ("asked", 1)
    assert listed["evil"].needs == ("Microsoft-Windows-Sysmon/Operational 1", "Security 4688")
    assert (listed["tasks"].standing, listed["tasks"].terminals) == ("not_recorded", 0)
    assert listed["hours"].standing == "refused"
    assert "part of a time" in (listed["hours"].why or "")


def test_files_that_are_no_rules_stop_the_asking_with_their_place(
    workspace: Workspace, rules: Path
) -> None:
    (rules / "broken.yml").write_text("title: [\n")
    with pytest.raises(FileProblems, match=r"broken\.yml:"):
        run(workspace, now=NOW, by="anna")


def test_without_a_folder_it_says_how_to_name_one(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no folder of Sigma rules") as caught:
        run(workspace, now=NOW, by="anna")
    assert "--rules DIR" in caught.value.mend
    (tmp_path / "empty").mkdir()
    with pytest.raises(RequestError, match="holds no Sigma rule"):
        run(workspace, now=NOW, by="anna", folder=tmp_path / "empty")


def test_a_lake_that_is_not_whole_does_not_answer(
    workspace: Workspace, rules: Path, tmp_path: Path
) -> None:
    _events(tmp_path / "e.ndjson", event({"CommandLine": "x"}, host="pc-1"))
    take_in(workspace, [tmp_path / "e.ndjson"], now=NOW, by="anna")
    (path,) = (workspace.lake / "events").rglob("*.parquet")
    path.write_bytes(b"gone")
    with pytest.raises(IntegrityError, match="does not answer"):
        run(workspace, now=NOW, by="anna")
