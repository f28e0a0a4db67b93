"""A window judged elsewhere is judged as here, leaves nothing behind, and changes nothing of the lake."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sekisho.errors import SekishoError
from sekisho.model.verdicts import Rank
from sekisho.store.engines.ibis_duckdb import IbisDuckDB
from sekisho.store.engines.portable import PortableEngine
from sekisho.store.lake import Lake

Row = dict[str, Any]
Rows = Callable[..., Row]
Opener = Callable[[], PortableEngine]
DAY = 86_400


@pytest.fixture
def root(tmp_path: Path, take: Callable[..., bool], flow: Rows) -> Path:
    with Lake.open(tmp_path / "lake", create=True, threads=1, memory_limit="300MB") as lake:
        take(lake, "a", [flow(at=10), flow(at=DAY), flow("10.9.9.9", "10.8.8.8")], "a.log")
        take(lake, "b", [flow(at=10.02, bytes_out=1001)], "b.log")
        lake.refresh()
    return tmp_path / "lake"


@pytest.fixture
def away(root: Path, elsewhere: Opener) -> Iterator[Lake]:
    with Lake.open(root, threads=1, memory_limit="300MB", elsewhere=elsewhere) as lake:
        yield lake


def hashes(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*.parquet"))
    }


def test_what_a_register_leaves_open_or_says_twice_is_refused(
    away: Lake, plan: Callable[..., Any], monday: datetime
) -> None:
    noon, later = monday + timedelta(hours=12), monday + timedelta(hours=20)
    for held, message in (
        ([(noon, None, Rank.AUTHORIZED)], "1 rows were not decided"),
        ([(None, later, Rank.AUTHORIZED), (noon, None, Rank.LAPSED)], "overlap"),
    ):
        with away.stage(None, None) as stage, pytest.raises(SekishoError, match=message):
            stage.judge(plan({(40, 1): held}))


def test_addresses_with_two_labels_or_none_are_refused(
    away: Lake, always: Callable[[Rank], Any]
) -> None:
    class Wrong:
        epochs: tuple[datetime, ...] = ()
        cuts: tuple[datetime, ...] = ()

    with away.stage(None, None) as stage:
        rounds = stage._rounds
        spans = rounds.coarse()
        (span,) = {(span.level, span.begin, span.stop) for span in spans}
        at = {"level": [span[0]], "span": [span[1]], "stop": [span[2]], "era": [0]}
        found = rounds.addresses(pa.table(at))
        given = found.append_column("class", pa.array([1] * found.num_rows)).append_column(
            "steady", pa.array([True] * found.num_rows)
        )
        with pytest.raises(SekishoError, match="two labels"):
            rounds.label(pa.concat_tables([given, given.slice(0, 1)]))
        with pytest.raises(SekishoError, match="not labelled"):
            rounds.label(given.slice(1))


def test_an_empty_lake_has_an_empty_window(
    tmp_path: Path, elsewhere: Opener, always: Callable[[Rank], Any]
) -> None:
    with (
        Lake.open(tmp_path / "new", create=True, threads=1, elsewhere=elsewhere) as lake,
        lake.stage(None, None) as here,
    ):
        found = here.judge(always(Rank.UNAUTHORIZED))
        assert here.usage().num_rows == here.judged().num_rows == 0
    assert (found.totals.num_rows, found.links.num_rows, found.violations.num_rows) == (0, 0, 0)
    assert found.blunt == 0


def test_nothing_is_left_in_the_engine(
    root: Path, ibis_duckdb: IbisDuckDB, always: Callable[[Rank], Any]
) -> None:
    class Shared:
        def __getattr__(self, name: str) -> Any:
            return getattr(ibis_duckdb, name)

        def close(self) -> None: ...

    def names() -> list[str]:
        found = ibis_duckdb._engine.fetch("SELECT name FROM (SHOW ALL TABLES) ORDER BY ALL")
        names: list[str] = found["name"].to_pylist()
        return names

    before = names()
    with Lake.open(root, threads=1, elsewhere=lambda: Shared()) as lake:  # type: ignore[return-value]
        with lake.stage(None, None) as stage:
            found = stage.judge(always(Rank.UNAUTHORIZED)).violations
            stage.views(found)
            assert names() != before
        lake.first_last(found)
    assert names() == before


def test_a_file_with_a_flipped_bit_is_an_error_and_the_lake_is_as_it_was(
    root: Path, away: Lake, always: Callable[[Rank], Any]
) -> None:
    month = next(root.rglob("months/**/*.parquet"))
    body = bytearray(month.read_bytes())
    body[4:200] = bytes(196)
    month.write_bytes(body)
    before = hashes(root)
    with away.stage(None, None) as stage, pytest.raises(SekishoError):
        stage.judge(always(Rank.UNAUTHORIZED))
    assert hashes(root) == before
    assert list((root / "staging").iterdir()) == []
