"""A workspace, and a list of its terminals."""

from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.app.workspace import Workspace

UUID = "4c4c4544-0042-3510-8052-b4c04f564433"


@pytest.fixture
def workspace(raw_company: Path) -> Workspace:
    """Three sites, nothing taken in."""
    return Workspace(raw_company)


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """Four rows of three terminals, and one that is wrong."""
    path = tmp_path / "inv.csv"
    path.write_text(
        "hostname,uuid,address,site\n"
        f"jp-pc1,{UUID},10.1.5.6,\n"
        "th-plc,,10.40.3.3,th-plant\n"
        "bad name,,,\n"
        "lost,,172.30.0.1,\n"
        f"jp-pc1-new,{UUID},10.1.5.9,\n"
    )
    return path
