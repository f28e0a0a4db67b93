"""`verdict`: where severity starts from.

An established connection that no rule ever allowed is what the audit is for (40 points). One whose
rule has run out was wanted once (25). An address of no site that was talked to is unexplained until
somebody says whose it is (40). What never got an answer moved nothing (10).
"""

from __future__ import annotations

from sekisho.audit.base import Factor, Subject


class VerdictCheck:
    """Points by verdict; every other check adds to them."""

    id = "verdict"

    def weigh(self, subject: Subject) -> Factor | None:
        """Always a factor."""
        if not subject.established:
            return Factor(10, "never answered: nothing was exchanged")
        if subject.verdict == "lapsed":
            rule = f" ({subject.nearest})" if subject.nearest else ""
            return Factor(25, f"its rule was not valid at the time{rule}")
        if subject.verdict == "unmapped":
            return Factor(40, "established, with an address that belongs to no site")
        return Factor(40, "established, and no rule allows it")
