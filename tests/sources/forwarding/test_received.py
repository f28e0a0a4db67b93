from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from tests.sources.forwarding.conftest import MICROS, NOW, OWN, content

from sekisho.errors import IntegrityError
from sekisho.sources.forwarding.received import (
    DATABASE,
    MOST_FOREIGN,
    MOST_PARTS,
    REMEMBERED,
    STALE,
    Received,
    follows,
    take_out,
)
from sekisho.sources.forwarding.screening import Screened, screen
from sekisho.sources.forwarding.told import states
from sekisho.sources.journal.segments import SealedSegment, sealed

SHA = "a" * 64
SITE = "th-plant"


def arrive(received: Received, *, number: int = MICROS, apart: bool = False) -> Screened:
    part = received.part(SITE, SHA)
    part.write_bytes(content(OWN))
    screened = Screened(part, packed=False, records=1)
    place(received, screened, number=number, apart=apart)
    return screened


def place(received: Received, screened: Screened, *, number: int = MICROS, apart: bool = False) -> None:
    received.place(SITE, SHA, screened, number=number, lane="live", apart=apart, now=NOW)


def segments(root: Path) -> list[str]:
    return sorted(path.name for path in (root / SITE / "live").glob("*.journal"))


def test_what_was_placed_is_known_also_when_the_lake_took_it(tmp_path: Path) -> None:
    received = Received(tmp_path)
    assert received.held(SITE, SHA).state == "unknown"
    arrive(received)
    for path in (tmp_path / SITE / "live").iterdir():
        path.unlink()
    received.close()
    again = Received(tmp_path)
    assert again.held(SITE, SHA).state == "stored"
    assert again.held("jp-hq", SHA).state == "unknown"
    again.close()


def test_a_name_that_is_taken_moves_on(tmp_path: Path) -> None:
    received = Received(tmp_path)
    arrive(received, number=5)
    arrive(received, number=5)
    assert segments(tmp_path) == [f"{n:020d}.journal" for n in (5, 6)]
    received.close()


def test_one_that_stands_apart_is_marked_until_it_is_taken(tmp_path: Path) -> None:
    received = Received(tmp_path)
    arrive(received, number=7, apart=True)
    mark = tmp_path / SITE / "live" / f"{7:020d}.apart"
    received.tidy(NOW)
    assert mark.exists()
    (tmp_path / SITE / "live" / segments(tmp_path)[0]).unlink()
    received.tidy(NOW)
    assert not mark.exists()
    received.close()


class Killed(BaseException):
    pass


@pytest.mark.parametrize("foreign", [False, True])
@pytest.mark.parametrize("deadly", ["placing", "placed"])
@pytest.mark.parametrize("taken", [False, True])
def test_killed_at_each_step_it_is_there_once(
    tmp_path: Path, deadly: str, foreign: bool, taken: bool
) -> None:
    def step(name: str) -> None:
        if name == deadly:
            raise Killed

    data = content(OWN, *(["192.0.2.1"] if foreign else []))
    received = Received(tmp_path, step)
    part = received.part(SITE, SHA)

    def look(at: Received) -> Screened:
        import hashlib

        path = at.part(SITE, SHA)
        digest = hashlib.sha256(data).hexdigest()
        return screen(path, digest, frozenset({OWN}), own=path.with_suffix(".own"))

    part.write_bytes(data)
    with pytest.raises(Killed):
        place(received, look(received))
    received._db.close()
    there = segments(tmp_path)
    if taken:
        for name in there:
            (tmp_path / SITE / "live" / name).unlink()
    again = Received(tmp_path)
    held = again.held(SITE, SHA)
    assert (held.state == "stored") == (there != [])
    if held.state != "stored":
        # The site goes on with what it has not sent yet, which is nothing.
        assert held.offset == len(data)
        place(again, look(again))
    assert len(segments(tmp_path)) == (0 if taken and there else 1)
    again.close()


def test_foreign_exporters_are_remembered_within_a_bound(tmp_path: Path) -> None:
    received = Received(tmp_path)
    for place_ in range(MOST_FOREIGN // 50 + 2):
        foreign = {f"192.{place_}.0.{n}": 2 for n in range(50)}
        place(received, Screened(None, packed=False, records=0, foreign_records=100, foreign=foreign))
    from sekisho.sources.forwarding.wire import Hello

    received.heard(SITE, Hello(now=NOW), timedelta(0), NOW)
    (state,) = states(tmp_path)
    assert len(state.foreign) == MOST_FOREIGN + 1
    assert sum(state.foreign.values()) == 100 * (MOST_FOREIGN // 50 + 2)
    assert state.foreign[""] == 200
    received.close()


def test_parts_and_hashes_are_forgotten_in_time(tmp_path: Path) -> None:
    received = Received(tmp_path)
    arrive(received)
    old = (NOW - STALE).timestamp() - 1
    for place_ in range(MOST_PARTS + 3):
        path = received.part(SITE, f"{place_:064x}")
        path.write_bytes(b"x")
        stamp = NOW.timestamp() + place_ if place_ else old
        os.utime(path, (stamp, stamp))
    received.tidy(NOW)
    left = sorted(int(path.stem, 16) for path in (tmp_path / SITE / "incoming").iterdir())
    assert left == list(range(3, MOST_PARTS + 3))
    assert received.held(SITE, SHA).state == "stored"
    received.tidy(NOW + REMEMBERED + timedelta(seconds=1))
    assert received.held(SITE, SHA).state == "unknown"
    received.close()


def test_what_follows_what(tmp_path: Path) -> None:
    received = Received(tmp_path)
    for number, apart in ((1, True), (2, False), (3, True)):
        arrive(received, number=number, apart=apart)
    one, two, three = sealed(tmp_path / SITE / "live")
    assert [follows(*pair) for pair in ((None, one), (one, two), (two, three), (None, two))] == [
        False,
        True,
        False,
        False,
    ]
    elsewhere = SealedSegment(tmp_path / SITE / "late" / one.path.name, one.name, 1)
    assert not follows(elsewhere, two)
    take_out(one)
    take_out(one)
    assert len(list((tmp_path / SITE / "live").iterdir())) == 3
    received.close()


def test_what_waits_for_the_lake(tmp_path: Path) -> None:
    received = Received(tmp_path)
    assert received.waiting(SITE) == 0
    arrive(received)
    assert received.waiting(SITE) == len(content(OWN))
    assert [(one.lane, one.folder) for one in received.inlets([SITE])] == [
        ("live", tmp_path / SITE / "live"),
        ("late", tmp_path / SITE / "late"),
    ]
    received.close()


def test_a_database_that_is_none(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(b"nonsense" * 1000)
    with pytest.raises(IntegrityError, match="cannot be read"):
        Received(tmp_path)


def test_a_part_that_was_about_to_count_and_went_stale_does_not_count(tmp_path: Path) -> None:
    def step(_name: str) -> None:
        raise Killed

    received = Received(tmp_path, step)
    with pytest.raises(Killed):
        arrive(received)
    stamp = (NOW - STALE).timestamp() - 1
    os.utime(received.part(SITE, SHA), (stamp, stamp))
    received.tidy(NOW)
    assert received.held(SITE, SHA).state == "unknown"
    received.close()
