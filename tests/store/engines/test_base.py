"""What an engine promises, and that the embedded one keeps to it."""

from __future__ import annotations

import inspect

import pytest

from sekisho.store.engines.base import Engine
from sekisho.store.engines.duckdb import DuckDB

PROTOCOLS_OWN = ("__init__", "__subclasshook__")
ASKED = [n for n, value in vars(Engine).items() if inspect.isfunction(value) and n not in PROTOCOLS_OWN]


@pytest.mark.parametrize("name", ASKED)
def test_the_embedded_engine_takes_what_the_contract_says(name: str) -> None:
    assert inspect.signature(getattr(DuckDB, name)) == inspect.signature(getattr(Engine, name))


def test_the_contract_covers_a_life() -> None:
    assert {"run", "fetch", "register", "forget", "write", "close", "__exit__"} <= set(ASKED)
