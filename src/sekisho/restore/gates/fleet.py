"""Every terminal at the ends of the links was checked."""

from __future__ import annotations

from typing import Literal

from sekisho.restore.base import Answer, Subject


class FleetGate:
    """Open where no terminal of any end is left. Without a fleet that is not known."""

    name: Literal["fleet"] = "fleet"
    asks = "every terminal at both ends was checked"

    def judge(self, subject: Subject) -> Answer:
        """What the fleet's states say of every site at an end."""
        if subject.fleet is None:
            return Answer("unknown", "not known: no fleet")
        evidence, missing, left = [], [], 0
        for site in subject.sites:
            found = subject.fleet.get(site)
            if found is None or not found.total:
                missing.append(site)
                evidence.append(f"{site}: not known: no terminals of it are registered")
                continue
            here = sum(found.left.values())
            left += here
            states = ", ".join(f"{n:,} {state}" for state, n in sorted(found.left.items()) if n)
            evidence.append(
                f"{site}: {found.total - here:,} of {found.total:,} checked; {states}".rstrip("; ")
            )
        if missing or not subject.sites:
            return Answer(
                "unknown", f"not known of {', '.join(missing) or 'any site'}", tuple(evidence)
            )
        if left:
            return Answer("closed", f"{left:,} terminals are left", tuple(evidence))
        return Answer("open", "every terminal at both ends was checked", tuple(evidence))
