"""What an engine must do for the named questions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import pyarrow as pa

Value = int | float | str | bool | None | Sequence[int] | Sequence[str]


class Engine(Protocol):
    """Runs SQL over Parquet files and registered Arrow tables, in bounded memory."""

    def run(self, sql: str, values: Sequence[Value] = ()) -> None:
        """Run a statement for its effect; `values` are bound to $1, $2 …"""
        ...

    def fetch(self, sql: str, values: Sequence[Value] = ()) -> pa.Table:
        """The rows of a query."""
        ...

    def refusal(self, sql: str) -> str | None:
        """Why the engine does not take a query; None where it does. It is run."""
        ...

    def register(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable under a name; the same name again replaces it."""
        ...

    def forget(self, name: str) -> None:
        """Undo `register`."""
        ...

    def write(self, sql: str, path: Path) -> None:
        """Write the rows of a query to one Parquet file."""
        ...

    def close(self) -> None:
        """Free everything; its temporary files are gone afterwards."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
