"""Files taken in: once each, whole or not at all, and superseded by what they grew into."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
