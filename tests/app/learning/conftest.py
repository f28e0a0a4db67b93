from __future__ import annotations

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
