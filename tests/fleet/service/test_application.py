from __future__ import annotations

import asyncio
import gzip
import json
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from tests.fleet.service.conftest import AT, PEPPER, SECRET, Clerk

from sekisho.fleet.service.application import Application
from sekisho.fleet.service.bodies import Room
from sekisho.fleet.service.desk import Desk
from sekisho.fleet.service.limits import Gate, Limits
from sekisho.fleet.service.wire import PATHS

LARGEST = 100_000
DETAILS = {
    "system_info": {"hostname": "pc1", "uuid": "4c4c4544-0042-3510-8052-b4c04f564433"},
    "os_version": {"name": "Windows 11", "version": "10"},
    "osquery_info": {"version": "5.12.2"},
}


class Api:
    """osquery's API as it comes in from the wire, without the wire."""

    def __init__(self, clerk: Clerk, failures: float = 1000) -> None:
        self.clerk = clerk
        self.desk = Desk(
            clerk.store, clerk.campaigning, clerk.terms, now=lambda: clerk.now, tell=lambda *_: None
        )
        self.room = Room(1_000_000)
        self.application = Application(
            self.desk,
            Gate(Limits(node=50, enrolments=10, failures=failures), time.monotonic),
            self.room,
            pepper=PEPPER,
            largest=LARGEST,
            site_of={"10.40.0.5": "th-plant"}.get,
        )

    def ask(self, name: str, content: Any, address: str = "10.1.0.5", **headers: str) -> httpx.Response:
        return self.all_of([(name, content, address, headers)])[0]

    def all_of(self, asked: list[tuple[str, Any, str, dict[str, str]]]) -> list[httpx.Response]:
        async def run() -> list[httpx.Response]:
            return await asyncio.gather(*(self._one(*one) for one in asked))

        return asyncio.run(run())

    async def _one(
        self, name: str, content: Any, address: str, headers: dict[str, str]
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.application, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="https://fleet") as client:
            body = json.dumps(content) if isinstance(content, (dict, list)) else content
            path = PATHS.get(name, name)
            sent = {n.replace("_", "-"): v for n, v in headers.items()}
            return await client.post(path, content=body, headers=sent)

    def enrol(self, **more: Any) -> str:
        body = {"enroll_secret": SECRET, "host_identifier": "pc1", "host_details": DETAILS} | more
        return str(self.ask("enroll", body).json()["node_key"])


@pytest.fixture
def api(clerk: Clerk) -> Iterator[Api]:
    found = Api(clerk)
    found.desk.start()
    yield found
    found.desk.stop()


def test_a_node_enrols_is_configured_asked_answers_and_logs(api: Api) -> None:
    api.clerk.campaign("services")
    key = api.enrol()
    assert api.ask("config", {"node_key": key}).json() == {"schedule": {}}
    (query,) = api.ask("read", {"node_key": key}).json()["queries"]
    answer = {
        "node_key": key,
        "queries": {query: [{"name": "x"}]},
        "statuses": {query: 0},
        "messages": {query: ""},
        "stats": {query: {"wall_time_ms": 3, "user_time": 1, "system_time": 1, "memory": 1000}},
    }
    assert api.ask("write", answer).json() == {"node_invalid": False}
    line = {"hostIdentifier": "pc1", "name": "services", "snapshot": []}
    for kind in ("result", "status"):
        log = {"node_key": key, "log_type": kind, "data": [line]}
        assert api.ask("log", log).json() == {"node_invalid": False}
    assert [one.kind for one in api.clerk.store.letters(9)] == ["answers", "result", "status"]
    (node,) = api.clerk.store.nodes()
    assert (node.who.hostname, node.version, node.address) == ("pc1", "5.12.2", "10.1.0.5")
    assert api.room.held == 0


def test_who_just_enrolled_is_no_stranger_beside_a_hostile_host(clerk: Clerk) -> None:
    api = Api(clerk, failures=3)
    api.desk.start()
    try:
        key = api.enrol()
        for n in range(9):
            api.ask("config", {"node_key": f"{n}" * 43})
        assert api.ask("config", {"node_key": "x" * 43}).status_code == 429
        assert api.ask("config", {"node_key": key}).status_code == 200
    finally:
        api.desk.stop()


def test_the_secret_may_end_with_the_line_that_it_stands_in(api: Api) -> None:
    assert api.enrol(enroll_secret=SECRET + "\n")


def test_an_odd_byte_in_a_row_costs_no_answer(api: Api) -> None:
    api.clerk.campaign("services")
    key = api.enrol()
    (query,) = api.ask("read", {"node_key": key}).json()["queries"]
    body = {"node_key": key, "queries": {query: [{"name": "x~"}]}, "statuses": {query: 0}}
    odd = json.dumps(body).encode().replace(b"~", b"\xff")
    assert api.ask("write", odd).json() == {"node_invalid": False}
    log = {"node_key": key, "log_type": "result", "data": [{"name": "y~"}]}
    odd = json.dumps(log).encode().replace(b"~", b"\xff")
    assert api.ask("log", odd).json() == {"node_invalid": False}
    answer, line = (zlib.decompress(one.body).decode() for one in api.clerk.store.letters(9))
    assert "x\ufffd" in answer
    assert "y\ufffd" in line
    assert api.clerk.refused() == {}


def test_what_failed_has_a_status_and_no_rows(api: Api) -> None:
    api.clerk.campaign("services")
    key = api.enrol()
    (query,) = api.ask("read", {"node_key": key}).json()["queries"]
    denied = {"statuses": {query: 1}, "messages": {query: "distributed query is denylisted"}}
    assert api.ask("write", {"node_key": key, "queries": {}} | denied).status_code == 200
    (node,) = api.clerk.store.nodes()
    (asked,) = api.clerk.state.campaigns().asked(str(node.id)).values()
    assert asked.settled["c_services"].fate == "denylisted"


def test_gzip_as_osquery_logs_it(api: Api) -> None:
    key = api.enrol()
    log = {"node_key": key, "log_type": "status", "data": [{"message": "x"}]}
    packed = gzip.compress(json.dumps(log).encode())
    assert api.ask("log", packed, content_encoding="gzip").json() == {"node_invalid": False}
    bomb = gzip.compress(b" " * 50_000_000)
    assert api.ask("log", bomb, content_encoding="gzip").status_code == 413
    assert api.ask("log", b"no gzip", content_encoding="gzip").status_code == 400


async def _endless(key: str, sent: list[int]) -> AsyncIterator[bytes]:
    yield b'{"node_key": "' + key.encode() + b'", "queries": {"q": ['
    for n in range(100):
        sent.append(n)
        yield b'{"x": "' + b"y" * 1_000_000 + b'"},'


def test_a_hundred_megabytes_are_refused_at_once_and_told_at_the_nodes_page(api: Api) -> None:
    key = api.enrol()
    sent: list[int] = []
    answer = api.ask("write", _endless(key, sent))
    assert (answer.status_code, answer.headers["connection"], len(sent)) == (413, "close", 1)
    assert answer.json()["node_invalid"] is False
    assert answer.json()["error"].startswith("too_large")
    api.desk.stop()
    (node,) = api.clerk.store.nodes()
    assert api.clerk.refused() == {(node.id, "too_large"): 1}


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("write", b"[" * 50_000, "wrong_shape"),
        ("write", {"queries": {}}, "wrong_shape"),
        ("write", {"node_key": [1]}, "wrong_shape"),
        ("write", {"node_key": "k", "queries": {str(n): [] for n in range(501)}}, "wrong_shape"),
        ("log", {"node_key": "k", "log_type": "other", "data": []}, "wrong_shape"),
        ("log", {"node_key": "k", "log_type": "result", "data": [1] * 10_001}, "wrong_shape"),
        ("config", b'{"node_key": "\xff"}', "not_json"),
        ("config", {"node_key": "k", "x": "y" * 70_000}, "too_large"),
        ("enroll", {"host_identifier": "<script>alert(1)</script>"}, "wrong_shape"),
        ("enroll", {"host_identifier": "a\u0000b"}, "wrong_shape"),
        ("enroll", "{}", "wrong_shape"),
    ],
)
def test_bad_input_is_refused_counted_and_answered_as_osquery_understands(
    api: Api, path: str, content: Any, reason: str
) -> None:
    answer = api.ask(path, content)
    assert answer.status_code in (400, 413)
    assert answer.json()["error"].partition(":")[0] == reason
    api.desk.stop()
    assert api.clerk.refused() == {(0, reason): 1}


def test_rows_of_a_wrong_shape_cost_that_query_alone(api: Api) -> None:
    api.clerk.campaign("services", "startup")
    key = api.enrol()
    one, two = api.ask("read", {"node_key": key}).json()["queries"]
    answer = {
        "node_key": key,
        "queries": {one: [{"x": {"deep": []}}], two: []},
        "statuses": {one: 0, two: 0},
    }
    assert api.ask("write", answer).status_code == 200
    (node,) = api.clerk.store.nodes()
    assert api.clerk.refused() == {(node.id, "wrong_shape"): 1}
    assert len(api.clerk.store.letters(9)) == 1


def test_forged_keys_and_other_paths(api: Api) -> None:
    for key in ("", "x" * 43, "../../etc/passwd", "' OR 1=1 --", "\u0000"):
        assert api.ask("read", {"node_key": key}).json()["node_invalid"] is True
    assert api.ask("/api/v1/osquery/other", {}).status_code == 404
    api.desk.stop()
    assert api.clerk.refused() == {(0, "unknown_key"): 5}


def test_enrolments_of_one_address_are_bounded_and_anothers_are_not(api: Api) -> None:
    body = {"enroll_secret": "wrong", "host_identifier": "pc1"}
    flood = [("enroll", body, "10.66.0.6", {})] * 200
    good = {"enroll_secret": SECRET, "host_identifier": "pc9"}
    answers = api.all_of([*flood, ("enroll", good, "10.1.0.5", {})])
    assert sum(a.status_code == 429 for a in answers) >= 150
    assert answers[-1].json()["node_key"]
    api.desk.stop()
    refused = api.clerk.refused()
    assert refused[0, "too_often"] + refused[0, "bad_secret"] == 200


def test_a_node_that_asks_too_often_is_told_so_and_shown(api: Api) -> None:
    key = api.enrol()
    answers = api.all_of([("read", {"node_key": key}, "10.1.0.5", {})] * 300)
    late = [a for a in answers if a.status_code == 429]
    assert late
    assert all(a.json()["node_invalid"] is False for a in late)
    api.desk.stop()
    (node,) = api.clerk.store.nodes()
    assert api.clerk.refused() == {(node.id, "too_often"): len(late)}


def test_other_methods_and_times(api: Api) -> None:
    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(api.application)
        async with httpx.AsyncClient(transport=transport, base_url="https://fleet") as client:
            return await client.get(PATHS["read"])

    assert asyncio.run(get()).status_code == 405
    assert api.clerk.now >= AT
