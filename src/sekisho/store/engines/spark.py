"""Spark: a cluster by its master URL or through Spark Connect, or one that is started in this process."""

from __future__ import annotations

import logging
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from sekisho.errors import SekishoError
from sekisho.store.engines.portable import (
    EngineStopped,
    Functions,
    Target,
    checked_name,
    conformed,
    declared,
    expected,
    functions,
    missing,
    own_options,
    portable,
)
from sekisho.store.engines.spark_session import connected, started

if TYPE_CHECKING:
    import ibis.expr.types as ir

_ANSWERS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
}
"""What answers depend on: times in UTC, no silent overflow, no file passed over."""

_GLOB = re.compile(r"([\\{}\[\]*?])")
_GONE = ("UNAVAILABLE", "RETRIES_EXCEEDED", "SparkContext was shut down")
_STOPPED = EngineStopped(
    "the engine stopped: Spark's driver went away in the middle of a question",
    "Nothing of the lake was changed. See why it ended (memory, often), and ask again.",
)


class Spark:
    """One session with temporary views of its own; other sessions of the same cluster see none of them.

    Files of the lake are read where the executors run, so all of them must see the lake at one place.
    """

    def __init__(self, session: Any, stop: Callable[[], None]) -> None:
        import ibis

        self._session = session
        self._stop = stop
        self._kept: dict[str, Any] = {}
        self._views: set[str] = set()
        self._count = 0
        self._located: Callable[[Path], str] = lambda path: str(path.absolute())
        self._compile: Callable[[ir.Table], str] = ibis.pyspark.connect(session).compile
        self.functions: Functions = functions(
            micros="unix_micros", moment="timestamp_micros", bit_or="bit_or"
        )

    @classmethod
    def open(cls, target: Target) -> Self:
        """Connect to `sc://…` or to a master URL; without a URL, start Spark in this process.

        Raises RequestError where packages or Java are missing, or the cluster is not reached.
        """
        options = own_options(target.options, _ANSWERS, "Spark")
        try:
            import ibis.backends.pyspark  # noqa: F401
        except ImportError as error:
            raise missing("spark", error) from error
        # What went wrong is in the exception; the driver would also print it.
        logging.getLogger("SQLQueryContextLogger").disabled = True
        opened = connected if (target.url or "").startswith("sc://") else started
        with ExitStack() as undo:
            session, stop = opened(target, options | _ANSWERS)
            undo.callback(stop)
            for name, value in _ANSWERS.items():
                session.conf.set(name, value)
            spark = cls(session, stop)
            spark._located = target.located
            undo.pop_all()
        return spark

    def parquet(self, paths: Sequence[Path], schema: pa.Schema) -> ir.Table:
        """The rows of Parquet files."""
        self._count += 1
        name = f"parquet_{self._count}"
        if not paths:
            return self.table(name, schema.empty_table())
        located = [_GLOB.sub(r"\\\1", self._located(path)) for path in paths]
        with self._told():
            frame = self._session.read.schema(_spark_schema(portable(schema))).parquet(*located)
            self._show(name, frame)
        return declared(name, schema)

    def table(self, name: str, rows: pa.Table) -> ir.Table:
        """Ship rows to the cluster."""
        schema = portable(rows.schema)
        with self._told():
            self._show(checked_name(name), self._session.createDataFrame(rows.cast(schema)))
        return declared(name, schema)

    def keep(self, name: str, rows: ir.Table) -> ir.Table:
        """Compute rows now; executors keep them, and compute anew what a lost one held."""
        from pyspark.storagelevel import StorageLevel

        schema = expected(rows)
        with self._told():
            frame = self._session.sql(self._compile(rows))
            frame = frame.select(
                *(frame[f"`{c.name}`"].cast(c.dataType).alias(c.name) for c in _spark_schema(schema))
            )
            frame = frame.persist(StorageLevel.MEMORY_AND_DISK)
            self._kept[name] = frame
            frame.write.format("noop").mode("overwrite").save()
            self._show(checked_name(name), frame)
        return declared(name, schema)

    def fetch(self, rows: ir.Table) -> pa.Table:
        """Compute rows and bring them here."""
        schema = expected(rows)
        with self._told():
            result = self._session.sql(self._compile(rows)).toArrow()
        return conformed(result, schema)

    def forget(self, rows: ir.Table) -> None:
        """Free what was shown, shipped or kept."""
        name = rows.get_name()
        with self._told():
            kept = self._kept.pop(name, None)
            if kept is not None:
                kept.unpersist()
            self._session.catalog.dropTempView(name)
        self._views.discard(name)

    def close(self) -> None:
        """Free what executors keep, forget the views, and stop Spark where this started it."""
        try:
            with self._told():
                for frame in self._kept.values():
                    frame.unpersist()
                for name in self._views:
                    self._session.catalog.dropTempView(name)
        except EngineStopped:
            return  # What a dead engine kept is gone with it.
        finally:
            self._kept.clear()
            self._views.clear()
            self._stop()

    def _show(self, name: str, frame: Any) -> None:
        frame.createOrReplaceTempView(name)
        self._views.add(name)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn the driver's errors into ours."""
        from py4j.protocol import Py4JError, Py4JNetworkError
        from pyspark.errors import PySparkException

        try:
            yield
        except (Py4JNetworkError, ConnectionError, EOFError) as error:
            raise _STOPPED from error
        except (Py4JError, PySparkException) as error:
            if self._is_gone(error):
                raise _STOPPED from error
            said = str(error).split("\n\n", maxsplit=1)[0].split("\nJVM stacktrace", maxsplit=1)[0]
            raise SekishoError(f"Spark could not compute this: {said[:2000]}", _mend(said)) from error

    def _is_gone(self, error: Exception) -> bool:
        from py4j.protocol import Py4JJavaError
        from pyspark.errors import PySparkException

        said = str(error)
        if any(word in said for word in _GONE):
            return True
        gateway = getattr(getattr(self._session, "_sc", None), "_gateway", None)
        process = getattr(gateway, "proc", None)
        if process is None:
            return False
        try:
            # A call that broke off without a word from Java is heard of before the kernel tells of the end.
            process.wait(0 if isinstance(error, Py4JJavaError | PySparkException) else 5)
        except subprocess.TimeoutExpired:
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _spark_schema(schema: pa.Schema) -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(schema)


def _mend(said: str) -> str:
    if "OutOfMemory" in said or "maxResultSize" in said:
        return "Give Spark more memory: spark.executor.memory or spark.driver.memory in engine.options."
    if "FAILED_READ_FILE" in said or "PATH_NOT_FOUND" in said or "FileNotFound" in said:
        return (
            "Every executor must see the lake; engine.lake says where. `sekisho store verify` reads it."
        )
    return ""
