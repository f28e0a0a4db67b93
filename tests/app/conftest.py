"""The workspace of three sites as use cases take it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.app.workspace import Workspace


@pytest.fixture
def workspace(company: Path) -> Workspace:
    """Its logs ingested, nothing audited yet; one's own copy."""
    return Workspace(company)


@pytest.fixture
def raw(raw_company: Path) -> Workspace:
    """The same before its logs are ingested."""
    return Workspace(raw_company)
