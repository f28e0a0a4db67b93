"""`lint/missing-approval`: a site that the rule opens did not agree to it."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.errors import Problem
from sekisho.model.rules import Rule
from sekisho.policy.judge import Judge
from sekisho.policy.lints.base import Subject, problem
from sekisho.policy.selectors import touches


class MissingApproval:
    """Each site that an end names agrees by a person; `*`, zones and the internet name none."""

    id = "missing-approval"

    def examine(self, subject: Subject) -> Iterator[Problem]:
        """See Lint."""
        for rule in subject.active:
            missing = [site for site in sites_of(rule, subject.judge) if site not in rule.approved_by]
            if missing:
                shown = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
                yield problem(
                    rule,
                    self.id,
                    f"nobody of {shown} approved it",
                    f"write approved_by: {{{missing[0]}: who agreed}}",
                )


def sites_of(rule: Rule, judge: Judge) -> list[str]:
    """The sites that a rule names on either side, in order."""
    named = [s for s in (*rule.sources, *rule.destinations) if s.kind != "any"]
    return [
        site
        for site in sorted(judge.inventory.sites)
        if any(touches(selector, site, judge.inventory) for selector in named)
    ]
