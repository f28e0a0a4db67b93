"""Who keeps the events of terminals' logs as they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Keep(Protocol):
    """Takes one log's events."""

    def add(self, row: int, record: Mapping[str, Any]) -> None:
        """An event, in any of its JSON forms, that stands at `row` of its log."""

    def content(self, sha256: str) -> None:
        """The hash of the log itself, where it is a file of its own within the collection."""

    def miss(self, row: int, why: str) -> None:
        """A record that could not be read."""


class Keeper(Protocol):
    """Takes the logs of one collection."""

    def log(self, name: str) -> Keep:
        """One that is called so there."""
