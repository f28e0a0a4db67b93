from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.intel.base import Columns, FeedError, Given
from sekisho.intel.readers.kev import KnownExploited
from sekisho.model.indicators import IndicatorKind


def test_entries(tmp_path: Path) -> None:
    entry = {
        "cveID": "CVE-2020-1472",
        "vendorProject": "Microsoft",
        "product": "Netlogon",
        "vulnerabilityName": "Privilege Escalation",
        "dateAdded": "2021-11-03",
        "dueDate": "2022-05-03",
        "knownRansomwareCampaignUse": "Known",
        "notes": "is not kept",
    }
    (tmp_path / "x").write_text(json.dumps({"count": 1, "vulnerabilities": [entry, 3]}))
    assert list(KnownExploited().read(tmp_path / "x", Columns())) == [
        Given(
            "CVE-2020-1472",
            IndicatorKind.VULNERABILITY,
            valid_from=datetime(2021, 11, 3, tzinfo=UTC),
            says="Microsoft Netlogon Privilege Escalation",
            details={
                "vendor": "Microsoft",
                "product": "Netlogon",
                "name": "Privilege Escalation",
                "due": "2022-05-03",
                "ransomware": "Known",
            },
        )
    ]


@pytest.mark.parametrize("body", [[], {"vulnerabilities": 3}, {}])
def test_another_document(tmp_path: Path, body: object) -> None:
    (tmp_path / "x").write_text(json.dumps(body))
    with pytest.raises(FeedError, match="no catalogue"):
        list(KnownExploited().read(tmp_path / "x", Columns()))
