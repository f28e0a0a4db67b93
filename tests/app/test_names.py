from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.app.ingest import ingest
from sekisho.app.names import names
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.model.naming import NamesDocument

NOW = datetime(2020, 6, 8, tzinfo=UTC)
JUNE_2 = 1_591_056_000
JA3 = "51c64c77e60f3980eea90869b68c58a8"


def record(log: str, at: float, src: str, dst: str, port: int, **fields: Any) -> str:
    ends = {"id.orig_h": src, "id.orig_p": 40_000, "id.resp_h": dst, "id.resp_p": port}
    return json.dumps({"_path": log, "ts": JUNE_2 + at, "uid": f"C{at}", **ends, **fields}) + "\n"


@pytest.fixture
def told(raw_company: Path) -> Workspace:
    """Two clients ask for a name that moves; one goes there with TLS."""
    logs = raw_company / "logs" / "jp-edge"
    asks = [
        (0, "10.1.9.1", "203.0.113.7"),
        (60, "10.1.9.2", "203.0.113.7"),
        (90, "10.1.9.1", "203.0.113.8"),
    ]
    (logs / "dns.log").write_text(
        "".join(
            record(
                "dns",
                at,
                client,
                "10.1.0.53",
                53,
                query="Update.Example",
                answers=[answer],
                proto="udp",
            )
            for at, client, answer in asks
        )
    )
    (logs / "ssl.log").write_text(
        record("ssl", 5, "10.1.9.1", "203.0.113.7", 443, server_name="update.example", ja3=JA3)
    )
    workspace = Workspace(raw_company)
    ingest(workspace, [raw_company / "logs"], sensor=None, reader=None, now=NOW)
    return workspace


def ask(workspace: Workspace, value: str, **window: datetime) -> NamesDocument:
    return names(workspace, value, begin=window.get("begin"), end=window.get("end"), limit=50)


def test_an_address_was_called_that_by_these(told: Workspace) -> None:
    found = ask(told, "203.0.113.7")
    assert (found.is_address, found.recorded, found.total) == (True, True, 2)
    by_kind = {str(one.kind): one for one in found.sightings}
    answer = by_kind["dns_answer"]
    assert (answer.beside, answer.times) == ("update.example", 2)
    assert (answer.clients, answer.servers) == (("10.1.9.1", "10.1.9.2"), ("10.1.0.53",))
    assert answer.first_seen == datetime(2020, 6, 2, tzinfo=UTC)
    assert answer.evidence.path.endswith("dns.log")
    assert answer.evidence.row == 1
    assert by_kind["sni"].value == "update.example"


def test_a_name_has_who_asked_what_was_answered_and_who_went_there(told: Workspace) -> None:
    found = ask(told, "UPDATE.example.")
    rows = {(str(one.kind), one.beside): one.clients for one in found.sightings}
    assert rows == {
        ("dns_query", "203.0.113.7"): ("10.1.9.1", "10.1.9.2"),
        ("dns_query", "203.0.113.8"): ("10.1.9.1",),
        ("sni", None): ("10.1.9.1",),
    }


def test_a_host_that_calls_itself_by_its_address_is_counted_once(told: Workspace) -> None:
    log = told.root / "logs" / "jp-edge" / "http.log"
    log.write_text(
        record("http", 9, "10.1.9.3", "203.0.113.7", 80, user_agent="10.1.9.3", host="203.0.113.7")
    )
    ingest(told, [log], sensor=None, reader=None, now=NOW)
    for address, kind in (("10.1.9.3", "user_agent"), ("203.0.113.7", "http_host")):
        (one,) = [one for one in ask(told, address).sightings if one.kind == kind]
        assert (one.value, one.times) == (address, 1)


def test_a_fingerprint_and_a_host_that_has_it(told: Workspace) -> None:
    (one,) = ask(told, JA3.upper()).sightings
    assert (one.kind, one.clients, one.servers) == ("ja3", ("10.1.9.1",), ("203.0.113.7",))
    assert [str(row.kind) for row in ask(told, "10.1.9.1").sightings] == ["ja3"]


def test_a_window_and_what_is_not_recorded_is_not_nothing_found(told: Workspace) -> None:
    assert ask(told, "203.0.113.8", end=datetime(2020, 6, 2, 0, 1, tzinfo=UTC)).sightings == ()
    unknown = ask(told, "nowhere.example")
    assert (unknown.recorded, unknown.total, unknown.notes) == (True, 0, ())
    before = ask(told, "update.example", end=datetime(2020, 5, 1, tzinfo=UTC))
    assert not before.recorded
    assert "nothing found says nothing" in before.notes[0]


@pytest.mark.parametrize("value", ["", "  ", "x" * 2000])
def test_what_can_be_no_value(told: Workspace, value: str) -> None:
    with pytest.raises(RequestError):
        ask(told, value)
