from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sekisho.app.checking.intake import take_in
from sekisho.app.checking.standing import assemble
from sekisho.app.decisions import open_decisions
from sekisho.app.methods.exercised import exercised, stepped
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.intel.hunt_log import Hunted
from sekisho.intel.methods.known import known
from sekisho.intel.step_log import Step, Worked
from sekisho.model.methods import Exercise

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def told(workspace: Workspace, *hunted: Hunted, now: datetime = NOW) -> dict[str, Exercise]:
    with open_decisions(workspace) as decisions:
        fleet = assemble(decisions, read_inventory(workspace), now)
        return exercised(known(), decisions, fleet, hunted)


def test_nothing_was_ever_exercised(raw: Workspace) -> None:
    assert told(raw) == {}


def test_a_hunt_exercises_what_it_looked_for_where_there_was_something_to_look_in(
    raw: Workspace,
) -> None:
    early = Hunted(
        at=NOW - timedelta(days=9), looked={"address": 5, "domain": 3}, recorded=True, named=True
    )
    late = Hunted(at=NOW, looked={"address": 7, "domain": 3}, hits={"address": 2}, recorded=True)
    found = told(raw, early, late)
    assert found["hunt-addresses"] == Exercise(
        at=NOW, kind="hunt", text="a hunt for 7 indicators, 2 found"
    )
    # Names were hunted for in the early one alone: in the late one no names were on record.
    assert found["hunt-names"].at == early.at
    assert "hunt-files" not in found


def test_answers_of_terminals_exercise_a_check(raw: Workspace, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("hostname,site\nth-pc1,th-plant\n")
    rows = '[{"name": "AnyDesk", "version": "7"}]'
    (tmp_path / "log.ndjson").write_text(
        f'{{"name": "programs", "hostIdentifier": "th-pc1", "unixTime": 1772000000, "snapshot": {rows}}}\n'
    )
    take_in(raw, [tmp_path / "list.csv", tmp_path / "log.ndjson"], now=NOW, by="ken")
    found = told(raw)["remote-access"]
    assert (found.kind, found.sites) == ("check", ("th-plant",))
    assert found.text == "answers of terminals: 1, with findings: 1"


def test_a_step_of_a_sub_technique_is_one_of_its_parent_and_the_last_counts() -> None:
    steps = [
        Step(technique=name, at=NOW - timedelta(days=days), text=f"{name} {days}")
        for name, days in (("T1021.002", 3), ("T1021.001", 2), ("T1041", 1), ("T1041", 9))
    ]
    found = stepped(
        [Worked(incident=f"INC-{n}", made=NOW, steps=(step,)) for n, step in enumerate(steps)]
    )
    assert {name: one.text for name, one in found.items()} == {
        "T1021": "T1021.001 2",
        "T1021.001": "T1021.001 2",
        "T1021.002": "T1021.002 3",
        "T1041": "T1041 1",
    }
