from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sekisho.app.collecting.retiring import Retiring
from sekisho.sources.journal.segments import content_sha256, sealed

LARGE = 1 << 40


def test_at_once_where_nothing_is_to_be_kept(exporter: Any, journal: Callable[..., Path]) -> None:
    one = exporter("10.0.0.1")
    folder = journal([[(one.address, 1, one.v5())]])
    (segment,) = sealed(folder)
    retiring = Retiring(folder, timedelta(0), LARGE)
    retiring.retire(segment)
    retiring.retire(segment)
    retiring.tend(datetime.now(UTC))
    assert sealed(folder) == []
    assert not (folder / "kept").exists()


def test_kept_packed_and_let_go(exporter: Any, journal: Callable[..., Path]) -> None:
    one = exporter("10.0.0.1")
    folder = journal([[(one.address, 1, one.v5(20))], [(one.address, 1, one.v5(20))]])
    known = [content_sha256(segment) for segment in sealed(folder)]
    retiring = Retiring(folder, timedelta(days=14), LARGE)
    for segment in sealed(folder):
        retiring.retire(segment)
    assert sealed(folder) == [], "the collector does not meet them again"
    now = datetime.now(UTC)
    retiring.tend(now)
    kept = sealed(folder / "kept")
    assert all(segment.path.name.endswith(".zst") for segment in kept)
    assert [content_sha256(segment) for segment in kept] == known
    retiring.tend(now + timedelta(days=13))
    assert len(sealed(folder / "kept")) == 2
    Retiring(folder, timedelta(days=14), kept[1].size).tend(now)
    assert sealed(folder / "kept") == kept[1:]
    retiring.tend(now + timedelta(days=15))
    assert sealed(folder / "kept") == []


def test_set_aside_it_is_no_segment_any_more_and_not_gone(
    exporter: Any, journal: Callable[..., Path]
) -> None:
    one = exporter("10.0.0.1")
    folder = journal([[(one.address, 1, one.v5())]])
    (segment,) = sealed(folder)
    name = Retiring.set_aside(segment)
    assert sealed(folder) == []
    assert (folder / name).read_bytes()
    assert name.endswith(".damaged")
