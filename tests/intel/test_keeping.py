from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sekisho.errors import IntegrityError, RequestError
from sekisho.intel.keeping import Keeper, Kept
from sekisho.model.indicators import INDICATORS

NOW = datetime(2020, 6, 11, tzinfo=UTC)


def rows(*values: str) -> pa.Table:
    found: list[dict[str, Any]] = [
        {"kind": "domain", "value": one, "confidence": 50, "tlp": "clear", "source": "", "says": ""}
        for one in values
    ]
    return pa.Table.from_pylist(found, INDICATORS)


def test_a_feed_that_was_never_fetched_is_empty(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path / "intel")
    assert keeper.state("a") == Kept()
    assert keeper.rows("a", Kept()).num_rows == 0
    assert not (tmp_path / "intel").exists()


def test_what_is_kept_takes_the_place_of_what_was(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path / "intel")
    first = keeper.put("a", Kept(checked=NOW, etag='"1"'), rows("x.example"))
    second = keeper.put("a", first, rows("y.example", "z.example"))
    assert keeper.state("a") == second
    assert (second.indicators, second.checked, second.etag) == (2, NOW, '"1"')
    assert keeper.rows("a", second)["value"].to_pylist() == ["y.example", "z.example"]
    assert sorted(one.name for one in (tmp_path / "intel" / "a").iterdir()) == [
        "2.parquet",
        "feed.json",
    ]
    # How it stands may change without what it holds.
    third = keeper.put("a", second.model_copy(update={"error": "away"}))
    assert keeper.rows("a", third).num_rows == 2


def test_a_killed_run_leaves_the_feed_as_it_was(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    kept = keeper.put("a", Kept(), rows("x.example"))
    (tmp_path / "a" / "2.parquet").write_bytes(b"PAR1 half")
    (tmp_path / "a" / ".feed.json.17").write_text('{"file": "2.par')
    assert keeper.rows("a", keeper.state("a"))["value"].to_pylist() == ["x.example"]
    keeper.put("a", kept, rows("y.example"))
    assert keeper.rows("a", keeper.state("a"))["value"].to_pylist() == ["y.example"]


def test_damage_is_told(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    kept = keeper.put("a", Kept(), rows("x.example"))
    (tmp_path / "a" / kept.file).write_bytes(b"rubbish")
    with pytest.raises(IntegrityError, match="cannot be read"):
        keeper.rows("a", kept)
    (tmp_path / "a" / "feed.json").write_text("{")
    with pytest.raises(IntegrityError, match="cannot be read"):
        keeper.state("a")


def test_one_process_at_a_time(tmp_path: Path) -> None:
    keeper, other = Keeper(tmp_path), Keeper(tmp_path)
    with keeper.writing(), pytest.raises(RequestError, match="refreshing"), other.writing(0):
        pass
