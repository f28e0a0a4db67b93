from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.fleet.states import stand, tally
from sekisho.model.terminals import (
    STATES,
    Campaign,
    CheckAnswer,
    FleetAction,
    Outcome,
    Sighting,
    TerminalDecision,
)

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
NOW = BEGIN + timedelta(days=10)
CAMPAIGN = Campaign("march", ("services", "run-keys"), BEGIN)


def said(check: str, outcome: Outcome, day: float) -> CheckAnswer:
    at = BEGIN + timedelta(days=day)
    return CheckAnswer(f"{check}{outcome}{day}", "f", Sighting("pc1"), check, outcome, at, reason="why")


def decided(seq: int, action: FleetAction, day: float, until: float | None = None) -> TerminalDecision:
    end = None if until is None else BEGIN + timedelta(days=until)
    return TerminalDecision(
        seq, "t", action, "ken", BEGIN + timedelta(days=day), "reason", end, {"evidence": "ab"}
    )


def state(answers: list[CheckAnswer], decisions: list[TerminalDecision] | None = None) -> str:
    return stand(CAMPAIGN, answers, decisions or [], NOW).state


def test_each_state_comes_about() -> None:
    both = [said("services", "clean", 1), said("run-keys", "clean", 1)]
    assert state([]) == "never_enrolled"
    assert state([said("services", "clean", -5)]) == "offline"
    assert state(both[:1]) == "in_progress"
    assert state(both) == "checked_clean"
    assert state([both[0], said("run-keys", "findings", 2)]) == "checked_findings"
    assert state([both[0], said("run-keys", "failed", 2)]) == "check_failed"
    assert state([], [decided(1, "checked", 1)]) == "checked_manually"
    assert state(both, [decided(1, "exclude", 1)]) == "excluded"
    assert state(both, [decided(1, "rebuilt", 2)]) == "rebuilt"


def test_the_newest_answer_counts_and_another_machine_is_not_asked() -> None:
    answers = [
        said("services", "findings", 1),
        said("run-keys", "clean", 1),
        said("services", "clean", 2),
    ]
    assert state(answers) == "checked_clean"
    assert state([*answers, said("other", "findings", 3)]) == "checked_clean"


def test_a_finding_is_not_checked_away_by_hand() -> None:
    found = [said("services", "findings", 1)]
    assert state(found, [decided(1, "checked", 2)]) == "checked_findings"
    assert state(found, [decided(1, "rebuilt", 2), decided(2, "checked", 3)]) == "checked_manually"


def test_an_exclusion_ends() -> None:
    assert state([], [decided(1, "exclude", 1, until=9)]) == "never_enrolled"
    assert state([], [decided(1, "exclude", 1, until=11)]) == "excluded"
    assert state([], [decided(1, "exclude", 1), decided(2, "include", 2)]) == "never_enrolled"


def test_a_check_by_hand_before_the_campaign_does_not_count() -> None:
    assert state([], [decided(1, "checked", -1)]) == "never_enrolled"


def test_what_is_open_is_named() -> None:
    found = stand(CAMPAIGN, [said("services", "clean", 1)], [], NOW)
    assert (found.open, found.why) == (("run-keys",), "1 of 2 checks answered")


ANSWERS = st.lists(
    st.builds(
        said,
        st.sampled_from(["services", "run-keys", "other"]),
        st.sampled_from(["clean", "findings", "failed"]),
        st.sampled_from([-3, 1, 2, 3, 20]),
    ),
    max_size=6,
)
DECISIONS = st.lists(
    st.tuples(
        st.sampled_from(["exclude", "include", "checked", "rebuilt"]),
        st.sampled_from([-1, 2, 4]),
        st.sampled_from([None, 5, 30]),
    ),
    max_size=4,
).map(lambda rows: [decided(n, action, day, until) for n, (action, day, until) in enumerate(rows)])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(ANSWERS, DECISIONS), max_size=6), st.randoms(use_true_random=False))
def test_states_add_up_in_any_order_and_with_repeats(
    fleet: list[tuple[list[CheckAnswer], list[TerminalDecision]]], chance: random.Random
) -> None:
    standings = []
    for answers, decisions in fleet:
        first = stand(CAMPAIGN, answers, decisions, NOW)
        more, again = answers + answers[:2], decisions + decisions[:2]
        chance.shuffle(more)
        chance.shuffle(again)
        assert stand(CAMPAIGN, more, again, NOW) == first
        assert first.why
        assert first.state in ("excluded", "never_enrolled") or first.since is not None
        if first.state == "checked_clean":
            assert {a.check for a in answers if a.outcome != "failed"} >= set(CAMPAIGN.checks)
        standings.append(first)
    counts = tally(standings)
    assert sum(counts.values()) == len(fleet)
    assert tuple(counts) == STATES
