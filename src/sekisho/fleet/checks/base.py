"""A check: which tables it reads, and what it makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from sekisho.fleet.collections.base import Row

MOST_FINDINGS = 100
LONGEST = 500


class Check(Protocol):
    """One question to a terminal; all of its tables are needed."""

    @property
    def name(self) -> str:
        """What campaigns call it."""

    @property
    def tables(self) -> tuple[str, ...]:
        """What it reads."""

    @property
    def never_empty(self) -> bool:
        """Whether no rows at all mean that nothing was recorded."""

    @property
    def queries(self) -> Mapping[str, str]:
        """What osquery is asked, by table."""

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """A sentence for each thing found; nothing where all is well."""


def bounded(sentences: Iterable[str]) -> tuple[str, ...]:
    """The first findings, each once, with the number of the others."""
    found = list(dict.fromkeys(text[:LONGEST] for text in sentences))
    if len(found) > MOST_FINDINGS:
        found = [*found[:MOST_FINDINGS], f"and {len(found) - MOST_FINDINGS:,} more"]
    return tuple(found)
