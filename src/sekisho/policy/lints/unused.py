"""`lint/unused`: a rule that nothing recorded needed."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.errors import Problem
from sekisho.model.validity import Validity
from sekisho.policy.lints.base import Subject, problem
from sekisho.policy.timeline import effective


class Unused:
    """No flow of the evidence needed it. Said only where evidence reaches into its validity: that
    nothing was recorded in its time is another thing."""

    id = "unused"

    def examine(self, subject: Subject) -> Iterator[Problem]:
        """See Lint."""
        usage = subject.usage
        if usage is None:
            return
        evidence = Validity(usage.begin, usage.end)
        for rule in subject.active:
            span = effective(rule)
            if span is None or span.meet(evidence) is None or rule.id in usage.rules:
                continue
            yield problem(
                rule,
                self.id,
                f"no flow since {usage.begin:%Y-%m-%d} needed it",
                f"ask {rule.owner or 'its owner'}; a quarterly job may need longer evidence",
            )
