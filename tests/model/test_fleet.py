from __future__ import annotations

import json
from datetime import UTC, datetime

from sekisho.model.fleet import CampaignItem, FleetDocument


def test_what_is_written_is_what_the_contract_says() -> None:
    campaign = CampaignItem.model_validate(
        {"name": None, "from": datetime(2026, 3, 1, tzinfo=UTC), "checks": ("services",)}
    )
    document = FleetDocument(terminals=1, states={"offline": 1}, campaign=campaign)
    written = json.loads(document.model_dump_json(by_alias=True))
    assert written["schema"] == "sekisho.fleet/1"
    assert written["states"] == {"offline": 1}
    assert written["campaign"]["from"] == "2026-03-01T00:00:00.000000Z"
