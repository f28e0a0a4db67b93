from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sekisho.app.checking.judge import Judge, judging
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.model.nodes import Enrolling, Letter
from sekisho.model.terminals import Sighting

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BAD = {"name": "evil", "path": "C:\\Users\\Public\\x.exe"}


@pytest.fixture
def decisions(workspace: Workspace) -> Iterator[Decisions]:
    with open_decisions(workspace) as found:
        with found.state.nodes().batch() as batch:
            one = Enrolling("a", Sighting("pc1"), "pc1", "5.12", "10.1.0.5", "s", "k")
            batch.enrol([(one, "S-1")], {}, NOW, 9)
            batch.post([letter(n) for n in range(3)], NOW)
        yield found


def letter(number: int) -> Letter:
    rows = {"t_services": {"status": 0, "message": "", "rows": [BAD | {"name": f"evil {number}"}]}}
    content = json.dumps({"campaign": 3, "questions": rows}).encode()
    return Letter(1, "answers", str(number), zlib.compress(content))


class Killed(Exception):
    pass


def killed_at(deadly: str) -> object:
    def step(name: str) -> None:
        if name == deadly:
            raise Killed

    return step


def rows(workspace: Workspace, decisions: Decisions) -> list[str]:
    folder = workspace.lake / "results"
    found = []
    for lot in decisions.state.nodes().lots():
        table = pq.read_table(folder / lot.path)
        found += [dict(row["columns"])["name"] for row in table.to_pylist()]
    return sorted(found)


@pytest.mark.parametrize("deadly", ["written", "settled", "nowhere"])
def test_letters_are_judged_once_wherever_it_ends(
    workspace: Workspace, decisions: Decisions, deadly: str
) -> None:
    workspace.lake.mkdir(parents=True)
    first = Judge(workspace, decisions.state, now=lambda: NOW, steps=killed_at(deadly))  # type: ignore[arg-type]
    try:
        first.turn()
    except Killed:
        assert deadly != "nowhere"
    again = Judge(workspace, decisions.state, now=lambda: NOW)
    assert again.begin() == (deadly == "written")
    assert again.turn() == (3 if deadly == "written" else 0)
    assert rows(workspace, decisions) == ["evil 0", "evil 1", "evil 2"]
    assert len(list((workspace.lake / "results").rglob("*.parquet"))) == 1
    assert decisions.state.nodes().letters(9) == ()
    # Three answers to one check by one machine: the newest is the one that stands.
    (answer,) = decisions.state.fleet().answers()
    assert (answer.check, answer.outcome) == ("services", "findings")
    assert "evil 2" in answer.findings[0]


@pytest.mark.parametrize("deadly", ["merged", "nowhere"])
def test_small_files_are_merged_and_each_row_counts_once(
    workspace: Workspace, decisions: Decisions, deadly: str
) -> None:
    store = decisions.state.nodes()
    workspace.lake.mkdir(parents=True)
    judge = Judge(workspace, decisions.state, now=lambda: NOW, steps=killed_at(deadly))  # type: ignore[arg-type]
    judge.turn()
    for n in range(10, 20):
        with store.batch() as batch:
            batch.post([letter(n)], NOW)
        judge.turn()
    before = rows(workspace, decisions)
    assert len(store.lots()) == 11
    try:
        assert judge.tidy() == 11
    except Killed:
        assert deadly == "merged"
        assert len(store.lots()) == 11
    else:
        assert len(store.lots()) == 1
        assert judge.tidy() == 0
    assert rows(workspace, decisions) == before
    assert judge.begin() == (1 if deadly == "merged" else 0)
    files = list((workspace.lake / "results").rglob("*.parquet"))
    assert len(files) == len(store.lots())
    assert rows(workspace, decisions) == before


def test_it_runs_until_it_is_told_to_stop(
    workspace: Workspace, decisions: Decisions, tmp_path: Path
) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=judging, args=(workspace, stop, lambda: NOW))
    thread.start()
    wait = threading.Event()
    for _ in range(300):
        if not decisions.state.nodes().letters(9):
            break
        wait.wait(0.1)
    stop.set()
    thread.join()
    assert len(rows(workspace, decisions)) == 3
    assert (workspace.lake / "VERSION").is_file()


def test_what_is_done_beside_and_fails_holds_up_no_judging(
    workspace: Workspace, decisions: Decisions
) -> None:
    stop, wait = threading.Event(), threading.Event()

    def also() -> None:
        raise RequestError("the register cannot be read")

    judge = Judge(workspace, decisions.state, now=lambda: NOW)
    thread = threading.Thread(target=judge.run, args=(stop, also))
    thread.start()
    for _ in range(100):
        if not decisions.state.nodes().letters(9):
            break
        wait.wait(0.1)
    stop.set()
    thread.join()
    assert len(rows(workspace, decisions)) == 3
