"""How far hosts' clocks are ahead of the flows'."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
import pytest

from sekisho.investigate.logons.base import Seen, Source
from sekisho.investigate.logons.clocks import host_clocks, shift
from sekisho.model.logons import LogonKind

START = datetime(2024, 3, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


def logon(at: datetime, n: int) -> Seen:
    source = Source("hosts", "a.evtx", "0" * 64, n)
    return Seen(at, "SRV2.corp.example", LogonKind.LOGON, source, src="10.0.0.1", account="anna")


def measured(starts: list[datetime], ahead: timedelta) -> dict[tuple[str, str], timedelta]:
    logons = [logon(at + ahead + timedelta(seconds=n % 2), n) for n, at in enumerate(starts)]
    sessions = {("10.0.0.1", "10.0.0.2"): starts}
    return host_clocks(logons, sessions, {"srv2": frozenset({"10.0.0.2"})})


@pytest.mark.parametrize("seconds", [0, 200, -200, 9 * 3600 + 30, -5 * 3600])
def test_sessions_that_come_now_and_then_measure_it(seconds: int) -> None:
    chance = Random(seconds)
    starts = sorted(START + timedelta(seconds=chance.randrange(200_000)) for _ in range(30))
    found = measured(starts, timedelta(seconds=seconds))
    assert abs(found["hosts", "srv2"] - timedelta(seconds=seconds)) <= timedelta(seconds=2)


def test_what_comes_every_hour_fits_every_hour_and_the_smallest_shift_is_believed() -> None:
    starts = [START + n * HOUR for n in range(60)]
    found = measured(starts, timedelta(seconds=100))
    assert abs(found["hosts", "srv2"] - timedelta(seconds=100)) <= timedelta(seconds=2)


def test_few_or_all_too_many_measure_nothing() -> None:
    assert measured([START + n * HOUR for n in range(4)], timedelta()) == {}
    assert measured([START + timedelta(seconds=30 * n) for n in range(2000)], timedelta()) == {}


def test_logons_that_no_session_belongs_to_measure_nothing() -> None:
    chance = Random(7)
    gaps = [np.array([chance.randrange(-50_000, 50_000) * 1_000_000]) for _ in range(40)]
    assert shift(gaps) is None
    assert shift([]) is None
