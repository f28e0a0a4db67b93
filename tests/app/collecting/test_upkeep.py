from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.app.collecting import upkeep
from sekisho.app.collecting.upkeep import Upkeep
from sekisho.errors import RequestError
from sekisho.store.lake import Lake


class Told:
    """What the upkeep did, and what is in its way."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.refreshed = self.tended = 0
        self.idle = True
        self.error: Exception | None = None

    def make(self, seconds: float) -> Upkeep:
        return Upkeep(
            self.open, self.refresh, self.tend, refresh_seconds=seconds, idle=lambda: self.idle
        )

    def open(self) -> Lake:
        return Lake.open(self.lake.layout.root, threads=1, memory_limit="300MB")

    def refresh(self, lake: Lake) -> None:
        lake.refresh({})
        self.refreshed += 1

    def tend(self, now: datetime) -> None:
        assert now.tzinfo is not None
        self.tended += 1
        if self.error:
            raise self.error


def test_roll_ups_wait_for_their_time_and_for_a_quiet_moment(lake: Lake) -> None:
    told = Told(lake)
    never, later, now = told.make(0), told.make(3600), told.make(1e-9)
    for work in (never, later):
        work.turn(lake)
    assert (told.refreshed, told.tended) == (0, 2)
    told.idle = False
    now.turn(lake)
    assert told.refreshed == 0
    told.idle = True
    now.turn(lake)
    assert (told.refreshed, now.refreshes) == (1, 1)


@pytest.mark.parametrize("error", [RequestError("no room"), OSError("no room"), KeyError("no room")])
def test_what_goes_wrong_is_said_until_it_goes_well(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, error: Exception, tmp_path: Path
) -> None:
    monkeypatch.setattr(upkeep, "EVERY", 0.001)
    told = Told(lake)
    told.error = error
    work = told.make(0)
    work.start()
    _until(lambda: "no room" in work.trouble)
    told.error = None
    _until(lambda: not work.trouble)
    work.stop()
    assert not work._thread.is_alive()


def test_stopped_before_it_began(lake: Lake) -> None:
    Told(lake).make(0).stop()


def _until(reached: Any) -> None:
    import time

    for _ in range(2000):
        if reached():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come so far")
