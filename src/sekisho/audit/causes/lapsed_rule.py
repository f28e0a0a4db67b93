"""`lapsed_rule`: one rule that ran out, or had not begun, and all that went on under it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sekisho.audit.base import Claim, Claims, Neighbour
from sekisho.audit.causes.words import plural
from sekisho.model.findings import CauseKind, Finding
from sekisho.model.verdicts import FindingKind

LEAST = 2


class LapsedRuleCause:
    """Groups lapsed connections by the rule that would have allowed them."""

    kind: CauseKind = "lapsed_rule"
    of: FindingKind = "verdict"

    def claim(self, findings: Sequence[Finding], neighbours: Sequence[Neighbour]) -> Claims:
        """One claim a rule."""
        by_rule: dict[str, list[Finding]] = defaultdict(list)
        for finding in findings:
            if finding.verdict == "lapsed" and finding.nearest_rule is not None:
                by_rule[finding.nearest_rule.id].append(finding)
        return Claims(
            tuple(
                Claim(
                    rule,
                    f"rule {rule} was not valid at the time of {plural(len(rows), 'connection')}",
                    frozenset(f.id for f in rows),
                )
                for rule, rows in by_rule.items()
                if len(rows) >= LEAST
            )
        )
