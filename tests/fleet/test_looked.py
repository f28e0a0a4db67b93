from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sekisho.fleet.looked import counting, told
from sekisho.model.terminals import CheckAnswer, Outcome, Sighting

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
EVERY = ("sockets", "DNS names", "processes", "files")


def said(outcome: Outcome, hours: int, *looked: str) -> CheckAnswer:
    at = BEGIN + timedelta(hours=hours)
    return CheckAnswer(f"{hours}", "f", Sighting("pc1"), "indicators", outcome, at, looked=looked)


def test_what_was_not_looked_at_is_told() -> None:
    assert told({"files", "sockets"}, EVERY) == "looked at sockets, files; not at DNS names, processes"
    assert told(EVERY, EVERY) == "looked at sockets, DNS names, processes, files"
    assert told((), EVERY) == "looked at nothing; not at sockets, DNS names, processes, files"


def test_who_looked_elsewhere_takes_no_finding_away() -> None:
    found = said("findings", 1, "sockets", "processes")
    sockets, processes = said("clean", 2, "sockets"), said("clean", 3, "processes")
    assert counting([found, sockets]) is found
    assert counting([found, sockets, processes]) is processes
    assert counting([found, said("failed", 2)]) is found
    whole = said("clean", 2, *EVERY)
    assert counting([found, whole]) is whole


def test_checks_that_do_not_say_are_left_alone() -> None:
    assert counting([]) is None
    assert counting([said("findings", 1), said("clean", 2)]) is None
