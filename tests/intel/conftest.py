"""What tests of feeds have in common: a company's screen, and a server on this machine."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from sekisho.intel.screening import Screen
from sekisho.inventory.files import load_inventory

SITES = """\
sites:
  jp-hq: {name: Head office, country: JP, owner: it, prefixes: [10.1.0.0/16, 198.18.4.0/24, 133.7.0.0/16]}
"""


@pytest.fixture(scope="session")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Screen:
    folder = tmp_path_factory.mktemp("company")
    (folder / "sites.yaml").write_text(SITES)
    return Screen.of(load_inventory(folder))


Serve = Callable[..., Any]


@contextmanager
def served(app: Starlette, **changes: Any) -> Iterator[str]:
    """A server of this application on a port of its own; its URL."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", **changes)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the server did not start")
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"{'https' if 'ssl_certfile' in changes else 'http'}://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def serve() -> Serve:
    return served


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "answer"
