"""`lint/proposed`: rules that nobody signed yet."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.errors import Problem
from sekisho.policy.lints.base import Subject


class Proposed:
    """One line a file: they authorise nothing."""

    id = "proposed"

    def examine(self, subject: Subject) -> Iterator[Problem]:
        """See Lint."""
        files: dict[str, int] = {}
        for rule in subject.policy.rules:
            if rule.state == "proposed":
                files[rule.file] = files.get(rule.file, 0) + 1
        for file, count in files.items():
            yield Problem(
                file,
                0,
                0,
                f"lint/{self.id}",
                f"{count} proposed rules authorise nothing yet",
                "check each with an owner: set `state: active` and `approved_by`, or delete it",
                "warning",
            )
