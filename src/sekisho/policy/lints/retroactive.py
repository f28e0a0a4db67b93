"""`lint/retroactive`: a rule that was written down after what it would excuse."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.errors import Problem
from sekisho.policy.lints.base import Subject, problem


class Retroactive:
    """What happened before it was kept stays a finding until a second person accepts the rule."""

    id = "retroactive"

    def examine(self, subject: Subject) -> Iterator[Problem]:
        """See Lint."""
        late = {r.id: r.recorded for r in subject.judge.policy.rules if r.recorded is not None}
        for rule in subject.active:
            recorded = late.get(rule.id)
            if recorded is not None:
                yield problem(
                    rule,
                    self.id,
                    f"excuses nothing before {recorded:%Y-%m-%d %H:%M} UTC, when it was first kept",
                    f"write a `from`, or have a second person run"
                    f" `sekisho policy accept-retroactive {rule.id} --why …`",
                )
