from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sekisho.model.rules import Rule
from sekisho.model.validity import ALWAYS, Validity
from sekisho.model.verdicts import Rank
from sekisho.policy.timeline import Piece, effective, exists, known, rule_points, timeline

T = [datetime(2024, month, 1, tzinfo=UTC) for month in range(1, 7)]
moments = st.one_of(st.none(), st.sampled_from(T))
spans = st.tuples(moments, moments).filter(
    lambda pair: pair[0] is None or pair[1] is None or pair[0] < pair[1]
)
rules = st.builds(
    lambda span, recorded, state: rule(Validity(*span), recorded, state),
    spans, moments, st.sampled_from(["active", "active", "proposed"]),
)  # fmt: skip


def rule(validity: Validity = ALWAYS, recorded: datetime | None = None, state: str = "active") -> Rule:
    return Rule("R", (), (), (), validity=validity, recorded=recorded, state=state)  # type: ignore[arg-type]


def test_a_retroactive_rule_begins_when_it_was_recorded() -> None:
    late = rule(Validity(T[0], T[4]), T[2])
    assert effective(late) == Validity(T[2], T[4])
    assert not known(late, T[1])
    assert known(late, T[2])
    assert timeline([late]) == (
        Piece(None, T[2], Rank.UNAUTHORIZED),
        Piece(T[2], T[4], Rank.AUTHORIZED),
        Piece(T[4], None, Rank.LAPSED),
    )


def test_one_recorded_after_its_end_never_counts() -> None:
    late = rule(Validity(T[0], T[1]), T[1])
    assert not exists(late)
    assert effective(late) is None
    assert timeline([late]) == (Piece(None, None, Rank.UNAUTHORIZED),)


def test_a_proposed_one_authorises_nothing() -> None:
    assert effective(rule(state="proposed")) is None
    assert timeline([rule(state="proposed")]) == (Piece(None, None, Rank.UNAUTHORIZED),)
    assert rule_points([rule(Validity(T[0], T[1]), state="proposed")]) == ()


@given(st.lists(rules, max_size=4))
def test_pieces_follow_each_other_and_say_what_each_rule_says(found: list[Rule]) -> None:
    pieces = timeline(found)
    assert (pieces[0].begin, pieces[-1].end) == (None, None)
    assert all(a.end == b.begin and a.rank != b.rank for a, b in pairwise(pieces))
    for at in [t + step for t in T for step in (-timedelta(microseconds=1), timedelta(0))]:
        piece = next(p for p in pieces if (not p.begin or p.begin <= at) and (not p.end or at < p.end))
        counted = [r for r in found if known(r, at)]
        expected = Rank.LAPSED if counted else Rank.UNAUTHORIZED
        if any(r.validity.holds(at) for r in counted):
            expected = Rank.AUTHORIZED
        assert piece.rank is expected
