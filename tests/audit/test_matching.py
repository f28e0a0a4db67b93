from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sekisho.audit.evidence import KEYS, key_of
from sekisho.audit.matching import ASTRAY, NEAR, Records, Seen, read
from sekisho.store.lake import Lake

START = datetime(2024, 3, 1, tzinfo=UTC)
KEY = ("", 0, 1, "", 0, 2, 6, 445)
JP, TH = frozenset({"jp"}), frozenset({"th"})
JUNE_1 = datetime(2020, 6, 1, tzinfo=UTC)


def seen(sensor: str, at: float, lasts: float = 1) -> Seen:
    start = START + timedelta(seconds=at)
    return Seen(sensor, start, start + timedelta(seconds=lasts))


def lacking(*rows: Seen, end: float = 86_400) -> tuple[int, int]:
    """(flows that JP lacks, flows it has at another time)."""
    records = Records({KEY: {"tuple": rows}}, frozenset())
    found = records.missed(KEY, TH, JP, START, START + timedelta(seconds=end))
    return len(found.flows), found.astray


def test_records_that_lie_close_are_of_one_flow() -> None:
    assert lacking(seen("th", 10), seen("jp", 10 + NEAR.total_seconds())) == (0, 0)
    assert lacking(seen("th", 10), seen("th", 500), seen("jp", 500.2)) == (1, 0)
    assert lacking(seen("jp", 10)) == (0, 0), "what TH lacks is another question"


def test_parts_of_a_long_flow_are_one() -> None:
    parts = [seen("th", at, 300) for at in range(0, 3000, 300)]
    assert lacking(*parts) == (1, 0)
    assert lacking(*parts, seen("jp", 1200, 10)) == (0, 0)


def test_what_lies_astray_at_both_ends_is_a_matter_of_clocks() -> None:
    assert lacking(seen("th", 10), seen("jp", 4000)) == (0, 1)
    far = 10 + ASTRAY.total_seconds() + 60
    assert lacking(seen("th", 10), seen("jp", far)) == (1, 0)
    assert lacking(seen("th", 10), seen("th", 900), seen("jp", 4000)) == (1, 1)


def test_only_what_began_in_the_time_is_asked_about() -> None:
    assert lacking(seen("th", 10), seen("th", 900), end=100) == (1, 0)


@given(st.lists(st.integers(0, 80_000), unique=True, max_size=12), st.data())
def test_what_is_taken_away_is_what_is_lacking(times: list[int], data: st.DataObject) -> None:
    apart = [at * 100 for at in times]
    gone = data.draw(st.sets(st.sampled_from(apart))) if apart else set()
    rows = [seen("th", at) for at in apart]
    rows += [seen("jp", at + 0.3) for at in apart if at not in gone]
    assert lacking(*rows, end=10**8) == (len(gone), 0)


def test_records_of_the_lake_are_found_by_connection(lake: Lake, asked: Callable[..., object]) -> None:
    (row,) = asked("10.40.9.9", "10.1.10.96", 445).select(KEYS).to_pylist()  # type: ignore[attr-defined]
    key = key_of(row)
    end = JUNE_1 + timedelta(days=7)
    found = read(lake, [key], {"jp-edge": timedelta(seconds=0.0135)}, JUNE_1, end)
    both = found.missed(key, frozenset({"th-edge"}), frozenset({"jp-edge"}), JUNE_1, end)
    assert both.flows == ()
    none = found.missed(key, frozenset({"th-edge"}), frozenset({"other"}), JUNE_1, end)
    assert len(none.flows) == 3
    assert none.flows[0].start == JUNE_1 + timedelta(days=3, hours=10)
    assert found.short == frozenset()
    assert read(lake, [], {}, JUNE_1, end).missed(key, JP, TH, JUNE_1, end).flows == ()
