from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.fleet.campaigns.asking import (
    AGAIN,
    AT_ONCE,
    MOST_HANDOUTS,
    Live,
    Seen,
    queries_for,
    waiting,
)
from sekisho.fleet.campaigns.course import Course
from sekisho.fleet.campaigns.questions import questions
from sekisho.fleet.campaigns.taking import DENYLISTED, Result, took
from sekisho.model.campaigns import Asked
from sekisho.model.terminals import Campaign, CheckAnswer, Sighting

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
NODE = Seen("node-1", Sighting("pc1"), "th-plant", ("pc1", "10.40.1.1"))


def live(stage: int = 2, state: str = "running", **more: object) -> Live:
    campaign = Campaign("m", ("services", "rdp"), BEGIN, seq=9, queries={"up": "SELECT 1"})
    campaign = replace(campaign, **more)  # type: ignore[arg-type]
    return Live(campaign, Course(state, stage, BEGIN), questions(campaign))  # type: ignore[arg-type]


def test_everything_is_handed_out_at_once_and_then_waits() -> None:
    one = live()
    out = queries_for([one], NODE, {}, BEGIN)
    assert out.queries == {f"sekisho_9_{name}": sql for name, sql in one.questions.sql.items()}
    again = queries_for([one], NODE, out.changed, BEGIN + timedelta(seconds=60))
    assert not again.queries
    assert not again.changed
    assert queries_for([one], NODE, out.changed, BEGIN + AGAIN).queries == out.queries


def test_a_stage_a_site_a_pause_keep_it_back() -> None:
    last = Seen(next(f"n{n}" for n in range(99) if _stage(f"n{n}") == 2), Sighting("pc2"))
    assert not queries_for([live(stage=1)], last, {}, BEGIN).queries
    first = replace(live(stage=0), first={"10.40.1.1"})
    assert queries_for([first], replace(last, names=("10.40.1.1",)), {}, BEGIN).queries
    assert not queries_for([live(sites=("jp-hq",))], NODE, {}, BEGIN).queries
    assert queries_for([live(sites=("th-plant",))], NODE, {}, BEGIN).queries
    for state in ("paused", "ended", "expired"):
        assert not queries_for([live(state=state)], NODE, {}, BEGIN).queries


def _stage(node: str) -> int:
    from sekisho.fleet.campaigns.ramp import stage_of

    return stage_of(9, node, (0.01, 0.1, 1.0))


def test_one_that_reads_and_never_answers_comes_to_an_end() -> None:
    one, kept, now, reads = live(), dict[int, Asked](), BEGIN, 0
    answers: list[CheckAnswer] = []
    for _ in range(500):
        out = queries_for([one], NODE, kept, now)
        kept |= out.changed
        answers += out.answers
        reads += bool(out.queries)
        now += timedelta(minutes=1)
    assert reads == MOST_HANDOUTS
    assert kept[9].done
    assert {(a.check, a.outcome) for a in answers} == {("services", "failed"), ("rdp", "failed")}
    assert all("never answered" in a.reason for a in answers)


def test_a_clock_that_was_set_back_does_not_keep_it_waiting_for_years() -> None:
    asked = Asked(0, {"c_services": 1}, BEGIN)
    assert waiting(asked, BEGIN + timedelta(seconds=1))
    assert not waiting(asked, BEGIN - timedelta(days=400))


def test_more_than_fits_is_handed_out_in_turns() -> None:
    many = live(queries={f"q{n}": "SELECT 1" for n in range(100)})
    first = queries_for([many], NODE, {}, BEGIN)
    assert len(first.queries) <= AT_ONCE
    second = queries_for([many], NODE, first.changed, BEGIN + AGAIN)
    assert len(first.queries | second.queries) == len(many.questions.sql)


answers_of = st.sampled_from(["good", "failed", "denylisted", "half", "nothing"])
move = st.tuples(st.sampled_from(["read", "write", "write again"]), answers_of, st.integers(0, 200))


@settings(max_examples=120, deadline=None)
@given(st.lists(move, max_size=60))
def test_whatever_a_terminal_does_no_question_loops_and_none_is_asked_after_its_answer(
    moves: list[tuple[str, str, int]],
) -> None:
    one, kept, now = live(), dict[int, Asked](), BEGIN
    handed: Mapping[str, str] = {}
    counts: dict[str, int] = {}
    last: dict[str, Result] = {}
    for what, how, minutes in moves:
        now += timedelta(minutes=minutes)
        if what == "read":
            out = queries_for([one], NODE, kept, now)
            kept |= out.changed
            handed = out.queries or handed
            for text in out.queries:
                counts[text] = counts.get(text, 0) + 1
                units = [u for u, names in one.questions.units.items() if text[10:] in names]
                assert any(unit not in kept[9].settled for unit in units)
            continue
        before = kept.get(9)
        if what == "write":
            last = said(handed, how)
        result = took([one], kept, last, now)
        kept |= result.changed
        assert set(last) == result.taken.keys() | result.again | result.refused.keys()
        assert not took([one], kept, last, now).changed
        if before is not None:
            for unit, was in before.settled.items():
                assert was.fate == "gave_up" or kept[9].settled[unit] == was
    assert all(n <= MOST_HANDOUTS for n in counts.values())
    for unit in kept[9].settled if 9 in kept else ():
        assert unit in kept[9].handed


def said(handed: Mapping[str, str], how: str) -> dict[str, Result]:
    if how == "nothing":
        return {}
    texts = list(handed)[::2] if how == "half" else list(handed)
    bad = {"failed": Result(1, "no such table"), "denylisted": Result(1, DENYLISTED)}
    return dict.fromkeys(texts, bad.get(how, Result(0)))


orders = st.permutations(list(live().questions.units))


@settings(max_examples=40, deadline=None)
@given(orders, orders)
def test_answers_come_to_the_same_in_any_order(first: list[str], second: list[str]) -> None:
    one = live()
    handed = queries_for([one], NODE, {}, BEGIN).changed
    ends = []
    for order in (first, second, first + second):
        state = dict(handed)
        for unit in order:
            bad = {"c_rdp": Result(1, "x"), "q_up": Result(1, DENYLISTED)}.get(unit, Result(0))
            texts = [f"sekisho_9_{name}" for name in one.questions.units[unit]]
            state |= took([one], state, dict.fromkeys(texts, bad), BEGIN).changed
        ends.append(state[9])
    assert ends[0] == ends[1] == ends[2]
    assert ends[0].done
    assert {s.fate for s in ends[0].settled.values()} == {"answered", "failed", "denylisted"}


def test_who_has_not_the_tables_is_not_asked_and_it_is_said() -> None:
    one = live(
        checks=("services", "indicators", "patch-age"), queries={"reg": "SELECT 1 FROM registry"}
    )
    out = queries_for([one], replace(NODE, platform="linux"), {}, BEGIN)
    assert set(out.queries) == {"sekisho_9_t_process_open_sockets", "sekisho_9_t_process_files"}
    fates = {unit: (s.fate, s.reason) for unit, s in out.changed[9].settled.items()}
    why = ("not_applicable", "it is linux, and this is asked of windows")
    assert fates == dict.fromkeys(("c_services", "c_patch-age", "q_reg"), why)
    told = {(a.check, a.outcome, a.platform, a.reason) for a in out.answers}
    assert told == {(check, why[0], "linux", why[1]) for check in ("services", "patch-age")}
    again = queries_for([one], replace(NODE, platform="linux"), out.changed, BEGIN + AGAIN)
    assert not again.answers
    assert set(again.queries) == set(out.queries)
    for platform in ("windows", ""):
        everything = queries_for([one], replace(NODE, platform=platform), {}, BEGIN)
        assert len(everything.queries) == len(one.questions.sql)
        assert not everything.answers


def test_nothing_that_applies_is_done_at_once_and_asks_nothing() -> None:
    out = queries_for([live(queries={})], replace(NODE, platform="darwin"), {}, BEGIN)
    assert (out.queries, out.changed[9].done, len(out.answers)) == ({}, True, 2)
    assert not queries_for(
        [live(queries={})], replace(NODE, platform="darwin"), out.changed, BEGIN
    ).changed


def test_a_platform_that_a_person_names_counts() -> None:
    one = live(checks=(), queries={"up": "SELECT 1 FROM uptime"}, platforms={"up": "posix"})
    assert not queries_for([one], replace(NODE, platform="windows"), {}, BEGIN).queries
    assert queries_for([one], replace(NODE, platform="linux"), {}, BEGIN).queries
