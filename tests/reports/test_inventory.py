from __future__ import annotations

from sekisho.model.sites import Sensor, Site
from sekisho.reports.inventory import SiteSummary, summarise


def test_sites_and_sensors_by_name() -> None:
    site = Site("th-plant", "Rayong plant", "TH", "Asia/Bangkok", "it-th", ())
    summary = summarise([site], [Sensor("th-edge", "th-plant")])
    assert summary.sites == {"th-plant": SiteSummary("Rayong plant", "TH")}
    assert summary.sensors == {"th-edge": "th-plant"}
