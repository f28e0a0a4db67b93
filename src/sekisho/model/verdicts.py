"""The verdict on a connection, and how findings are graded."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal, get_args

Verdict = Literal[
    "authorized", "unauthorized", "lapsed", "attempted", "intra_site", "external", "unmapped"
]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
FOUND: tuple[Verdict, ...] = ("unauthorized", "lapsed", "attempted", "unmapped")
"""Verdicts whose connections are findings."""

Severity = Literal["critical", "high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""Worst first."""

FindingKind = Literal["verdict", "one_sided", "automation", "changed", "escaped", "indicator"]
OnsetKind = Literal["observed", "on_or_before"]
SeenAt = Literal["both", "source_only", "destination_only", "single"]
CoverageState = Literal["seen", "quiet", "no_data"]


class Rank(IntEnum):
    """A connection takes the worst verdict of its flows; the engine takes the maximum of these."""

    INTRA_SITE = 0
    EXTERNAL = 1
    AUTHORIZED = 2
    UNMAPPED = 3
    ATTEMPTED = 4
    LAPSED = 5
    UNAUTHORIZED = 6

    @property
    def verdict(self) -> Verdict:
        """The word for it."""
        return _WORDS[self]


_WORDS: dict[Rank, Verdict] = {
    Rank.INTRA_SITE: "intra_site",
    Rank.EXTERNAL: "external",
    Rank.AUTHORIZED: "authorized",
    Rank.UNMAPPED: "unmapped",
    Rank.ATTEMPTED: "attempted",
    Rank.LAPSED: "lapsed",
    Rank.UNAUTHORIZED: "unauthorized",
}


def worse_or_equal(severity: Severity, threshold: Severity) -> bool:
    """Whether `severity` is at or above `threshold`."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(threshold)
