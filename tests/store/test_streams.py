"""What a collector's commits say of sensors' lives, losses and exporters' streams."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from sekisho.store.lake import Lake
from sekisho.store.recording import SEVERAL
from sekisho.store.streams import ADJACENT, Collected, Gap, HourLoss, Kept, StreamKey
from sekisho.store.writer import FileIdentity, Known

Row = dict[str, Any]
Table = Callable[..., Any]
Identity = Callable[..., FileIdentity]
HOUR = 3_600_000_000
EDGE, CORE = StreamKey("10.0.0.1", 9, 7), StreamKey("10.0.0.2", 10, 0)


@pytest.fixture
def commit(lake: Lake, identity: Identity, table: Table) -> Callable[..., int]:
    """Commit a segment of several sensors' rows with some news; the number of its file."""

    def do(name: str, rows: Sequence[Row] = (), **news: Any) -> int:
        with lake.writer() as writer:
            decision = writer.begin(identity(SEVERAL, name.encode()))
            assert not isinstance(decision, Known)
            if rows:
                writer.add(table(rows))
            writer.finish(len(rows))
            writer.collected(Collected(**news, file=decision.file))
            writer.commit()
        return decision.file

    return do


def test_one_file_holds_rows_of_many_sensors_and_counts_once(
    lake: Lake, commit: Callable[..., int], identity: Identity, flow: Callable[..., Row]
) -> None:
    rows = [flow(at=n, sensor=f"s{n % 3}") for n in range(7)]
    commit("one", rows)
    assert lake.collected(identity(SEVERAL, b"one").content_sha256)
    assert not lake.collected(identity(SEVERAL, b"two").content_sha256)
    with lake.writer() as writer:
        assert writer.begin(identity(SEVERAL, b"one")) == Known(1)
    assert lake.files()["sensor"].to_pylist() == [SEVERAL]
    hours = {row["sensor"]: row["flows"] for row in lake.hours().to_pylist()}
    assert hours == {"s0": 3, "s1": 2, "s2": 2}
    lake.layout.absolute(lake.counted()[0]).write_bytes(b"")
    assert lake.lost_days()["sensor"].to_pylist() == ["s0", "s1", "s2"]


def test_the_same_segment_twice_in_one_run_is_known(lake: Lake, identity: Identity) -> None:
    with lake.writer() as writer:
        writer.begin(identity(SEVERAL, b"one"))
        writer.finish(0)
        assert writer.begin(identity(SEVERAL, b"one")) == Known(1)


def test_a_span_goes_on_while_silences_are_short(lake: Lake, commit: Callable[..., int]) -> None:
    first = commit("1", alive={"edge": [(0, 10)], "core": [(5, 6)]})
    commit("2", alive={"edge": [(10 + ADJACENT, 20 + ADJACENT)]})
    commit("3", alive={"edge": [(0, 4)]})
    late = 21 + 2 * ADJACENT
    commit("4", alive={"edge": [(late, late)]})
    spans = [
        (row["sensor"], row["begin"].timestamp() * 1e6, row["end"].timestamp() * 1e6)
        for row in lake.spans().to_pylist()
    ]
    assert first == 1
    assert spans == [("core", 5, 6), ("edge", 0, 20 + ADJACENT), ("edge", late, late)]


def test_losses_add_up_and_what_came_late_is_taken_back(lake: Lake, commit: Callable[..., int]) -> None:
    commit("1", losses=[HourLoss(0, "edge", "10.0.0.1", received=10, lost=4, late=1)])
    commit(
        "2",
        losses=[
            HourLoss(0, "edge", "10.0.0.1", received=5, lost=-1, restarts=1),
            HourLoss(0, "edge", "10.0.0.9", received=1),
            HourLoss(HOUR, "edge", "10.0.0.1", received=7, lost=-2),
            HourLoss(HOUR, "", "", dropped=3),
        ],
    )
    found = [
        (row["sensor"], row["hour"].hour, row["received"], row["lost"], row["dropped"])
        for row in lake.losses().to_pylist()
    ]
    assert found == [("", 1, 0, 0, 3), ("edge", 0, 16, 3, 0), ("edge", 1, 7, 0, 0)]


def test_streams_stand_where_the_last_commit_left_them(lake: Lake, commit: Callable[..., int]) -> None:
    kept = [Kept(EDGE, 256, 1, n, 5, -1, bytes([n])) for n in range(3)]
    other = Kept(CORE, 300, 1, 9, 5, 6, b"x")
    commit("1", bodies={EDGE: "a", CORE: "b"}, waiting=[*kept, other])
    assert lake.streams().bodies == {EDGE: "a", CORE: "b"}
    assert list(lake.streams().waiting) == [*kept, other]
    more = Kept(EDGE, 256, 2, 1, 5, -1, b"later")
    commit("2", bodies={EDGE: "c"}, settled=[(EDGE, 256)], waiting=[more])
    assert lake.streams().bodies == {EDGE: "c", CORE: "b"}
    assert list(lake.streams().waiting) == [other, more]
    commit("3", gone=[CORE])
    assert lake.streams().bodies == {EDGE: "c"}
    assert list(lake.streams().waiting) == [more]


def test_news_do_not_count_without_their_commit(
    lake: Lake, commit: Callable[..., int], stopped: Callable[..., bool], identity: Identity
) -> None:
    commit("1", bodies={EDGE: "a"})

    def again(opened: Lake) -> None:
        with opened.writer() as writer:
            writer.begin(identity(SEVERAL, b"two"))
            writer.finish(0)
            writer.collected(Collected(bodies={EDGE: "b"}, losses=[HourLoss(0, "e", "x", lost=1)]))
            writer.commit()

    deadly = 1
    while stopped(lake, again, deadly):
        counts = lake.collected(identity(SEVERAL, b"two").content_sha256)
        assert lake.streams().bodies == {EDGE: "b" if counts else "a"}
        assert lake.losses().num_rows == counts
        if counts:
            return
        deadly += 1
    raise AssertionError("it never counted before its last step")


def test_what_did_not_come_is_listed_and_grows_under_its_id(
    lake: Lake, commit: Callable[..., int]
) -> None:
    first, grown = Gap("edge", "x", 0, HOUR, "too old"), Gap("edge", "x", 0, 2 * HOUR, "too old")
    other = Gap("core", "x", 0, HOUR, "no room")
    with lake.writer() as writer:
        writer.collected(Collected(gaps=[first]))
        writer.commit()
    assert lake.gaps() == [first]
    commit("1", gaps=[grown, other])
    assert lake.gaps() == [other, grown]
