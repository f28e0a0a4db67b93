from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.model.nodes import Enrolling, Letter, Lot
from sekisho.model.terminals import CheckAnswer, Sighting
from sekisho.state.state import State

AT = datetime(2026, 3, 1, tzinfo=UTC)
WHO = Sighting("pc1", uuid="4c4c4544-0042-3510-8052-b4c04f564433")


@pytest.fixture
def state(where: str | Path) -> Iterator[State]:
    with State.open(where) as found:
        with found.nodes().batch() as batch:
            one = Enrolling("a", WHO, "pc1", "5.12", "10.1.0.5", "s", "k")
            batch.enrol([(one, "S-1")], {}, AT, 9)
            batch.post([Letter(1, "answers", str(n), b"body") for n in range(3)], AT)
        yield found


def answer(at: datetime, outcome: str = "clean") -> CheckAnswer:
    assert outcome in ("clean", "failed")
    return CheckAnswer("id", "osquery", WHO, "services", "clean", at, at)


def test_a_node_is_what_it_said(state: State) -> None:
    (node,) = state.nodes().nodes()
    assert (node.who, node.identifier, node.version, node.secret) == (WHO, "pc1", "5.12", "S-1")
    assert (node.first, node.enrolled, node.seen, node.enrolments) == (AT, AT, AT, 1)
    assert state.nodes().of([node.id, 99]) == {node.id: node}


def test_keys_that_are_valid_are_listed_the_newest_at_the_end(state: State) -> None:
    store = state.nodes()
    with store.batch() as batch:
        again = Enrolling("a", WHO, "pc1", "5.12", "10.1.0.5", "s", "k2")
        other = Enrolling("b", WHO, "pc2", "5.12", "10.1.0.6", "s", "k3")
        batch.enrol([(again, "S-1")], {"a": 1}, AT + timedelta(hours=2), 9)
        batch.enrol([(other, "S-1")], {}, AT + timedelta(hours=3), 9)
    assert store.keys(9) == ("k2", "k3")
    assert store.keys(1) == ("k3",)


def test_what_came_of_letters_counts_at_once(state: State) -> None:
    store = state.nodes()
    first, second, third = (one.id for one in store.letters(9))
    lot = Lot("day=2026-03-01/a.parquet", 5, AT)
    store.settle(
        judged=[first],
        held=[second],
        answers=[answer(AT)],
        lots=[lot],
        refused=[(1, "wrong_shape", 2, "words")],
        now=AT,
    )
    assert [one.id for one in store.letters(9)] == [third]
    assert [one.id for one in store.held([1])] == [second]
    assert store.held([]) == store.held([2]) == ()
    assert store.lots() == (lot,)
    assert [r.count for r in store.refusals()] == [2]
    assert len(state.fleet().answers()) == 1
    counts = store.counts(AT)
    assert (counts.waiting, counts.held, counts.oldest, counts.nodes, counts.fresh) == (1, 1, AT, 1, 1)
    assert store.counts(AT + timedelta(seconds=1)).fresh == 0


def test_the_same_answer_again_moves_its_time_and_is_no_second_one(state: State) -> None:
    store, later = state.nodes(), AT + timedelta(hours=1)
    for at in (AT, later):
        store.settle(judged=[], held=[], answers=[answer(at)], lots=[], now=at)
    (one,) = state.fleet().answers()
    assert one.at == later


def test_nothing_counts_where_a_part_of_it_fails(state: State) -> None:
    store = state.nodes()
    lot = Lot("same", 1, AT)
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        store.settle(judged=[1, 2, 3], held=[], answers=[answer(AT)], lots=[lot, lot], now=AT)
    assert len(store.letters(9)) == 3
    assert state.fleet().answers() == ()


def test_what_waited_in_vain_is_let_go(state: State) -> None:
    store = state.nodes()
    ids = [one.id for one in store.letters(9)]
    store.settle(judged=[], held=ids[:1], answers=[], lots=[], now=AT)
    store.forget(AT)
    assert len(store.held([1])) == 1
    store.forget(AT + timedelta(seconds=1))
    assert store.held([1]) == ()
    # What nobody has judged stays, however old.
    assert [one.id for one in store.letters(9)] == ids[1:]
    with store.batch() as batch:
        assert batch.post([Letter(1, "answers", "0", b"body")], AT) == 1
