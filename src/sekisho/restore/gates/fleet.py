"""Every terminal at the ends of the links was checked."""

from __future__ import annotations

from typing import Literal

from sekisho.restore.base import Answer, Subject, Terminals


class FleetGate:
    """Open where a campaign checked every terminal of every end. Without a fleet that is not known, nor while
    one that nobody checked is of no site: it may stand there."""

    name: Literal["fleet"] = "fleet"
    asks = "every terminal at both ends was checked"

    def judge(self, subject: Subject) -> Answer:
        """What the fleet's states say of every site at an end."""
        fleet = subject.fleet
        if fleet is None or not any(one.total for one in fleet.sites.values()):
            return Answer("unknown", "not known: no fleet")
        if fleet.campaign is None:
            return Answer("unknown", "not known: no campaign of checks was begun")
        evidence = [f"the campaign {fleet.campaign}"]
        missing, left = [], 0
        for site in subject.sites:
            found = fleet.sites.get(site)
            if found is None or not found.total:
                missing.append(site)
                evidence.append(f"{site}: no terminals of it are registered")
                continue
            here = found.left
            left += sum(here.values())
            evidence.append(_words(site, found))
        nowhere = fleet.sites.get("", Terminals(0))
        if waiting := sum(nowhere.left.values()):
            missing.append(f"{waiting:,} terminals of no site")
            evidence.append(_words("of no site", nowhere))
        if left:
            return Answer("closed", f"{left:,} terminals are left", tuple(evidence))
        if missing or not subject.sites:
            return Answer(
                "unknown", f"not known of {', '.join(missing) or 'any site'}", tuple(evidence)
            )
        return Answer("open", "every terminal at both ends was checked", tuple(evidence))


def _words(site: str, found: Terminals) -> str:
    left = found.left
    states = "".join(f"; {n:,} {state}" for state, n in left.items())
    excluded = found.states.get("excluded", 0)
    out = f", {excluded:,} of these excluded" if excluded else ""
    return f"{site}: {found.total - sum(left.values()):,} of {found.total:,} done{out}{states}"
