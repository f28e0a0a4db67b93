"""What a check that takes what there is looked at: kinds of traces, so that nobody reads more into clean."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sekisho.model.terminals import CheckAnswer


def told(kinds: Collection[str], every: Iterable[str]) -> str:
    """Which kinds were looked at, and which were not."""
    seen = [kind for kind in every if kind in kinds]
    left = [kind for kind in every if kind not in kinds]
    return f"looked at {', '.join(seen) or 'nothing'}" + (f"; not at {', '.join(left)}" if left else "")


def counting(answers: Iterable[CheckAnswer]) -> CheckAnswer | None:
    """Of one check's answers, the oldest first, the one that counts where they looked at parts: an answer takes
    nothing away from one that found something where it did not look itself. None where none says where."""
    newest_first = list(answers)[::-1]
    if not newest_first or not any(one.looked for one in newest_first):
        return None
    covered: set[str] = set()
    for one in newest_first:
        if one.outcome == "findings" and not set(one.looked) <= covered:
            return one
        if one.outcome == "clean":
            covered |= set(one.looked)
    return newest_first[0]
