from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.model.nodes import Enrolling, Letter
from sekisho.model.terminals import Sighting
from sekisho.state.nodes import NodeStore
from sekisho.state.state import State

AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def store(where: str | Path) -> Iterator[NodeStore]:
    with State.open(where) as state:
        yield state.nodes()


def enrol(store: NodeStore, *names: str, key: str = "", at: datetime = AT, most: int = 9) -> list[bool]:
    asking = [
        (Enrolling(name, Sighting(name), name, "5", "10.1.0.5", "s", f"{name}{key}"), "S-1")
        for name in names
    ]
    with store.batch() as batch:
        _, known = batch.callers([], names)
        found = batch.enrol(asking, known, at, most)
    return [found[f"{name}{key}"][1] for name in names]


def test_a_machine_is_one_node_and_its_keys_follow_each_other(store: NodeStore) -> None:
    assert enrol(store, "b", "a", key="1") == [True, True]
    assert enrol(store, "a", key="2", at=AT + timedelta(minutes=1)) == [True]
    with store.batch() as batch:
        callers, known = batch.callers(["a1", "a2", "b1", "c"], ["a", "z"])
        assert {key: c.ended for key, c in callers.items()} == {"a1": "replaced", "a2": "", "b1": ""}
        assert callers["a1"].node == callers["a2"].node == known["a"]
        assert "z" not in known
        batch.end_keys([callers["a2"].node], "two_hosts", AT)
    with store.batch() as batch:
        callers, _ = batch.callers(["a1", "a2"])
        assert {c.ended for c in callers.values()} == {"replaced", "two_hosts"}


def test_the_same_machine_twice_at_once_is_one_node_with_one_key(store: NodeStore) -> None:
    one = Enrolling("a", Sighting("a"), "a", "5", "10.1.0.5", "s", "k1")
    two = Enrolling("a", Sighting("a"), "a", "5", "10.1.0.5", "s", "k2")
    with store.batch() as batch:
        found = batch.enrol([(one, "S-1"), (two, "S-1")], {}, AT, 9)
    assert found["k1"][0] == found["k2"][0]
    with store.batch() as batch:
        callers, _ = batch.callers(["k1", "k2"])
    assert sorted(c.ended for c in callers.values()) == ["", "replaced"]


def test_enrolments_of_an_hour_are_bounded(store: NodeStore) -> None:
    found = [enrol(store, "a", key=str(n), most=3)[0] for n in range(4)]
    assert found == [True, True, True, False]
    assert enrol(store, "a", key="later", at=AT + timedelta(hours=1), most=3) == [True]


def test_what_a_node_delivers_is_kept_once(store: NodeStore) -> None:
    enrol(store, "a", "b")
    letters = [
        Letter(1, "result", "x", b"1"),
        Letter(1, "result", "x", b"1"),
        Letter(2, "result", "x", b"2"),
    ]
    with store.batch() as batch:
        assert batch.post(letters, AT) == 2
        assert batch.post([*letters, Letter(1, "result", "y", b"3")], AT) == 1
    assert [(one.node, one.body) for one in store.letters(9)] == [(1, b"1"), (2, b"2"), (1, b"3")]


def test_an_address_with_one_node_says_whose_it_is(store: NodeStore) -> None:
    enrol(store, "a")
    with store.batch() as batch:
        assert batch.alone_at(["10.1.0.5", "10.1.0.6"]) == {"10.1.0.5": 1}
    enrol(store, "b")
    with store.batch() as batch:
        assert batch.alone_at(["10.1.0.5"]) == {}


def test_counts_and_refusals_add_up(store: NodeStore) -> None:
    for n in range(3):
        with store.batch() as batch:
            batch.count({"read": 2, "write": n})
            batch.refuse({(0, "too_large"): (2, "10.1.0.5", f"words {n}")}, AT + timedelta(minutes=n))
    assert store.counts(AT).counts == {"read": 6, "write": 3}
    (refusal,) = store.refusals()
    assert (refusal.count, refusal.detail, refusal.first) == (6, "words 2", AT)
    assert refusal.last == AT + timedelta(minutes=2)


def test_batches_at_once_lose_nothing(store: NodeStore) -> None:
    names = [f"pc{n}" for n in range(6)]
    failures: list[BaseException] = []

    def work(worker: int) -> None:
        try:
            for n in range(8):
                mine = names if worker % 2 else names[::-1]
                enrol(store, *mine, key=f"{worker}.{n}", most=1000)
                with store.batch() as batch:
                    callers, _ = batch.callers([f"{name}{worker}.{n}" for name in mine])
                    batch.seen(callers.values())
                    letters = [Letter(c.node, "result", f"{worker}.{n}", b"") for c in callers.values()]
                    batch.post(letters, AT)
                    batch.count({"read": len(callers)})
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.counts(AT).counts == {"read": 3 * 8 * 6}
    assert len(store.letters(1000)) == 3 * 8 * 6
    assert {node.enrolments for node in store.nodes()} == {24}
    assert len(store.nodes()) == 6
