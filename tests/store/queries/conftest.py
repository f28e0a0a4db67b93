"""An engine that property tests may ask again and again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sekisho.store.engines.duckdb import DuckDB


@pytest.fixture(scope="session")
def one_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDB]:
    """One engine for all."""
    root = tmp_path_factory.mktemp("queries")
    with DuckDB(root, root / "engine", "300MB", 1) as opened:
        yield opened
