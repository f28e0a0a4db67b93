"""Files taken in: once each, whole or not at all, and superseded by what they grew into."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from sekisho.errors import RequestError
from sekisho.store.lake import Lake
from sekisho.store.writer import FileIdentity, Known


def test_the_same_content_of_a_sensor_counts_once_and_of_another_sensor_again(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., dict[str, Any]]
) -> None:
    rows = [flow(at=1), flow(at=2)]
    assert take(lake, "edge", rows)
    assert not take(lake, "edge", rows)
    assert lake.stats().flows == 2
    assert take(lake, "core", rows)
    assert lake.stats().flows == 4


def test_known_content_names_the_file_it_came_in(
    lake: Lake, identity: Callable[..., FileIdentity], take: Callable[..., bool]
) -> None:
    with lake.writer() as writer:
        assert not isinstance(writer.begin(identity("edge", b"a\n", "first.log")), Known)
        writer.finish(0)
        writer.commit()
    with lake.writer() as writer:
        known = writer.begin(identity("edge", b"a\n", "moved.log"))
        assert isinstance(known, Known)
        assert known.file == 1
    assert lake.files()["path"].to_pylist() == ["first.log"]


def test_what_was_not_committed_never_counts(
    lake: Lake,
    stage_file: Callable[..., bool],
    take: Callable[..., bool],
    flow: Callable[..., dict[str, Any]],
) -> None:
    rows = [flow()]
    with lake.writer() as writer:
        assert stage_file(writer, "edge", rows)
    assert (lake.stats().files, lake.stats().flows) == (0, 0)
    assert take(lake, "edge", rows), "it is new still"
    assert lake.verify() == []


def test_a_run_that_fails_leaves_what_was_there(
    lake: Lake,
    stage_file: Callable[..., bool],
    take: Callable[..., bool],
    flow: Callable[..., dict[str, Any]],
) -> None:
    take(lake, "edge", [flow()], "one.log")

    def fail() -> None:
        with lake.writer() as writer:
            stage_file(writer, "edge", [flow(at=9)], "two.log")
            raise RuntimeError("the disk went away")

    with pytest.raises(RuntimeError):
        fail()
    assert lake.stats().flows == 1
    assert take(lake, "edge", [flow(at=9)], "two.log")
    assert list(lake.layout.staging.iterdir()) == []


def test_a_second_writer_is_told_to_wait(lake: Lake) -> None:
    with (
        Lake.open(lake.layout.root, lock_timeout=0.05) as other,
        lake.writer(),
        pytest.raises(RequestError, match="another process"),
        other.writer(),
    ):
        pass


def begun(writer: Any, identity: FileIdentity, *, beside: bool) -> int:
    decision = writer.begin(identity, beside=beside)
    assert not isinstance(decision, Known)
    return decision.file


def test_one_file_of_several_sensors_is_taken_in_one_go(
    lake: Lake,
    identity: Callable[..., FileIdentity],
    table: Callable[..., pa.Table],
    flow: Callable[..., dict[str, Any]],
) -> None:
    with lake.writer() as writer:
        one = begun(writer, identity("edge", b"x\n", "export.json"), beside=False)
        other = begun(writer, identity("core", b"x\n", "export.json"), beside=True)
        with pytest.raises(ValueError, match="neither finished nor abandoned"):
            writer.begin(identity("third", b"x\n", "export.json"))
        with pytest.raises(ValueError, match="no file was begun as None"):
            writer.add(table([flow()], "edge"))
        writer.add(table([flow(row=1)], "edge"), one)
        writer.add(table([flow(row=2), flow(row=3)], "core"), other)
        writer.finish(3, file=one)
        writer.finish(3, file=other)
        writer.commit()
        assert isinstance(writer.begin(identity("core", b"x\n", "copy.json")), Known)
    files = lake.files().to_pylist()
    assert [(f["sensor"], f["rows"]) for f in files] == [("edge", 1), ("core", 2)]
    assert lake.stats().flows == 3
    assert lake.verify() == []


def test_what_is_abandoned_is_abandoned_for_all_its_sensors(
    lake: Lake,
    identity: Callable[..., FileIdentity],
    table: Callable[..., pa.Table],
    flow: Callable[..., dict[str, Any]],
) -> None:
    with lake.writer() as writer:
        with pytest.raises(ValueError, match="no file was begun"):
            writer.abandon("nothing")
        one = begun(writer, identity("edge", b"x\n"), beside=False)
        begun(writer, identity("core", b"x\n"), beside=True)
        writer.add(table([flow()], "edge"), one)
        writer.abandon("cut off")
        writer.commit()
        assert not isinstance(writer.begin(identity("core", b"x\n")), Known)
        writer.abandon("again")
    assert [f["reason"] for f in lake.files().to_pylist()] == ["cut off", "cut off"]
    assert lake.stats().flows == 0


def test_objects_of_a_store_are_noted_with_what_counts(
    lake: Lake, identity: Callable[..., FileIdentity]
) -> None:
    with lake.writer() as writer:
        assert writer.objects("edge") == {}
        writer.note("edge", "s3://b/lost", 1, "1")
    with lake.writer() as writer:
        assert writer.objects("edge") == {}, "it was not committed"
        begun(writer, identity("edge", b"x\n", "s3://b/a"), beside=False)
        writer.finish(1)
        writer.note("edge", "s3://b/a", 2, "5")
        writer.commit()
        writer.note("edge", "s3://b/a", 3, "6")
        writer.note("core", "s3://b/a", 3, "7")
        writer.commit()
    with lake.writer() as writer:
        assert writer.objects("edge") == {"s3://b/a": (3, "6")}
        assert writer.objects("core") == {"s3://b/a": (3, "7")}
