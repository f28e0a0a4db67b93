"""What indicators of now name in what terminals answered before, as people read it."""

from __future__ import annotations

from sekisho.model.fleet import FleetHuntDocument
from sekisho.reports.base import Column, Report, Sheet
from sekisho.reports.units import count, counted

_FOUND = (
    Column("hostname", "Hostname"),
    Column("site", "Site"),
    Column("at", "Came", "time"),
    Column("new", "New", "state"),
    Column("finding", "Found"),
)


def fleet_hunt_report(document: FleetHuntDocument) -> Report:
    """One line a finding, what nobody knew first."""
    rows = [
        (one.hostname, one.site, one.at, "new" if one.new else "known", one.finding)
        for one in sorted(document.found, key=lambda one: not one.new)
    ]
    said = (
        f"{counted(len(rows), 'finding')}, {count(document.new)} new, in"
        f" {counted(document.rows, 'row')} of {counted(document.files, 'file')}."
    )
    empty = "Nothing that terminals answered is named by indicators."
    return Report(said, (Sheet("found", "", _FOUND, rows, empty),), document.notes, document)
