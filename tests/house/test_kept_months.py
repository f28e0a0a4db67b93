"""A measurement of chains that was broken off goes on where it was, and never mixes figures of two versions."""

from datetime import UTC, datetime
from pathlib import Path

from benchmarks.chains.kept import Kept, Month, Task
from benchmarks.chains.score import Left, Score, score
from benchmarks.chains.tables import asked, leaving, proportion, quiet
from benchmarks.chains.truth import Kind, TrueChain, TrueLeaving

from sekisho.audit.coverage import Coverage
from sekisho.investigate.run import Investigation
from sekisho.model.incidents import Leaving, LeavingState, Scope

TASKS = [Task("attacked", 1), Task("quiet", 2), Task("attacked", 1, "policy")]


def chain(kind: Kind = Kind.STAGED, *, ordered: int = 5, entry: int = 1) -> Score:
    left = (Left(100, 90, 112),)
    return Score(
        kind, 5, ordered, 5, ordered, 0, ordered, entry, 12.0, bounded=False, leaving=left, seconds=2.0
    )


def measured(task: Task, code: str) -> Month:
    return Month(task, code, scores=(chain(),), days=31)


def test_what_is_measured_is_not_measured_again(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "months.jsonl", 1)
    assert list(kept.measure(TASKS[:2], measured)) == [(1, 2), (2, 2)]
    assert list(kept.measure(TASKS, measured)) == [(3, 3)]
    assert list(kept.measure(TASKS, measured)) == []
    months = Kept(tmp_path / "months.jsonl", 1).months(TASKS)
    assert [month.task for month in months] == TASKS
    assert months[0].scores == (chain(),)


def test_a_line_that_was_being_written_when_it_was_broken_off_is_measured_again(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "months.jsonl", 1)
    list(kept.measure(TASKS[:2], measured))
    whole = kept.path.read_bytes()
    kept.path.write_bytes(whole[:-20])
    assert len(kept.months(TASKS)) == 1
    list(kept.measure(TASKS[:2], measured))
    assert sorted(kept.path.read_bytes().splitlines()) == sorted(whole.splitlines())


def test_months_of_other_code_do_not_count(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "months.jsonl", 1)
    list(kept.measure(TASKS[:1], measured))
    kept.path.write_bytes(kept.path.read_bytes().replace(kept.code.encode(), b"f" * 12))
    assert kept.months(TASKS) == []


def test_what_is_asked_is_met_or_missed_with_its_interval() -> None:
    scores = [chain() for _ in range(19)] + [
        chain(ordered=3, entry=2),
        chain(Kind.PERMITTED, ordered=0),
    ]
    told = asked(scores, days=31, alarms=2)
    assert "| 80 % of hops in order, of chains | 95% | 95 % (76% to 99%) | met |" in told
    assert "| bytes that left within a tenth | 100% | 100 % (85% to 100%) | met |" in told
    assert "| false chains a day | at most 1 | 0.06 | met |" in told
    assert "missed" in asked([*scores, chain(ordered=3)], days=31, alarms=60)
    assert quiet(0, 0, 0).startswith("Months without an attack were not measured")
    assert proportion(0, 0) == "-"


def left_by(state: LeavingState, recorded: int) -> Score:
    chain = TrueChain(
        Kind.EXFILTRATION, 0, "a", leaving=[TrueLeaving("a", "203.0.113.9", 100, recorded)]
    )
    at = datetime(2020, 6, 4, tzinfo=UTC)
    said = Leaving(
        address="10.1.0.1", site="s", state=state, since=at, sensors=(), watched=0, unwatched=9, why=""
    )
    nothing = Coverage({}, 0, 0)
    found = Investigation(
        (), None, None, (), (), Scope(), (), (), (None, None), nothing, leaving=(said,)
    )
    return score(chain, found, {("", "10.1.0.1"): "a"}, 1.0)


def test_what_no_sensor_recorded_counts_as_missed_and_is_told_apart() -> None:
    told, silent = left_by("no_coverage", 0), left_by("no_evidence", 0)
    assert [one.leaving for one in (told, silent)] == [
        (Left(0, None, None, unseen=True),),
        (Left(0, None, None),),
    ]
    scores = [chain(), chain(), told, silent]
    text = asked(scores, days=31, alarms=0)
    assert "| bytes that left within a tenth | 100% | 50 %" in text
    assert "| the same of what is on record | 100% | 100 % (34% to 100%) | met |" in text
    assert "No sensor recorded anything of 2: of 1 of their hosts" in leaving(scores)
