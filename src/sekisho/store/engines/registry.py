"""Every engine that sekisho.toml may name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sekisho.store.engines.clickhouse import ClickHouse
from sekisho.store.engines.ibis_duckdb import IbisDuckDB
from sekisho.store.engines.portable import PortableEngine, Target
from sekisho.store.engines.spark import Spark

ENGINES: Mapping[str, Callable[[Target], PortableEngine]] = {
    "duckdb": IbisDuckDB,
    "spark": Spark.open,
    "clickhouse": ClickHouse.open,
}
"""What opens each engine for the portable questions. Drivers are imported when one is opened."""
