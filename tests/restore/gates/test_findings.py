from __future__ import annotations

from tests.restore.conftest import Found, Make

from sekisho.model.findings import Life
from sekisho.restore.gates.findings import SHOWN, FindingsGate


def test_open_findings_close_it(subject: Make, finding: Found) -> None:
    one = finding()
    answer = FindingsGate().judge(subject(findings=(one,)))
    assert (answer.verdict, answer.why) == ("closed", "1 of 1 findings are open")
    assert answer.evidence[0].startswith(f"{one.id} ")
    many = FindingsGate().judge(subject(findings=(one,) * (SHOWN + 2)))
    assert many.evidence[-1] == "and 2 more"


def test_what_somebody_closed_or_accepted_is_named(subject: Make, finding: Found) -> None:
    life = Life(status="accepted", who="ken", why="known vendor")
    answer = FindingsGate().judge(subject(findings=(finding(life=life),)))
    assert answer.verdict == "open"
    assert "accepted by ken: known vendor" in answer.evidence[0]


def test_nothing_recorded_is_another_answer_than_nothing_found(subject: Make) -> None:
    assert FindingsGate().judge(subject()).verdict == "open"
    assert FindingsGate().judge(subject(findings=None)).verdict == "unknown"
    assert FindingsGate().judge(subject(coverage=None)).verdict == "unknown"
