"""A small ATT&CK as the workspace's feed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.intel.attack.conftest import collection, pattern

from sekisho.app.workspace import Workspace

FLOW = (
    {
        "type": "x-mitre-data-component",
        "id": "x-mitre-data-component--1",
        "name": "Network Traffic Flow",
    },
    *(
        {
            "type": "relationship",
            "relationship_type": "detects",
            "source_ref": "x-mitre-data-component--1",
            "target_ref": f"attack-pattern--{name}",
        }
        for name in ("T1021.002", "T1041")
    ),
)
PATTERNS = (
    pattern("T1021.002", "SMB/Windows Admin Shares", "lateral-movement"),
    pattern("T1041", "Exfiltration Over C2 Channel", "exfiltration"),
    pattern("T1537", "Transfer Data to Cloud Account", "exfiltration"),
    pattern("T1486", "Data Encrypted for Impact", "impact"),
)


@pytest.fixture
def attack() -> Callable[..., Path]:
    """Write a version of ATT&CK beside the workspace, and name it as a feed."""

    def write(
        workspace: Workspace, version: str = "18.1", *more: dict[str, Any], feeds: str = ""
    ) -> Path:
        path = workspace.root / "attack.json"
        objects = [collection(version), *FLOW, *PATTERNS, *more]
        path.write_text(json.dumps({"type": "bundle", "objects": objects}))
        (workspace.root / "intel.yaml").write_text(
            f"feeds:\n  mitre: {{kind: attack, path: attack.json, licence: ATT&CK}}\n{feeds}"
        )
        return path

    return write
