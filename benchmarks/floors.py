"""The floors: what the same engine takes to do the least that could be done. Run as a process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import duckdb


def read_csv(folder: str) -> None:
    """DuckDB's bare CSV reader over Zeek TSVs: every column parsed to its type, nothing kept."""
    _aggregate(*_csv(folder))


def copy_csv(folder: str, target: str) -> None:
    """The same reader, writing the same columns to one Parquet file."""
    _copy(_csv(folder)[0], target)


def read_ndjson(folder: str) -> None:
    """DuckDB's bare JSON reader over Zeek's JSON lines, nothing kept."""
    _aggregate(*_ndjson(folder))


def copy_ndjson(folder: str, target: str) -> None:
    """The same reader, writing the same columns to one Parquet file."""
    _copy(_ndjson(folder)[0], target)


def _csv(folder: str) -> tuple[duckdb.DuckDBPyRelation, list[str]]:
    columns = _zeek_columns(next(iter(sorted(Path(folder).rglob("*.log")))))
    relation = duckdb.read_csv(
        f"{folder}/**/*.log",
        delimiter="\t",
        header=False,
        comment="#",
        auto_detect=False,
        columns=columns,
        na_values="-",
        quotechar="",
        escapechar="",
    )
    return relation, list(columns)


def _ndjson(folder: str) -> tuple[duckdb.DuckDBPyRelation, list[str]]:
    relation = duckdb.read_json(f"{folder}/**/*.log", format="newline_delimited")
    return relation, relation.columns


def _aggregate(relation: duckdb.DuckDBPyRelation, columns: list[str]) -> None:
    wanted = ", ".join(f'max("{name}")::VARCHAR' for name in columns)
    print(relation.aggregate(f"count(*), {wanted}").fetchall())


def _copy(relation: duckdb.DuckDBPyRelation, target: str) -> None:
    relation.write_parquet(target, compression="zstd")


def scan(lake: str) -> None:
    """One scan of the raw columns that a verdict needs, over the lake's Parquet."""
    columns = (
        'start, "end", src_hi, src_lo, dst_hi, dst_lo, dst_port, protocol, bytes_out, bytes_out_spread,'
        " bytes_in, bytes_in_spread, packets_out, packets_in, state, flags"
    )
    # As numbers: a time with a zone would need a package of its own on the way out.
    wanted = ", ".join(f"max({name.strip()})::VARCHAR" for name in columns.split(","))
    files = f"{lake}/flows/*/*.parquet"
    print(duckdb.execute(f"SELECT count(*), {wanted} FROM read_parquet(?)", [files]).fetchone())


def semi_join(lake: str, feed: str) -> None:
    """Connection-days of which either end is a single address of a feed: the roll-ups of all days, neither
    prefixes, names nor anything told of what is found."""
    days, rows = f"{lake}/rollups/*/*.parquet", f"{feed}/*.parquet"
    question = """
        WITH wanted AS MATERIALIZED (SELECT DISTINCT hi, lo FROM read_parquet($1) WHERE length = 128)
        SELECT count(*), sum(flows)::BIGINT FROM (
            SELECT src_hi, src_lo, dst_hi, dst_lo, flows FROM read_parquet($2)
        ) WHERE (src_hi, src_lo) IN (FROM wanted) OR (dst_hi, dst_lo) IN (FROM wanted)
    """
    print(duckdb.execute(question, [rows, days]).fetchone())


_TYPES = {"time": "DOUBLE", "interval": "DOUBLE", "port": "INTEGER", "count": "BIGINT"}


def _zeek_columns(path: Path) -> dict[str, str]:
    """Names and types of the columns, as the log's own header says."""
    names: list[str] = []
    with path.open(encoding="utf-8") as file:
        for line in file:
            key, *values = line.rstrip("\n").split("\t")
            if key == "#fields":
                names = values
            elif key == "#types":
                return {n: _TYPES.get(t, "VARCHAR") for n, t in zip(names, values, strict=True)}
    raise SystemExit(f"{path}: no #fields and #types lines")


FLOORS: dict[str, Callable[..., None]] = {
    "read_csv": read_csv,
    "copy_csv": copy_csv,
    "read_ndjson": read_ndjson,
    "copy_ndjson": copy_ndjson,
    "scan": scan,
    "semi_join": semi_join,
}

if __name__ == "__main__":
    FLOORS[sys.argv[1]](*sys.argv[2:])
