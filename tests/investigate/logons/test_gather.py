"""Logons of steps out of the lake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.investigate.logons.base import Answer, Clocks, Step
from sekisho.investigate.logons.corroborate import corroborate
from sekisho.investigate.logons.gather import Gathered, gather
from sekisho.model.addresses import key, parse_address
from sekisho.store.lake import Lake

Put = Callable[..., None]
NOON = datetime(2024, 3, 4, 12, 30, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.open(tmp_path / "lake", create=True, threads=1, memory_limit="300MB") as found:
        yield found


def step() -> Step:
    names = frozenset({"pc1"}), frozenset({"srv2"})
    return Step("10.0.0.1", "10.0.0.2", 445, "tcp", NOON, NOON + timedelta(minutes=1), *names)


def test_what_is_on_record_about_both_ends_is_judged(lake: Lake, put: Put) -> None:
    hi, lo = key(parse_address("10.0.0.1"))
    put(
        lake,
        {"time": NOON, "host": "SRV2.corp.example", "src_hi": hi, "src_lo": lo},
        {"time": NOON, "host": "other", "account": "nobody"},
        {"time": NOON + timedelta(days=3), "host": "srv2", "account": "late"},
    )
    found = gather(lake, [step()], Clocks())
    assert [(one.account, one.src) for one in found.logons] == [("anna", "10.0.0.1")]
    assert (found.cut, found.damaged) == (False, 0)
    (said,) = corroborate([step()], found.logons, found.hours, Clocks())
    assert (said.answer, said.accounts) == (Answer.SEEN, ("anna",))
    assert said.evidence[0].path == "a.evtx"


def test_a_host_whose_log_speaks_of_others_alone_lacks_this_one(lake: Lake, put: Put) -> None:
    hi, lo = key(parse_address("10.0.0.9"))
    around = (NOON + timedelta(minutes=n) for n in (-9, 9))
    put(lake, *({"time": at, "host": "SRV2", "src_hi": hi, "src_lo": lo} for at in around))
    found = gather(lake, [step()], Clocks({"hosts": timedelta(seconds=3)}))
    (said,) = corroborate([step()], found.logons, found.hours, Clocks())
    assert said.answer is Answer.TRACES_REMOVED


def test_nothing_asked_or_on_record_is_nothing_found(lake: Lake, put: Put) -> None:
    assert gather(lake, [step()], Clocks()) == Gathered()
    put(lake, {"time": NOON, "host": "srv2"})
    assert gather(lake, [], Clocks()) == Gathered()
    assert len(gather(lake, [step()], Clocks()).logons) == 1
