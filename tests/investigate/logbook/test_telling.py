"""What logons say, as documents; whole investigations are in test_book."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.inventory.register import Inventory
from sekisho.investigate.logbook.book import Looked
from sekisho.investigate.logbook.telling import EACH, LogonTeller
from sekisho.investigate.logons.base import Answer, Clocks, Corroboration, Source, Step, Switch
from sekisho.investigate.logons.gather import Gathered
from sekisho.model.verdicts import Rank

NOON = datetime(2024, 3, 4, 12, 30, tzinfo=UTC)
ENDS = ("10.1.0.1", "10.2.0.2", "10.3.0.3")


def said(number: int, answer: Answer, *accounts: str, **more: Any) -> Corroboration:
    begin = NOON + number * timedelta(hours=1)
    step = Step(ENDS[number], ENDS[number + 1], 445, "tcp", begin, begin + timedelta(minutes=1))
    sources = tuple(Source("hosts", "a.evtx", "0" * 64, n) for n in range(9))
    return Corroboration(step, answer, "so it is", accounts, sources, **more)


@pytest.fixture
def teller(woven: Callable[..., Any]) -> Callable[..., LogonTeller]:
    fabric = woven([(ENDS[n], ENDS[n + 1], 445, Rank.UNAUTHORIZED, n, 1) for n in range(2)])

    def made(*those: Corroboration, **more: Any) -> LogonTeller:
        return LogonTeller(Looked(dict(enumerate(those)), **more), Inventory(), fabric, [0, 1])

    return made


def test_ways_of_writing_one_account_are_one_that_travelled(teller: Any) -> None:
    told = teller(said(0, Answer.SEEN, "CORP\\anna"), said(1, Answer.TOLD_ELSEWHERE, "ANNA@CORP.EX"))
    (account,) = told.accounts()
    assert (account.account, len(account.hops)) == ("CORP\\anna", 2)
    assert (account.since, account.until) == (NOON, NOON + timedelta(hours=1))
    assert len(told.hop(0).evidence) == EACH


def test_who_is_not_certain_did_not_travel(teller: Any) -> None:
    for answer in (Answer.UNCLEAR, Answer.REFUSED):
        assert teller(said(0, answer, "CORP\\anna")).accounts() == ()
    assert teller(said(0, Answer.SEEN, "CORP\\PC1$")).accounts() == ()


def test_where_it_was_switched(teller: Any) -> None:
    switch = Switch(
        ENDS[1], "CORP\\anna", "CORP\\root", NOON, (Source("hosts", "b.evtx", "1" * 64, 3),)
    )
    told = teller(
        said(0, Answer.SEEN, "CORP\\anna"), said(1, Answer.SEEN, "CORP\\root", switched=(switch,))
    )
    anna, root = told.accounts()
    assert (anna.switched, [one.came for one in root.switched]) == ((), ["CORP\\anna"])
    (item,) = [item for item in told.timeline() if item.kind == "account"]
    assert item.text == "at 10.2.0.2 CORP\\anna was changed for CORP\\root"
    assert [(one.path, one.row) for one in item.evidence] == [("b.evtx", 3)]


def test_the_tally_keeps_what_was_not_recorded_apart(teller: Any) -> None:
    tally = teller(said(0, Answer.NO_LOG), said(1, Answer.TRACES_REMOVED)).tally()
    assert (tally.connections, tally.asked, tally.checked, tally.no_log) == (2, 2, 1, 1)
    (note,) = teller(said(0, Answer.NO_LOG), said(1, Answer.NOT_ASKED)).notes()
    assert "1 can have one on record, 0 could be checked; 1 at hosts of which no log" in note
    (note,) = teller(said(0, Answer.NOT_ASKED)).notes()
    assert "none is to a service that writes logons down" in note


def test_what_was_left_out_is_said(teller: Any) -> None:
    clocks = Clocks(of_host={("hosts", "srv"): -timedelta(minutes=9)})
    notes = "\n".join(teller(gathered=Gathered(cut=True, damaged=2), clocks=clocks).notes())
    assert "more logons are on record than were looked at" in notes
    assert "2 damaged files of logons" in notes
    assert "the clock of srv (hosts) ran 540 s behind" in notes
