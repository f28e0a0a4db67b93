"""What holds on every engine, put to each."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
from ibis import _

from sekisho.errors import RequestError, SekishoError
from sekisho.store.engines.clickhouse import ClickHouse
from sekisho.store.engines.portable import (
    PortableEngine,
    Target,
    checked_name,
    conformed,
    missing,
    own_options,
    portable,
)

Fresh = Callable[[], str]


@pytest.fixture
def flows(portable_engine: PortableEngine, files: list[Path], rows: pa.Table) -> Any:
    """The rows of both files."""
    return portable_engine.parquet(files, rows.schema)


def micros(rows: pa.Table) -> list[int]:
    counted: list[int] = rows["start"].cast(pa.int64()).to_pylist()
    return counted


def test_every_row_of_every_type_comes_back_as_it_was_written(
    portable_engine: PortableEngine, flows: Any, rows: pa.Table
) -> None:
    result = portable_engine.fetch(flows.order_by("port"))
    assert result.schema == portable(rows.schema)
    assert result.to_pylist() == rows.to_pylist()


def test_only_the_columns_asked_for_are_there(
    portable_engine: PortableEngine, files: list[Path], rows: pa.Table
) -> None:
    narrow = rows.select(["text", "port"])
    result = portable_engine.fetch(portable_engine.parquet(files, narrow.schema).order_by("port"))
    assert result.to_pylist() == narrow.to_pylist()


def test_shipped_rows_come_back_and_are_replaced_by_the_next_of_that_name(
    portable_engine: PortableEngine, rows: pa.Table, fresh: Fresh
) -> None:
    name = fresh()
    for part in (rows, rows.slice(7, 3)):
        assert (
            portable_engine.fetch(portable_engine.table(name, part).order_by("port")).to_pylist()
            == part.to_pylist()
        )


def test_nothing_shipped_and_no_file_are_tables_without_rows(
    portable_engine: PortableEngine, rows: pa.Table, fresh: Fresh
) -> None:
    for empty in (
        portable_engine.table(fresh(), rows.slice(0, 0)),
        portable_engine.parquet([], rows.schema),
    ):
        assert portable_engine.fetch(empty) == portable(rows.schema).empty_table()
        said = portable_engine.fetch(
            empty.agg(
                count=_.count(),
                total=_.bytes.sum(),
                first=_.start.min(),
                port=_.port.max(),
                s=_.text.min(),
            )
        )
        assert said.to_pylist() == [{"count": 0, "total": None, "first": None, "port": None, "s": None}]


def test_unsigned_and_dictionary_columns_are_widened(
    portable_engine: PortableEngine, fresh: Fresh
) -> None:
    given = pa.table(
        {
            "a": pa.array([0, 255], pa.uint8()),
            "b": pa.array([0, 65_535], pa.uint16()),
            "c": pa.array([0, 2**32 - 1], pa.uint32()),
            "d": pa.array(["x", None]).dictionary_encode(),
        }
    )
    result = portable_engine.fetch(portable_engine.table(fresh(), given).order_by("a"))
    assert result.schema.types == [pa.int16(), pa.int32(), pa.int64(), pa.string()]
    assert result.to_pylist() == given.to_pylist()


def test_a_join_with_shipped_rows_aggregates_like_a_plain_count(
    portable_engine: PortableEngine, flows: Any, rows: pa.Table, fresh: Fresh
) -> None:
    classes = pa.table({"lo": rows["lo"], "class_": pa.array([n % 7 for n in range(60)], pa.int32())})
    joined = flows.join(portable_engine.table(fresh(), classes), "lo")
    result = portable_engine.fetch(
        joined.group_by("class_")
        .agg(
            count=_.count(),
            total=_.bytes.sum(),
            first=_.start.min(),
            last=_.start.max(),
            hi=_.hi.min(),
            earliest=_.port.argmin(_.start),
            bits=portable_engine.functions.bit_or(_.port),
        )
        .order_by("class_")
    )
    wanted = []
    for number in range(7):
        of = [row for n, row in enumerate(rows.to_pylist()) if n % 7 == number]
        wanted.append(
            {
                "class_": number,
                "count": len(of),
                "total": sum(row["bytes"] for row in of if row["bytes"] is not None),
                "first": min(row["start"] for row in of),
                "last": max(row["start"] for row in of),
                "hi": min(row["hi"] for row in of),
                "earliest": of[0]["port"],
                "bits": reduce(int.__or__, (row["port"] for row in of)),
            }
        )
    assert result.to_pylist() == wanted
    assert result.schema.field("total").type == result.schema.field("count").type == pa.int64()


def test_what_is_kept_can_be_asked_again_with_times_as_whole_microseconds(
    portable_engine: PortableEngine, flows: Any, rows: pa.Table, fresh: Fresh
) -> None:
    kept = portable_engine.keep(
        fresh(), flows.select("port", "start", at=portable_engine.functions.micros(_.start))
    )
    result = portable_engine.fetch(kept.order_by("port"))
    assert result["at"].to_pylist() == micros(rows)
    back = kept.filter(portable_engine.functions.moment(_.at) == _.start)
    assert portable_engine.fetch(back.agg(n=_.count())).to_pylist() == [{"n": 60}]


def test_kept_sums_have_the_width_their_column_is_declared_with(
    portable_engine: PortableEngine, flows: Any, rows: pa.Table, fresh: Fresh
) -> None:
    kept = portable_engine.keep(fresh(), flows.group_by("state").agg(n=_.count(), total=_.bytes.sum()))
    twice = portable_engine.fetch(kept.agg(n=_.n.sum(), total=_.total.sum()))
    present = [value for value in rows["bytes"].to_pylist() if value is not None]
    assert twice.to_pylist() == [{"n": 60, "total": sum(present)}]


def test_what_is_forgotten_is_gone_and_its_name_is_free(
    portable_engine: PortableEngine, files: list[Path], rows: pa.Table, fresh: Fresh
) -> None:
    flows, name, other = portable_engine.parquet(files, rows.schema), fresh(), fresh()
    shipped = portable_engine.table(name, rows)
    kept = portable_engine.keep(other, shipped.select("port"))
    for table in (flows, shipped, kept):
        portable_engine.forget(table)
        with pytest.raises(SekishoError):
            portable_engine.fetch(table)
    again = portable_engine.keep(name, portable_engine.table(other, rows.slice(0, 2)))
    assert portable_engine.fetch(again.agg(n=_.count()))["n"].to_pylist() == [2]


def test_intervals_semi_and_anti_joins_and_unions(
    portable_engine: PortableEngine, flows: Any, fresh: Fresh
) -> None:
    spans = portable_engine.table(
        fresh(),
        pa.table({"a": pa.array([0, 20]), "z": pa.array([9, 24]), "label": ["x", "y"]}),
    )
    within = [flows.port >= spans.a, flows.port <= spans.z]
    counts = {
        "inner": flows.join(spans, within).count(),
        "unmatched": flows.left_join(spans, within).filter(_.label.isnull()).count(),
        "semi": flows.semi_join(spans, within).count(),
        "anti": flows.anti_join(spans, within).count(),
        "union": ibis.union(flows.select("port"), flows.select("port"), distinct=False).count(),
    }
    found = {
        name: portable_engine.fetch(count.name("n").as_table())["n"][0].as_py()
        for name, count in counts.items()
    }
    assert found == {"inner": 15, "unmatched": 45, "semi": 15, "anti": 45, "union": 120}


def test_text_in_an_expression_is_compared_as_it_is(
    portable_engine: PortableEngine, flows: Any, rows: pa.Table
) -> None:
    for text in {text for text in rows["text"].to_pylist() if text is not None}:
        found = portable_engine.fetch(flows.filter(_.text == text).select("text", "port"))
        assert found["text"].to_pylist() == [text] * 6


def test_the_earliest_of_a_null_is_null(portable_engine: PortableEngine, flows: Any) -> None:
    two = flows.filter(_.port.isin([0, 1]))
    assert portable_engine.fetch(two.agg(text=_.text.argmin(_.start)))["text"].to_pylist() == [None]


def test_distinct_rows_are_counted_exactly(
    portable_engine: PortableEngine, flows: Any, rows: pa.Table, fresh: Fresh
) -> None:
    many = portable_engine.table(fresh(), pa.table({"x": [n // 2 for n in range(200_000)]}))
    assert portable_engine.fetch(many.distinct().agg(n=_.count()))["n"].to_pylist() == [100_000]


def test_null_is_equal_to_nothing(portable_engine: PortableEngine, flows: Any, fresh: Fresh) -> None:
    other = portable_engine.table(fresh(), pa.table({"text": pa.array([None, ""], pa.string())}))
    assert portable_engine.fetch(flows.join(other, "text").agg(n=_.count()))["n"].to_pylist() == [6]


def test_a_value_beyond_its_column_is_an_error_and_not_another_value(
    portable_engine: PortableEngine, flows: Any, request: pytest.FixtureRequest
) -> None:
    if isinstance(portable_engine, ClickHouse):
        reason = "ClickHouse's casts and sums wrap round, and no setting of it says otherwise"
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    with pytest.raises(SekishoError, match=r"does not fit|could not compute"):
        portable_engine.fetch(
            flows.select(x=(_.port + 100_000).cast("int64")).select(x=_.x.cast("int16"))
        )


def test_a_file_that_is_not_whole_is_an_error(
    portable_engine: PortableEngine, files: list[Path], rows: pa.Table, lake_folder: Path
) -> None:
    torn = lake_folder / "torn.parquet"
    torn.write_bytes(files[0].read_bytes()[:-100])
    with pytest.raises(SekishoError):
        portable_engine.fetch(portable_engine.parquet([files[0], torn], rows.schema))


def test_types_that_engines_have_in_their_own_ways_are_refused() -> None:
    for kind in (pa.uint64(), pa.decimal128(38), pa.date32(), pa.timestamp("us"), pa.list_(pa.int8())):
        with pytest.raises(TypeError, match="column x"):
            portable(pa.schema([("x", kind)]))


def test_a_result_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(SekishoError, match="does not fit"):
        conformed(pa.table({"x": [300]}), pa.schema([("x", pa.int8())]))


@pytest.mark.parametrize("name", ["", "1a", "A", "a b", "a;drop", "a" * 41])
def test_names_that_could_be_more_than_a_name_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        checked_name(name)


def test_an_option_that_changes_answers_is_refused() -> None:
    assert own_options({"a.b": True, "c": 4}, ["d"], "X") == {"a.b": "true", "c": "4"}
    with pytest.raises(RequestError, match="would change what X answers"):
        own_options({"d": 1}, ["d"], "X")


def test_the_mend_for_a_missing_driver_names_the_extra() -> None:
    assert missing("spark", ImportError("no", name="pyspark")).mend == "pip install 'sekisho[spark]'"


def test_files_are_located_where_the_engine_sees_the_lake(target: Callable[..., Target]) -> None:
    here = target()
    path = here.root / "flows" / "day=2024-03-04" / "x.parquet"
    assert here.located(path) == str(path)
    assert target(lake="s3a://b/lake/").located(path) == "s3a://b/lake/flows/day=2024-03-04/x.parquet"
    with pytest.raises(ValueError, match="subpath"):
        target(lake="s3a://b").located(Path("/etc/passwd"))


def test_a_password_is_not_shown(target: Callable[..., Target]) -> None:
    assert "hunter2" not in repr(target(password="hunter2"))
