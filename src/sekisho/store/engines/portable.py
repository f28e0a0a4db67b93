"""What an engine must do for the portable questions, which are Ibis expressions.

Tables have the columns of an Arrow schema, the same on every engine: signed integers, doubles, booleans,
text, and times in UTC with microseconds; every one may be null. Questions are put to `fetch` and `keep`
as expressions over what `parquet`, `table` and `keep` gave.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

import pyarrow as pa

from sekisho.errors import RequestError, SekishoError
from sekisho.model.flows import TIME
from sekisho.store.engines.portable_words import check_words

if TYPE_CHECKING:
    import ibis.expr.types as ir

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KEPT = {pa.bool_(), pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.float64(), pa.string(), TIME}
_WIDENED = {
    pa.uint8(): pa.int16(),
    pa.uint16(): pa.int32(),
    pa.uint32(): pa.int64(),
    pa.large_string(): pa.string(),
    pa.string_view(): pa.string(),
}


class EngineStopped(SekishoError):
    """The engine went away in the middle of a question. Nothing of the lake was changed by that."""


@dataclass(frozen=True, slots=True)
class Target:
    """Which engine, where it is, and what it may use.

    `lake` is where the engine sees the folder `root` where that is not the same path: a path or the URL
    of a store of objects. `memory_limit` (bytes) and `threads` bound an engine in this process or on
    this machine; a cluster has its own bounds. `options` are the engine's own settings, by its names.
    """

    root: Path
    temporary: Path
    memory_limit: int
    threads: int | None = None
    url: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    cluster: str | None = None
    lake: str | None = None
    options: Mapping[str, str | int | float | bool] = field(default_factory=dict)

    def located(self, path: Path) -> str:
        """A file of the lake as the engine reads it. Raises ValueError for one outside `root`."""
        if self.lake is None:
            return str(path.absolute())
        return f"{self.lake.rstrip('/')}/{path.relative_to(self.root).as_posix()}"


@dataclass(frozen=True, slots=True)
class Functions:
    """What every engine can compute and Ibis has no one word for.

    `micros` turns a time into microseconds since 1970 and `moment` turns that into a time again, both
    exact; `bit_or` aggregates integers. Null in, null out.
    """

    micros: Callable[[Any], Any]
    moment: Callable[[Any], Any]
    bit_or: Callable[[Any], Any]


class PortableEngine(Protocol):
    """Runs Ibis expressions over Parquet files of the lake and Arrow tables shipped to it.

    Not safe for several threads at once. Names are lower case, digits and underscores, at most 40.
    """

    @property
    def functions(self) -> Functions:
        """What to say where Ibis has no portable word."""
        ...

    def parquet(self, paths: Sequence[Path], schema: pa.Schema) -> ir.Table:
        """The rows of Parquet files that all have the columns of `schema`, by name; none: no rows."""
        ...

    def table(self, name: str, rows: pa.Table) -> ir.Table:
        """Ship rows to the engine; the same name again replaces them.

        Narrow unsigned integers are widened. Raises TypeError for types that not every engine has.
        """
        ...

    def keep(self, name: str, rows: ir.Table) -> ir.Table:
        """Compute rows now and keep them for the next questions, under a name that is free."""
        ...

    def fetch(self, rows: ir.Table) -> pa.Table:
        """Compute rows and bring them here, with the columns and types of the expression, unordered
        unless it orders them.

        Raises EngineStopped where the engine died, SekishoError where it cannot compute them.
        """
        ...

    def forget(self, rows: ir.Table) -> None:
        """Free what `parquet`, `table` or `keep` gave; nothing may be asked of it afterwards."""
        ...

    def close(self) -> None:
        """Free what was kept and shipped; stop the engine where this started it."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def portable(schema: pa.Schema) -> pa.Schema:
    """The same columns in types that every engine has, all nullable. Raises TypeError."""
    return pa.schema([pa.field(column.name, _portable_type(column)) for column in schema])


def _portable_type(column: pa.Field) -> pa.DataType:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    kind = _WIDENED.get(kind, kind)
    if kind not in _KEPT:
        raise TypeError(f"column {column.name}: {column.type} is not the same on every engine")
    return kind


def declared(name: str, schema: pa.Schema) -> ir.Table:
    """An Ibis table of that name whose columns are as declared, not as an engine would describe them."""
    import ibis

    return ibis.table(ibis.Schema.from_pyarrow(portable(schema)), name=name)


def expected(rows: ir.Table) -> pa.Schema:
    """The columns that an expression's result has.

    Raises TypeError for types and words that are not the same on every engine.
    """
    check_words(rows)
    return portable(rows.schema().to_pyarrow())


def conformed(result: pa.Table, schema: pa.Schema) -> pa.Table:
    """A result in the types its expression has: engines count in their own widths.

    Raises SekishoError where a value does not fit, such as a sum beyond 64 bits.
    """
    try:
        return result.cast(schema)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
        raise SekishoError(f"the engine's answer does not fit its columns: {error}") from error


def checked_name(name: str) -> str:
    """The name, if it may be one. Raises ValueError."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for a table")
    return name


def functions(*, micros: str, moment: str, bit_or: str) -> Functions:
    """Functions by the names that an engine has for them."""
    import ibis
    import ibis.expr.datatypes as dt

    scalar, aggregate = ibis.udf.scalar.builtin, ibis.udf.agg.builtin
    time = dt.Timestamp(timezone="UTC", scale=6)
    return Functions(
        scalar(_argument("micros"), name=micros, signature=((time,), dt.int64)),
        scalar(_argument("moment"), name=moment, signature=((dt.int64,), time)),
        aggregate(_argument("bit_or"), name=bit_or, signature=((dt.int64,), dt.int64)),
    )


def _argument(name: str) -> Callable[[Any], Any]:
    def builtin(value: Any) -> Any:
        """Computed by the engine."""

    builtin.__name__ = name
    return builtin


def missing(extra: str, error: ImportError) -> RequestError:
    """The error for a driver that is not installed."""
    return RequestError(
        f"the engine needs packages that are not installed: {error.name or error}",
        f"pip install 'sekisho[{extra}]'",
    )


def own_options(
    options: Mapping[str, str | int | float | bool], forbidden: Iterable[str], engine: str
) -> dict[str, str]:
    """The engine's own settings as text. Raises RequestError for one that would change answers."""
    for name in forbidden:
        if name in options:
            raise RequestError(
                f"engine.options: {name} would change what {engine} answers", "Take it out."
            )
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in options.items()
    }
