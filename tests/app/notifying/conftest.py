from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path

import pytest

from sekisho.app.findings import current
from sekisho.app.investigating.opening import Asked, open_incident
from sekisho.app.workspace import Workspace


@pytest.fixture
def workspace(company: Path) -> Workspace:
    """A workspace with logs of two sensors ingested."""
    return Workspace(company)


@pytest.fixture
def opened(workspace: Workspace, now: datetime) -> str:
    """An incident of the worst finding."""
    finding = current(workspace, now=now, by="aiko").findings[0]
    return open_incident(workspace, Asked(findings=[finding.id]), now=now, by="aiko").id


@pytest.fixture
def lawyers(workspace: Workspace, tmp_path: Path) -> Workspace:
    """The workspace with two people: lee for the lawyers, ken who only approves plans."""
    lines = []
    for name, role in (("lee", "legal"), ("ken", "approver")):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)]
        subprocess.run(command, check=True)
        key = (tmp_path / f"{name}.pub").read_text().strip()
        lines += [f"[people.{name}]", f'keys = ["{key}"]', f'roles = ["{role}"]']
    with (workspace.root / "sekisho.toml").open("a") as settings:
        settings.write("\n".join(lines) + "\n")
    return Workspace(workspace.root)
