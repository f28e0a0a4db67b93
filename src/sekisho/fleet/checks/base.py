"""A check: which tables it reads, and what it makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias, runtime_checkable

from sekisho.fleet.collections.base import Row

MOST_FINDINGS = 100
LONGEST = 500


class Failed(str):
    """Among a check's sentences: why it cannot say. Without findings beside it the check has failed."""

    __slots__ = ()


class Question(Protocol):
    """What a terminal is asked; all of its tables are needed."""

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


class Timeless(Question, Protocol):
    """A check that says the same whenever something was collected."""

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """A sentence for each thing found; nothing where all is well."""


@runtime_checkable
class Wider(Protocol):
    """A check that reads more where there is more; one without `tables` of its own needs any of these."""

    @property
    def also(self) -> tuple[str, ...]:
        """What it reads besides, where it was collected."""


@runtime_checkable
class Parted(Protocol):
    """A check that says which kinds of traces it looked at: clean holds for those alone."""

    @property
    def kinds(self) -> Mapping[str, str]:
        """By table, the kind of what stands in it."""


@runtime_checkable
class Timed(Question, Protocol):
    """A check for which it matters when something was collected."""

    def judge_at(self, tables: Mapping[str, Sequence[Row]], at: datetime) -> Iterable[str]:
        """What `Timeless.judge` says, of tables that were collected at a time (aware UTC)."""


Check: TypeAlias = Timeless | Timed
"""One check of a terminal."""


def bounded(sentences: Iterable[str]) -> tuple[str, ...]:
    """The first findings, each once, with the number of the others."""
    found = list(dict.fromkeys(text[:LONGEST] for text in sentences))
    if len(found) > MOST_FINDINGS:
        found = [*found[:MOST_FINDINGS], f"and {len(found) - MOST_FINDINGS:,} more"]
    return tuple(found)
