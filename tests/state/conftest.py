"""Where a state is kept: an SQLite file, and a PostgreSQL server where SEKISHO_TEST_STATE_URL names one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

SERVER = os.environ.get("SEKISHO_TEST_STATE_URL")


@pytest.fixture(params=["sqlite", *(["server"] if SERVER else [])])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | Path]:
    """An empty place for a state. The server's is a schema of its own, which goes with the test."""
    if request.param == "sqlite":
        yield tmp_path / "s.db"
        return
    url, name = make_url(SERVER or ""), f"sekisho_{uuid4().hex}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    own = url.update_query_dict({"options": f"-csearch_path={name}"})
    yield own.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()
