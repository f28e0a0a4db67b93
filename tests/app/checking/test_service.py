from __future__ import annotations

import threading
from pathlib import Path

import httpx
import pytest
from tests.journeys.fleet_served import Company

from sekisho.app.checking.service import Service
from sekisho.errors import RequestError
from sekisho.fleet.service.wire import PATHS


def test_it_serves_in_a_thread_until_it_is_told_to_stop(tmp_path: Path) -> None:
    company = Company(tmp_path)
    settings = company.workspace.settings({}).settings.fleet.service
    stop, ready, ports = threading.Event(), threading.Event(), list[int]()

    def listening(port: int) -> None:
        ports.append(port)
        ready.set()

    looked = threading.Event()
    service = Service(company.workspace, settings)
    thread = threading.Thread(target=service.run, args=(stop, listening), kwargs={"also": looked.set})
    thread.start()
    assert ready.wait(30)
    with httpx.Client(verify=company.trust, trust_env=False) as client:
        body = {"enroll_secret": company.secret, "host_identifier": "pc1"}
        answer = client.post(f"https://127.0.0.1:{ports[0]}{PATHS['enroll']}", json=body)
    assert answer.json()["node_key"]
    assert looked.wait(30)
    stop.set()
    thread.join()


def test_without_a_certificate_it_does_not_begin(tmp_path: Path) -> None:
    company = Company(tmp_path)
    settings = company.workspace.settings({}).settings.fleet.service
    service = Service(company.workspace, settings.model_copy(update={"certificate": None}))
    with pytest.raises(RequestError, match="no certificate"):
        service.run(threading.Event(), lambda _port: None)
