from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.intel.base import Aside, Columns, FeedError, Given
from sekisho.intel.readers.table import Table
from sekisho.model.indicators import IndicatorKind

ANY = Columns()


def read(tmp_path: Path, text: str, columns: Columns = ANY) -> list[object]:
    (tmp_path / "x").write_text(text)
    return list(Table().read(tmp_path / "x", columns))


def test_columns_that_are_found_by_their_names(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "# exported\nIP,Confidence,valid_until,description\n"
        '45.9.148.3,80,2020-06-11,"one, two"\n45.9.148.4\n',
    )
    assert found == [
        Given(
            "45.9.148.3",
            valid_until=datetime(2020, 6, 11, tzinfo=UTC),
            confidence=80,
            says="one, two",
        ),
        Given("45.9.148.4"),
    ]


def test_columns_that_the_register_names(tmp_path: Path) -> None:
    columns = Columns(value="What", kind="Is", says="Why")
    found = read(tmp_path, "what,is,why\nevil.example,domain,c2\nx,filename,\n", columns)
    assert found[0] == Given("evil.example", IndicatorKind.DOMAIN, says="c2")
    assert isinstance(found[1], Aside)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "# ip\n"])
def test_no_column_of_values(tmp_path: Path, text: str) -> None:
    with pytest.raises(FeedError, match="no column"):
        read(tmp_path, text)


def test_what_csv_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="no table"):
        read(tmp_path, 'ip,b\n"' + ("x" * 60_000 + "\n") * 3)
