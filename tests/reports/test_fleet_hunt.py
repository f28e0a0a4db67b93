from __future__ import annotations

from datetime import UTC, datetime

from sekisho.model.fleet import AgainItem, FleetHuntDocument
from sekisho.reports.fleet_hunt import fleet_hunt_report

AT = datetime(2026, 3, 1, tzinfo=UTC)


def test_what_nobody_knew_comes_first() -> None:
    items = tuple(
        AgainItem(terminal="T-1", hostname=name, site=None, at=AT, finding="f", new=new)
        for name, new in (("a", False), ("b", True))
    )
    made = {
        "made": AT,
        "from": None,
        "files": 1,
        "rows": 1200,
        "found": items,
        "new": 1,
        "notes": ("n",),
    }
    found = fleet_hunt_report(FleetHuntDocument.model_validate(made))
    assert found.headline == "2 findings, 1 new, in 1,200 rows of 1 file."
    assert [row[0] for row in found.sheets[0].rows] == ["b", "a"]
    assert found.notes == ("n",)
