"""Rounds in the embedded engine: each is about what was made last, and only looser rows go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from sekisho.errors import SekishoError
from sekisho.model.verdicts import Rank
from sekisho.store.contents import Contents
from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.eras import Span, eras
from sekisho.store.lake import Lake
from sekisho.store.manifest import connect
from sekisho.store.queries.columns import DAY
from sekisho.store.queries.months import DAY_LEVEL, MONTH_LEVEL, PIECE_LEVEL
from sekisho.store.rounds import EmbeddedRounds
from sekisho.store.shapes import DECISIONS, LABELS

MONDAY = 19_786
BEGIN, NOON, END = MONDAY * DAY, MONDAY * DAY + DAY // 2, (MONDAY + 2) * DAY
SECONDS = 86_400


@pytest.fixture
def rounds(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., Any], engine: DuckDB
) -> Iterator[EmbeddedRounds]:
    """Monday before and after noon, and Tuesday; another connection on Monday morning."""
    rows = [flow(at=at, sport=n + 1) for n, at in enumerate((3600, 50_000, SECONDS))]
    take(lake, "a", [*rows, flow("10.40.1.1", at=60)])
    lake.refresh()
    with closing(connect(lake.layout.manifest, migrate=False)) as manifest:
        yield EmbeddedRounds(engine, Contents.of(lake.layout, manifest, (BEGIN, END)), BEGIN, END)


def label(rounds: EmbeddedRounds, spans: list[Span]) -> pa.Table:
    """Give every end the class 1, the same at all times; the combinations."""
    ends = rounds.addresses(eras(spans, []).spans)
    columns = [pa.array([1] * ends.num_rows, pa.int32()), pa.array([True] * ends.num_rows)]
    for name, column in zip(("class", "steady"), columns, strict=True):
        ends = ends.append_column(name, column)
    return rounds.label(ends.select(LABELS.names).cast(LABELS))


def changing(combinations: pa.Table) -> pa.Table:
    """Authorized until noon of Monday, unauthorized from then."""
    noon = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=NOON)
    held = [(None, noon, Rank.AUTHORIZED), (noon, None, Rank.UNAUTHORIZED)]
    rows = [
        row | {"begin": begin, "end": end, "rank": int(rank)}
        for row in combinations.to_pylist()
        for begin, end, rank in held
    ]
    return pa.Table.from_pylist(rows, DECISIONS)


def test_from_months_to_pieces_of_what_is_loose(rounds: EmbeddedRounds) -> None:
    spans = rounds.coarse()
    assert {span.level for span in spans} == {MONTH_LEVEL}
    rounds.decide(changing(label(rounds, spans)))
    (month,) = rounds.loose(MONTH_LEVEL)
    spans = rounds.days([month])
    assert [span.begin for span in spans] == [BEGIN, BEGIN + DAY]
    rounds.decide(changing(label(rounds, spans)))
    assert rounds.loose(DAY_LEVEL) == [BEGIN], "nothing changes on Tuesday"
    assert rounds.blunt([NOON]) == [], "raw flows are there"
    spans = rounds.pieces([BEGIN], [NOON])
    assert {span.level for span in spans} == {PIECE_LEVEL}
    rounds.decide(changing(label(rounds, spans)))
    totals, links, violations = rounds.verdicts()
    found = {row["rank"]: (row["connections"] or 0, row["flows"]) for row in totals.to_pylist()}
    assert found == {Rank.AUTHORIZED: (1, 2), Rank.UNAUTHORIZED: (1, 2)}
    assert sum(links["connections"].to_pylist()) == 2
    (violation,) = violations.to_pylist()
    assert (violation["flows"], violation["days_active"]) == (2, 2)
    assert (rounds.blunted, list(rounds.damage), list(rounds.pruned)) == (0, [], [])
    assert sorted(rounds.judged()["flows"].to_pylist()) == [1, 3]
    assert rounds.usage().num_rows == 1


def test_a_pruned_day_goes_no_closer(rounds: EmbeddedRounds, lake: Lake, monday: datetime) -> None:
    lake.prune(monday + timedelta(days=1))
    with (
        closing(connect(lake.layout.manifest, migrate=False)) as manifest,
        DuckDB(lake.layout.root, lake.layout.staging, "300MB", 1) as engine,
    ):
        contents = Contents.of(lake.layout, manifest, (BEGIN, END), by_month=False)
        mine = EmbeddedRounds(engine, contents, BEGIN, END)
        mine.decide(changing(label(mine, mine.coarse())))
        spans = mine.blunt([NOON])
        assert [(span.begin, span.stop) for span in spans] == [(BEGIN, NOON), (NOON, BEGIN + DAY)]
        mine.decide(changing(label(mine, spans)))
        assert (mine.blunted, mine.loose(DAY_LEVEL), list(mine.pruned)) == (1, [], [MONDAY])
        found = {row["rank"]: row["flows"] for row in mine.verdicts()[0].to_pylist()}
    assert found == {Rank.AUTHORIZED: 1, Rank.UNAUTHORIZED: 3}


def test_labels_that_lack_or_repeat_an_end_are_refused(rounds: EmbeddedRounds) -> None:
    ends = rounds.addresses(eras(rounds.coarse(), []).spans)
    one = ends.append_column("class", pa.array([1] * ends.num_rows, pa.int32()))
    whole = one.append_column("steady", pa.array([True] * ends.num_rows))
    with pytest.raises(SekishoError, match="not labelled"):
        rounds.label(whole.slice(1))
    with pytest.raises(SekishoError, match="two labels"):
        rounds.label(pa.concat_tables([whole, whole.slice(0, 1)]))
