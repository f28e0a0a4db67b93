"""Nothing got across since the links were cut."""

from __future__ import annotations

from typing import Literal

from sekisho.audit.stretches import hour_of
from sekisho.restore.base import Answer, Subject

SHOWN = 50


class EscapedGate:
    """Open where no established connection crossed the cut and no verification noted one. Where nobody was
    looking at one of the ends since then, that is not known."""

    name: Literal["escaped"] = "escaped"
    asks = "no connection got across since the links were cut"

    def judge(self, subject: Subject) -> Answer:
        """What was seen across the cut, and whether it could have been seen."""
        found = subject.escaped
        if found is None or subject.coverage is None:
            return Answer("unknown", "nothing was ever recorded: that nothing escaped is no answer")
        seen = (*found.noted, *found.connections)
        if seen:
            more = (f"and {len(seen) - SHOWN:,} more",) if len(seen) > SHOWN else ()
            return Answer("closed", f"{len(seen):,} escaped", (*seen[:SHOWN], *more))
        blind = [site for site in subject.sites if not _looked(subject, site)]
        if blind or not subject.sites:
            where = ", ".join(blind) or "any site"
            return Answer("unknown", f"nothing was recorded at {where} since the cut")
        return Answer("open", f"nothing crossed since {subject.since:%Y-%m-%d %H:%MZ}")


def _looked(subject: Subject, site: str) -> bool:
    if subject.coverage is None:
        return False
    wanted = "internet" if subject.outward(site) else "edge"
    begin, end = hour_of(subject.since), hour_of(subject.now)
    return any(
        row.state != "no_data" and row.shown and row.begin < end and row.end > begin
        for sensor in subject.inventory.sensors.values()
        if sensor.site == site and wanted in sensor.sees
        for row in subject.coverage.hours.get(sensor.name, ())
    )
