"""What a writer tells the manifest: each content once, and which days are to be rebuilt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection

import pytest

from sekisho.model.flows import Flag
from sekisho.store import recording
from sekisho.store.manifest import connect
from sekisho.store.recording import REACH_DAYS, StagedFile
from sekisho.store.spool import DAY_MICROSECONDS, StagedSegment
from sekisho.store.writer import FileIdentity

MONDAY = 19_786
Identity = Callable[..., FileIdentity]


@pytest.fixture
def manifest(tmp_path: Path) -> Iterator[Connection]:
    with closing(connect(tmp_path / "manifest.db", migrate=True, make=True)) as connection:
        connection.executemany(
            "INSERT INTO day (day, dirt, built) VALUES (?, 1, 1)",
            [(MONDAY + n,) for n in range(-3, REACH_DAYS + 3)],
        )
        yield connection


def dirty(manifest: Connection) -> list[int]:
    """Days to be rebuilt, Monday as 0; they are clean afterwards."""
    found = manifest.execute("SELECT day FROM day WHERE built < dirt ORDER BY day").fetchall()
    manifest.execute("UPDATE day SET built = dirt")
    return [day - MONDAY for (day,) in found]


def add(
    manifest: Connection,
    identity: FileIdentity,
    days: Sequence[int] = (0,),
    flags: int = 0,
    lasts: int = 0,
) -> StagedFile:
    """List a file with a row on each of the days; `lasts` is how many days each goes on."""
    (number,) = manifest.execute("SELECT count(*) + 1 FROM file").fetchone()
    file = StagedFile(number, identity, 1, None, rows=len(days), last_row=9, last_day=MONDAY)
    recording.add_file(manifest, file, 0)
    segments = []
    for day in (MONDAY + one for one in days):
        end = (day + lasts) * DAY_MICROSECONDS + 5
        path = Path(f"{number}-{day}.parquet")
        segments.append(
            StagedSegment(path, day, 1, 1, "x", end, flags, {number: 1}, {identity.sensor: 1})
        )
    recording.add_segments(manifest, [(s, str(s.path)) for s in segments])
    recording.soil(manifest, segments, [file])
    return file


def test_content_is_known_by_sensor_and_what_was_set_aside_is_not(
    manifest: Connection, identity: Identity
) -> None:
    taken, aside = identity("edge", b"a\nb\n"), identity("edge", b"c\n")
    file = add(manifest, taken)
    recording.add_file(manifest, StagedFile(7, aside, 1, None, reason="no reader"), 0)
    assert recording.prefixes(manifest, "edge") == [(4, taken.content_sha256, file.id)]
    assert recording.prefixes(manifest, "core") == []


def test_a_beginning_is_shorter_and_of_the_same_sensor(
    manifest: Connection, identity: Identity
) -> None:
    half = add(manifest, identity("edge", b"a\nhalf a li"))
    assert recording.end_of(manifest, half.id, "edge", 100) == (9, True, MONDAY)
    assert recording.end_of(manifest, half.id, "edge", 11) is None
    assert recording.end_of(manifest, half.id, "core", 100) is None


def test_one_sensors_two_way_records_touch_their_own_day(
    manifest: Connection, identity: Identity
) -> None:
    add(manifest, identity("edge", b"a\n"), days=(0, 2), lasts=1)
    assert dirty(manifest) == [0, 2]


def test_with_several_sensors_or_halves_the_neighbours_too(
    manifest: Connection, identity: Identity
) -> None:
    add(manifest, identity("edge", b"a\n"), flags=int(Flag.ONE_WAY))
    assert dirty(manifest) == [-1, 0, 1]
    add(manifest, identity("core", b"b\n"), lasts=3)
    assert dirty(manifest) == [-1, 0, 1, 2, 3]
    add(manifest, identity("core", b"c\n"), lasts=4000)
    assert dirty(manifest) == list(range(-1, REACH_DAYS + 1)), "a bound on what one record may cost"


@pytest.mark.parametrize(("flags", "wanted"), [(0, [-1]), (int(Flag.ONE_WAY), [-2, -1, 0])])
def test_where_a_superseded_half_line_was_merged_its_neighbours_are_rebuilt(
    manifest: Connection, identity: Identity, flags: int, wanted: list[int]
) -> None:
    first = add(manifest, identity("edge", b"a\nha"), days=(-1,), flags=flags)
    dirty(manifest)
    grown = StagedFile(2, identity("edge", b"a\nhalf\n"), 9, first.id, (first.id, 9, MONDAY - 1))
    recording.add_file(manifest, grown, 0)
    recording.soil(manifest, [], [grown])
    assert dirty(manifest) == wanted
    assert manifest.execute("SELECT * FROM exclusion").fetchall() == [(first.id, 9, MONDAY - 1)]
