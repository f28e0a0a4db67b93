from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.fleet.states import AWAY, stand, tally
from sekisho.model.terminals import (
    SERVED,
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


def test_who_is_heard_is_in_progress_and_who_is_not_any_more_offline() -> None:
    def seen(at: datetime, *answers: CheckAnswer, decisions: tuple[TerminalDecision, ...] = ()) -> str:
        return stand(CAMPAIGN, answers, decisions, NOW, at).state

    assert seen(NOW) == seen(NOW - AWAY) == "in_progress"
    assert seen(NOW - AWAY - timedelta(seconds=1)) == "offline"
    gone = stand(CAMPAIGN, [said("services", "clean", -5)], [], NOW, NOW - timedelta(days=1))
    assert (gone.state, gone.since) == ("offline", NOW - timedelta(days=1))
    partly = stand(CAMPAIGN, [said("services", "clean", 1)], [], NOW, NOW - timedelta(days=1))
    assert (partly.state, partly.why) == (
        "in_progress",
        "1 of 2 checks answered; last heard 2026-03-10 00:00 UTC",
    )
    # Heard only before it was set up anew, nothing was heard of it since.
    anew = (decided(1, "rebuilt", 9),)
    assert seen(NOW - timedelta(days=2), decisions=anew) == "rebuilt"
    assert seen(NOW, decisions=anew) == "in_progress"
    # What was heard after the time that is asked about, is not known at it.
    assert seen(NOW + timedelta(days=1)) == "never_enrolled"
    assert seen(NOW, said("services", "clean", 1), said("run-keys", "clean", 1)) == "checked_clean"


def test_what_is_open_is_named() -> None:
    found = stand(CAMPAIGN, [said("services", "clean", 1)], [], NOW)
    assert (found.open, found.why) == (("run-keys",), "1 of 2 checks answered")


def apart(check: str, platform: str, day: float = 1) -> CheckAnswer:
    return replace(said(check, "not_applicable", day), platform=platform)


def test_what_does_not_apply_is_neither_failed_nor_clean_by_itself() -> None:
    clean, linux = said("services", "clean", 1), apart("run-keys", "linux")
    found = stand(CAMPAIGN, [clean, linux], [], NOW, platform="linux")
    assert (found.state, found.why) == (
        "checked_clean",
        "1 of 2 checks answered, none found anything; 1 not applicable to linux",
    )
    nothing = [apart("services", "linux"), linux]
    found = stand(CAMPAIGN, nothing, [], NOW, platform="linux")
    assert (found.state, found.open) == ("in_progress", ())
    assert found.why == "0 of 2 checks answered; 2 not applicable to linux: check it by hand"
    assert stand(CAMPAIGN, nothing, [decided(1, "checked", 2)], NOW, platform="linux").state == (
        "checked_manually"
    )
    bad = [said("services", "findings", 1), linux]
    assert stand(CAMPAIGN, bad, [], NOW, platform="linux").state == "checked_findings"


def test_what_only_a_machine_says_of_itself_never_makes_it_clean() -> None:
    clean = said("services", "clean", 1)
    for answer, platform, words in (
        (apart("run-keys", ""), "", "by its osquery's answers alone"),
        (apart("run-keys", ""), "linux", "by its osquery's answers alone"),
        (apart("run-keys", "linux"), "", "others say otherwise"),
        (apart("run-keys", "linux"), "windows", "others say otherwise"),
    ):
        found = stand(CAMPAIGN, [clean, answer], [], NOW, platform=platform)
        assert (found.state, words in found.why) == ("in_progress", True), found


def test_what_was_answered_is_not_undone_by_another_platform() -> None:
    both = [said("services", "findings", 1), said("run-keys", "clean", 1)]
    later = [apart("services", "linux", 3), apart("run-keys", "linux", 3)]
    found = stand(CAMPAIGN, both + later, [], NOW, platform="linux")
    assert (found.state, {a.outcome for a in found.answers.values()}) == (
        "checked_findings",
        {"findings", "clean"},
    )


def test_clean_holds_for_what_was_looked_at_and_says_so() -> None:
    campaign = replace(CAMPAIGN, checks=("indicators",))

    def looked(outcome: Outcome, day: float, *kinds: str) -> CheckAnswer:
        one = said("indicators", outcome, day)
        return replace(one, looked=kinds, reason=f"looked at {', '.join(kinds)}; not at files")

    found = stand(campaign, [looked("clean", 1, "sockets")], [], NOW)
    assert (found.state, found.why) == (
        "checked_clean",
        "all 1 checks answered, none found anything; indicators looked at sockets; not at files",
    )
    earlier = looked("findings", 1, "sockets", "processes")
    assert (
        stand(campaign, [earlier, looked("clean", 2, "sockets")], [], NOW).state == "checked_findings"
    )
    both = [earlier, looked("clean", 2, "processes", "sockets")]
    assert stand(campaign, both, [], NOW).state == "checked_clean"


ANSWERS = st.lists(
    st.builds(
        said,
        st.sampled_from(["services", "run-keys", "other"]),
        st.sampled_from(["clean", "findings", "failed", "not_applicable"]),
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

SEEN = st.sampled_from([None, -9.0, 1.0, 9.999, 10.0, 20.0]).map(
    lambda day: None if day is None else BEGIN + timedelta(days=day)
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(ANSWERS, DECISIONS, SEEN), max_size=6), st.randoms(use_true_random=False))
def test_states_add_up_in_any_order_and_with_repeats(
    fleet: list[tuple[list[CheckAnswer], list[TerminalDecision], datetime | None]],
    chance: random.Random,
) -> None:
    standings = []
    for answers, decisions, seen in fleet:
        first = stand(CAMPAIGN, answers, decisions, NOW, seen)
        more, again = answers + answers[:2], decisions + decisions[:2]
        chance.shuffle(more)
        chance.shuffle(again)
        assert stand(CAMPAIGN, more, again, NOW, seen) == first
        assert first.why
        assert first.state in ("excluded", "never_enrolled") or first.since is not None
        if first.state == "checked_clean":
            assert {a.check for a in answers if a.outcome != "failed"} >= set(CAMPAIGN.checks)
        standings.append(first)
    counts = tally(standings)
    assert sum(counts.values()) == len(fleet)
    assert tuple(counts) == STATES


def test_what_is_asked_here_answers_anew_by_the_last_asking() -> None:
    campaign = Campaign("c", ("sigma", "services"))

    def answered(check: str, outcome: Outcome, received: datetime) -> CheckAnswer:
        who = Sighting("pc-1")
        return CheckAnswer(f"{check}{received}", "i", who, check, outcome, received, BEGIN)

    later = BEGIN + timedelta(days=1)
    answers = [
        answered("sigma", "findings", BEGIN + timedelta(hours=1)),
        answered("sigma", "clean", later),
        answered("services", "findings", BEGIN + timedelta(hours=1)),
        answered("services", "clean", later),
    ]
    standing = stand(campaign, answers, (), later)
    assert standing.answers["sigma"].outcome == "clean"
    # Of others the worse of two of one time counts, whichever came last.
    assert standing.answers["services"].outcome == "findings"


def served(check: str, outcome: Outcome, day: float, name: str = "pc1") -> CheckAnswer:
    who = Sighting(name, uuid="4c4c4544-0042-3510-8052-b4c04f564433")
    at = BEGIN + timedelta(days=day)
    return CheckAnswer(f"{name}{check}{outcome}{day}", SERVED, who, check, outcome, at, reason="why")


def test_who_claims_to_be_a_machine_does_not_take_its_findings_away() -> None:
    found = served("services", "findings", 1)
    rest = [served("run-keys", "clean", 1)]
    claimed = [served(check, "clean", 2, "attacker") for check in CAMPAIGN.checks]
    assert state([found, *rest, *claimed]) == "checked_findings"
    # Failing in its name hides nothing either.
    assert state([found, *rest, served("services", "failed", 3, "attacker")]) == "checked_findings"
    # The machine itself answers anew, by whichever spelling of its name; or its files are brought.
    assert state([found, *rest, *claimed, served("services", "clean", 3)]) == "checked_clean"
    assert state([found, *rest, served("services", "clean", 3, "PC1.corp.example")]) == "checked_clean"
    assert state([found, *rest, said("services", "clean", 3)]) == "checked_clean"
    assert state([found, *rest, *claimed], [decided(1, "rebuilt", 1.5)]) == "checked_clean"


def test_nobody_is_clean_of_whom_it_is_not_known_who_answers() -> None:
    both = [served("services", "clean", 1), served("run-keys", "clean", 1)]

    def doubted(day: float, *decisions: TerminalDecision, answers: list[CheckAnswer] = both) -> str:
        doubt = BEGIN + timedelta(days=day), "two keys"
        return stand(CAMPAIGN, answers, decisions, NOW, NOW, AWAY, doubt).state

    assert doubted(2) == "check_failed"
    assert doubted(-1) == "checked_clean"
    assert doubted(2, decided(1, "checked", 3)) == "checked_manually"
    assert doubted(2, answers=[]) == "in_progress"
    assert doubted(2, answers=[*both, served("services", "findings", 3)]) == "checked_findings"
    why = stand(CAMPAIGN, both, (), NOW, NOW, AWAY, (BEGIN + timedelta(days=2), "two keys")).why
    assert why == "two machines answer as this one: two keys"
