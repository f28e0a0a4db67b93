from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sekisho.state.records import AlertAnswer, Event, Maintenance
from sekisho.watch.people import answers, people, window

AT = datetime(2024, 3, 4, 10, tzinfo=UTC)


class Decided:
    def __init__(self, *events: Event) -> None:
        self._events = events

    def events(self) -> tuple[Event, ...]:
        return self._events

    def answers(self) -> tuple[AlertAnswer, ...]:
        return ()

    def maintenance(self) -> tuple[Maintenance, ...]:
        scope = {"links": ["jp-hq <-> *"], "sites": ["th-plant"]}
        never = Maintenance(2, "M-2", AT, AT, "aiko", "ended before it began", {})
        return (Maintenance(1, "M-1", AT, AT + timedelta(hours=1), "aiko", "x", scope), never)


def test_only_what_is_accepted_or_right_is_excused() -> None:
    found = people(
        Decided(
            Event(1, "F-1", "accept", "aiko", AT, "known", AT + timedelta(days=1)),
            Event(2, "F-2", "false_positive", "aiko", AT),
            Event(3, "F-3", "close", "aiko", AT),
            Event(4, "F-4", "assign", "aiko", AT, assignee="ken"),
        ),
        AT,
    )
    assert [found.excused(f"F-{n}") for n in range(1, 6)] == [True, True, False, False, False]
    assert [w.name for w in found.windows] == ["M-1"]


def test_an_acceptance_runs_out() -> None:
    decided = Decided(Event(1, "F-1", "accept", "aiko", AT, "known", AT + timedelta(days=1)))
    assert not people(decided, AT + timedelta(days=1)).excused("F-1")


def test_the_last_answer_holds_until_it_is_taken_back() -> None:
    given = [
        AlertAnswer(1, "A-1", "snooze", "aiko", AT, "later", AT + timedelta(hours=1)),
        AlertAnswer(2, "A-1", "acknowledge", "ken", AT, "known"),
        AlertAnswer(3, "A-2", "acknowledge", "ken", AT, "known"),
        AlertAnswer(4, "A-2", "reopen", "ken", AT),
    ]
    found = answers(given)
    assert found["A-2"] is None
    last = found["A-1"]
    assert last is not None
    assert (last.action, last.by, last.seq) == ("acknowledge", "ken", 2)


def test_links_are_written_with_an_arrow_both_ways() -> None:
    kept = Decided().maintenance()[0]
    assert window(kept).links == (("jp-hq", "*"),)
