from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from sekisho.model.flows import TIME, Flag
from sekisho.sources.spans import Alive
from sekisho.sources.times import micros_of

T0 = datetime(2024, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def flows(*hours: float, flags: int = 0) -> pa.Table:
    starts = pa.array([T0 + hour * HOUR for hour in hours], TIME)
    return pa.table({"start": starts, "flags": pa.array([flags] * len(hours), pa.int32())})


def test_nothing_read_shows_nothing() -> None:
    alive = Alive()
    alive.add(flows())
    assert alive.spans() == ()
    assert alive.span() is None


def test_a_day_of_silence_parts_the_span_and_later_batches_may_close_it() -> None:
    alive = Alive()
    alive.add(flows(0, 1, 40, 41))
    assert alive.spans() == ((T0, T0 + HOUR), (T0 + 40 * HOUR, T0 + 41 * HOUR))
    alive.add(flows(20))
    assert alive.spans() == ((T0, T0 + 41 * HOUR),)


def test_order_does_not_matter() -> None:
    one, other = Alive(), Alive()
    one.add(flows(5, 100, 0, 6))
    for hour in (100, 6, 0, 5):
        other.add(flows(hour))
    assert one.spans() == other.spans()


def test_what_says_nothing_about_the_clock_is_no_evidence() -> None:
    alive = Alive()
    alive.add(flows(9_000_000, flags=Flag.FUTURE))
    alive.add(flows(1, flags=Flag.IMPOSSIBLE_TIME))
    alive.add(flows(-24 * 365 * 60))
    assert alive.spans() == ()


def test_other_signs_of_life_count_as_records_do() -> None:
    alive = Alive()
    hours = np.array([0, 2], dtype=np.int64)
    alive.saw(hours * 3_600_000_000 + micros_of(T0))
    alive.saw(np.array([0], dtype=np.int64))
    assert alive.spans() == ((T0, T0 + 2 * HOUR),)
