"""Words of Ibis that compile for every engine and do not mean the same on each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

REFUSED = {
    "CountDistinct": "ClickHouse estimates it; count the rows of distinct()",
    "CountDistinctStar": "ClickHouse estimates it; count the rows of distinct()",
    "ApproxCountDistinct": "it is an estimate",
    "ApproxMedian": "it is an estimate",
    "ApproxQuantile": "it is an estimate",
    "Median": "ClickHouse estimates it",
    "Quantile": "ClickHouse estimates it",
    "Lag": "ClickHouse gives 0 or '' where there is no row before",
    "Lead": "ClickHouse gives 0 or '' where there is no row after",
    "StringLength": "ClickHouse counts bytes, others characters",
    "ExtractEpochSeconds": "ClickHouse has none before 1970; use functions.micros",
    "TimestampTruncate": "ClickHouse has none before 1970; reckon with functions.micros",
    "Date": "ClickHouse has none before 1970; reckon with functions.micros",
    "TimestampDelta": "Spark and ClickHouse have no microseconds in it; subtract functions.micros",
    "BitOr": "Spark's compiler has none; use functions.bit_or",
    "Hash": "each engine has its own",
    "InMemoryTable": "it is not shipped; use the engine's table()",
}
"""What no portable question may use, and why. Measured on DuckDB 2.0, Spark 4.0 and ClickHouse 26.9."""


def check_words(rows: ir.Table) -> None:
    """Raises TypeError where an expression uses what engines do not agree about."""
    import ibis.expr.operations as ops

    for node in rows.op().find(ops.Node):
        word = type(node).__name__
        if word in REFUSED:
            raise TypeError(f"{word} is not portable: {REFUSED[word]}")
        if isinstance(node, ops.Cast) and node.arg.dtype.is_timestamp() and node.to.is_integer():
            raise TypeError("a time as a number is not portable: use functions.micros")
