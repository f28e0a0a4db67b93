"""What every test may use, and the rule that CI skips nothing."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real logs beside the project; tests that need it say so where it is absent."""
    place = Path(os.environ.get("SEKISHO_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not (place / "README.md").is_file():
        pytest.skip(f"real logs are not here ({place}); set SEKISHO_SHARED_DATA")
    return place


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With SEKISHO_NO_SKIP a skipped test is a failed one: a green run has run everything."""
    report = yield
    if report.skipped and os.environ.get("SEKISHO_NO_SKIP") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped: {report.longrepr}"
    return report
