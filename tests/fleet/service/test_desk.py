from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import Raw
from tests.fleet.service.conftest import AT, Clerk, enrol

from sekisho.errors import SekishoError
from sekisho.fleet.service.asking import Config, Log, Read, Reply
from sekisho.fleet.service.desk import Desk
from sekisho.fleet.service.dispatch import Given, Handing, Verdict
from sekisho.model.nodes import Caller
from sekisho.state.node_batches import Batch


class Scripted:
    """Does what the test says when it is asked."""

    def __init__(self) -> None:
        self.does: Callable[[list[Caller]], Any] = lambda _callers: {}
        self.batches: list[int] = []

    def hand(self, batch: Batch, callers: Any, now: Any) -> dict[int, Handing]:
        self.batches.append(len(callers))
        self.does(list(callers))
        return {}

    def take(self, batch: Batch, given: list[Given], now: Any) -> list[Verdict]:
        return [Verdict() for _ in given]


class Served:
    """A desk over the clerk's state, asked from one event loop."""

    def __init__(self, clerk: Clerk) -> None:
        self.scripted = Scripted()
        self.told: list[tuple[str, str]] = []
        self.desk = Desk(
            clerk.store,
            self.scripted,
            clerk.terms,
            now=lambda: AT,
            tell=lambda event, words: self.told.append((event, words)),
        )

    def ask(self, *asked: Any) -> list[Reply]:
        async def all_of() -> list[Reply]:
            waiting = [asyncio.ensure_future(self.desk.ask(one)) for one in asked]
            await asyncio.sleep(0)
            self.desk.start()
            return await asyncio.gather(*waiting)

        try:
            return asyncio.run(all_of())
        finally:
            self.desk.stop()


@pytest.fixture
def served(clerk: Clerk) -> Served:
    return Served(clerk)


def test_what_comes_together_is_one_transaction(clerk: Clerk, served: Served) -> None:
    keys = [clerk.enrol(f"pc{n}") for n in range(30)]
    replies = served.ask(*(Read(key, "10.1.0.5") for key in keys))
    assert served.scripted.batches == [30]
    assert all(json.loads(r.body) == {"queries": {}, "node_invalid": False} for r in replies)


def test_one_that_breaks_costs_the_others_nothing(clerk: Clerk, served: Served) -> None:
    keys = [clerk.enrol(f"pc{n}") for n in range(5)]
    bad = clerk.store.nodes()[2].id

    def does(callers: list[Caller]) -> None:
        if any(c.node == bad for c in callers):
            raise ZeroDivisionError("one")

    served.scripted.does = does
    replies = served.ask(*(Read(key, "10.1.0.5") for key in keys))
    assert [r.status for r in replies] == [200, 200, 503, 200, 200]
    assert served.told == [("internal error", "ZeroDivisionError: one")]


def test_a_state_that_cannot_be_used_acknowledges_nothing(clerk: Clerk, served: Served) -> None:
    key = clerk.enrol("pc1")

    def does(_callers: list[Caller]) -> None:
        raise SekishoError("locked")

    served.scripted.does = does
    (reply,) = served.ask(Read(key, "10.1.0.5"))
    assert (reply.status, reply.invalid) == (503, False)
    assert served.told == [("state", "locked")]


def test_refusals_are_kept_before_the_end(clerk: Clerk, served: Served) -> None:
    key = clerk.enrol("pc1")
    for _ in range(7):
        served.desk.note("too_large", "words", key=key)
    served.ask(Config(key, "10.1.0.5"))
    assert clerk.refused() == {(clerk.store.nodes()[0].id, "too_large"): 7}


def test_refusals_of_very_many_are_counted_all_the_same(clerk: Clerk, served: Served) -> None:
    for n in range(6000):
        served.desk.note("too_often", "words", address=f"10.9.{n // 250}.{n % 250}")
    served.ask()
    assert clerk.refused() == {(0, "too_often"): 6000}


def test_after_the_end_nothing_is_taken(clerk: Clerk, served: Served) -> None:
    (good,) = served.ask(enrol("pc1", key="k"))
    assert b"node_key" in good.body
    assert not served.desk.alive
    assert asyncio.run(served.desk.ask(Read("k", "a"))).status == 503


def test_only_check_ins_do_not_wait_for_the_disk(
    clerk: Clerk, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = clerk.enrol("pc1")
    found: list[bool] = []
    batch = clerk.store.batch

    def watched(*, relaxed: bool = False) -> Any:
        found.append(relaxed)
        return batch(relaxed=relaxed)

    monkeypatch.setattr(clerk.store, "batch", watched)
    log = Log(key, "10.1.0.5", "status", [("", Raw(b"{}"))])
    served.ask(Read(key, "10.1.0.5"), Config(key, "10.1.0.5"), log, enrol("pc2", key="k2"))
    assert found == [True, False]
