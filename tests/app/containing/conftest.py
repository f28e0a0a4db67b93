from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.app.workspace import Workspace

GATEWAYS = """\
gateways:
  th-gw:
    platform: nftables
    address: 10.40.0.1
    links: ["th-plant <-> *"]
    management: "th-plant/* -> 10.40.0.1 : tcp/22"
  jp-gw:
    platform: nftables
    address: 10.1.0.1
    links: ["jp-hq <-> *"]
    management: "jp-hq/* -> 10.1.0.1 : tcp/22"
"""


@pytest.fixture
def contained(raw_company: Path) -> Workspace:
    """A workspace with two gateways; nothing is ingested."""
    (raw_company / "gateways.yaml").write_text(GATEWAYS)
    return Workspace(raw_company)
