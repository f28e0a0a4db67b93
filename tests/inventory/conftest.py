"""Reading sites.yaml and assets.csv from text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.errors import FileProblems, Problem
from sekisho.inventory.files import parse_inventory
from sekisho.inventory.register import Inventory


@pytest.fixture(scope="session")
def inventory() -> Callable[..., Inventory]:
    """The inventory of a sites.yaml and perhaps an assets.csv."""

    def read(sites: str | bytes, assets: str | bytes | None = None) -> Inventory:
        files = {"sites.yaml": sites.encode() if isinstance(sites, str) else sites}
        if assets is not None:
            files["assets.csv"] = assets.encode() if isinstance(assets, str) else assets
        return parse_inventory(files)

    return read


@pytest.fixture(scope="session")
def problems(inventory: Callable[..., Inventory]) -> Callable[..., tuple[Problem, ...]]:
    """Everything that is wrong with them, warnings included."""

    def read(sites: str | bytes, assets: str | bytes | None = None) -> tuple[Problem, ...]:
        try:
            return inventory(sites, assets).warnings
        except FileProblems as error:
            return error.problems

    return read


@pytest.fixture(scope="session")
def located(problems: Callable[..., tuple[Problem, ...]]) -> Callable[..., list[tuple[int, int, str]]]:
    """(line, column, code) of everything that is wrong."""
    return lambda sites, assets=None: [(p.line, p.column, p.code) for p in problems(sites, assets)]
