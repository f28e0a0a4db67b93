"""The raw rows a question reads: Parquet files of the manifest, without what does not count any more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sekisho.model.flows import Flag
from sekisho.store.queries.columns import same


def quoted(path: Path) -> str:
    """A path of ours as an SQL literal."""
    return "'" + str(path).replace("'", "''") + "'"


def parquet(paths: Sequence[Path]) -> str:
    """All rows of Parquet files of one schema; `paths` is not empty."""
    return f"read_parquet([{', '.join(quoted(path) for path in paths)}])"


def raw(name: str, own: Sequence[Path], near: Sequence[Path], begin: int, end: int, reach: int) -> str:
    """A view of the rows of `own` files, and of `near` files those that touch [begin - reach, end).

    Microseconds. A flow of an earlier day touches by its end, unless its times are impossible.
    """
    parts = []
    if own:
        parts.append(f"SELECT * FROM {parquet(own)}")
    if near:
        early = begin - reach
        parts.append(
            f"SELECT * FROM {parquet(near)} WHERE epoch_us(start) < {int(end)}"
            f" AND (epoch_us(start) >= {int(early)}"
            f' OR (epoch_us("end") >= {int(early)} AND flags & {int(Flag.IMPOSSIBLE_TIME)} = 0))'
        )
    return f"CREATE OR REPLACE TEMP VIEW {name} AS " + " UNION ALL ".join(parts)


def between(name: str, source: str, ends: str) -> str:
    """A view of the rows of `source` whose ends and protocol, this way round, are in the table `ends`."""
    columns = ("src_realm", "src_hi", "src_lo", "dst_realm", "dst_hi", "dst_lo", "protocol")
    return (
        f"CREATE OR REPLACE TEMP VIEW {name} AS"
        f" SELECT r.* FROM {source} r SEMI JOIN {ends} o ON {same('r', 'o', columns)}"
    )


def current(name: str, source: str, *, excluded: bool) -> str:
    """A view of the rows of `source` that count; the table `excluded` lists those that do not."""
    without = " r ANTI JOIN excluded e ON r.file = e.file AND r.row = e.row" if excluded else " r"
    return f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT r.* FROM {source}{without}"
