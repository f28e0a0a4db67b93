from __future__ import annotations

import threading
from pathlib import Path

import pytest
from tests.journeys.fleet_served import Company

from sekisho.app.checking.serving import serve
from sekisho.app.collecting.site import alone
from sekisho.errors import RequestError


def test_one_at_a_time_in_a_workspace(tmp_path: Path) -> None:
    company = Company(tmp_path)
    settings = company.workspace.settings({}).settings.fleet.service
    with alone(company.workspace.fleet, "serve"), pytest.raises(RequestError, match="another process"):
        serve(company.workspace, settings, stop=threading.Event(), listening=lambda _port: None)


def test_it_ends_with_all_its_processes(tmp_path: Path) -> None:
    company = Company(tmp_path)
    settings = company.workspace.settings({}).settings.fleet.service
    stop = threading.Event()
    ports: list[int] = []

    def listening(port: int) -> None:
        ports.append(port)
        stop.set()

    serve(company.workspace, settings, stop=stop, listening=listening)
    assert len(ports) == 1
    # Whoever comes next finds nothing held.
    with alone(company.workspace.fleet, "serve"), alone(company.workspace.fleet, "judge"):
        pass
