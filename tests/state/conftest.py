"""Where a state is kept: an SQLite file, and a schema of its own in a PostgreSQL server.

The server is the one that SEKISHO_TEST_STATE_URL names, else one that the tests start for themselves.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a server; one started here listens on a socket in its own folder alone."""
    given = os.environ.get("SEKISHO_TEST_STATE_URL")
    if given:
        yield given
        return
    tools = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = str(tools[-1]) if tools else shutil.which("initdb")
    if not found:
        pytest.skip("needs a PostgreSQL server: SEKISHO_TEST_STATE_URL, or Debian's package postgresql")
    tools_at = Path(found).parent
    # PostgreSQL refuses to run as root; and the path of a socket may have 107 characters.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(mkdtemp(prefix="sekisho-pg-", dir="/tmp"))
    if user:
        shutil.chown(folder, user)
    data = str(folder / "data")

    def run(tool: str, *words: str) -> None:
        done = subprocess.run(
            [str(tools_at / tool), "-D", data, *words], user=user, cwd=folder, capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()

    try:
        run("initdb", "-U", "sekisho", "-A", "trust", "--no-sync", "-E", "UTF8")
        # The log goes to a file: a server that kept our pipe would hold `capture_output` open for ever.
        started = ("-w", "-l", str(folder / "log"), "-o", f"-F -k {folder} -c listen_addresses=''")
        run("pg_ctl", "start", *started)
        try:
            yield f"postgresql+psycopg://sekisho@/postgres?host={folder}"
        finally:
            run("pg_ctl", "stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | Path]:
    """An empty place for a state. The server's is a schema of its own, which goes with the test."""
    if request.param == "sqlite":
        yield tmp_path / "s.db"
        return
    url, name = make_url(request.getfixturevalue("server")), f"sekisho_{uuid4().hex}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    own = url.update_query_dict({"options": f"-csearch_path={name}"})
    yield own.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()
