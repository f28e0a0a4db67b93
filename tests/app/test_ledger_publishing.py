"""Heads reach real receivers on this machine, and what one refuses the others still have."""

from __future__ import annotations

import base64
import email
import io
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from tests.ledger.publish.conftest import authority, openssl, stamp
from tests.watch.test_submission import Box, server

from sekisho.app.ledger import read_heads
from sekisho.app.ledger_publishing import Lag, lags, late, publish, witnesses
from sekisho.app.sinks import Surroundings
from sekisho.app.workspace import Workspace, init
from sekisho.errors import IntegrityError, RequestError
from sekisho.ledger.ledger import FILE, Ledger
from sekisho.ledger.verifier import read_checkpoints

__all__ = ["authority", "stamp"]
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
Made = Callable[[str], tuple[Workspace, Surroundings]]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    def of(text: str) -> tuple[Workspace, Surroundings]:
        workspace = init(tmp_path / "acme").workspace
        workspace.settings_file.write_text(text)
        Ledger(workspace.ledger).append("x", {}, NOW, "aiko")
        return workspace, Surroundings(workspace.root, {}, lambda: NOW, io.BytesIO())

    return of


def serving(answer: Callable[[bytes], bytes]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/timestamp-query"
            body = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_address[1]}/tsr"
        listening.shutdown()
        thread.join()


@pytest.fixture
def tsa(stamp: Callable[[bytes], bytes]) -> Iterator[str]:
    yield from serving(stamp)


def test_every_witness_has_the_head(made: Made, tsa: str, authority: Path, tmp_path: Path) -> None:
    box = Box()
    with server(box) as port, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as siem:
        siem.bind(("127.0.0.1", 0))
        workspace, around = made(
            f"""
[ledger]
file = "{tmp_path}/heads.txt"
sinks = ["siem", "mail"]
timestamp = "{tsa}"
[watch.sinks.siem]
kind = "syslog"
host = "127.0.0.1"
transport = "udp"
port = {siem.getsockname()[1]}
[watch.sinks.mail]
kind = "email"
host = "127.0.0.1"
port = {port}
security = "none"
sender = "sekisho@example.org"
recipients = ["audit@example.org"]
"""
        )
        found = publish(workspace, around, by="aiko")
        message = siem.recv(4096)
    assert found.done, found.outcomes
    assert [one.witness for one in found.outcomes] == ["file", "siem", "mail", "timestamp"]
    head = found.head.checkpoint
    assert read_heads(tmp_path / "heads.txt") == (head,)
    assert read_checkpoints(base64.b64decode(message.rpartition(b"note=")[2])) == (head,)
    (envelope,) = box.got
    mail = email.message_from_bytes(bytes(envelope.content or b""), policy=default)
    (attached,) = mail.iter_attachments()  # type: ignore[attr-defined]
    assert read_checkpoints(attached.get_content()) == (head,)
    (tmp_path / "head").write_bytes(found.head.note)
    (token,) = workspace.ledger.rglob("*.tsr")
    verified = openssl(
        "ts", "-verify", "-data", tmp_path / "head", "-in", token, "-CAfile", authority / "tsa.pem"
    )
    assert verified.returncode == 0, verified.stderr
    again = publish(workspace, around, by="aiko")
    assert {one.state for one in again.outcomes} == {"had"}


def test_what_fails_at_one_keeps_nothing_from_the_others(made: Made, tmp_path: Path) -> None:
    workspace, around = made(
        f"""
[ledger]
file = "{tmp_path}/no/such/heads.txt"
sinks = ["siem"]
[watch.sinks.siem]
kind = "syslog"
host = "127.0.0.1"
transport = "udp"
port = 9
"""
    )
    found = publish(workspace, around, by="aiko")
    states = {one.witness: one.state for one in found.outcomes}
    assert (found.done, states["file"]) == (False, "failed")
    (tmp_path / "no" / "such").mkdir(parents=True)
    repaired = {one.witness: one.state for one in publish(workspace, around, by="aiko").outcomes}
    assert repaired["file"] == "published"


def test_an_answer_that_is_none_is_not_kept(made: Made) -> None:
    for url in serving(lambda query: query):
        workspace, around = made(f'[ledger]\ntimestamp = "{url}"\n')
        (outcome,) = publish(workspace, around, by="aiko").outcomes
        assert (outcome.state, "not to be used" in outcome.text) == ("failed", True)
        assert list(workspace.ledger.rglob("*.tsr")) == []


def test_a_ledger_that_is_not_whole_is_never_signed(made: Made, tmp_path: Path) -> None:
    workspace, around = made(f'[ledger]\nfile = "{tmp_path}/heads.txt"\n')
    Ledger(workspace.ledger).append("y", {}, NOW, "aiko")
    file = workspace.ledger / FILE
    file.write_bytes(file.read_bytes().replace(b'"kind":"x"', b'"kind":"z"'))
    with pytest.raises(IntegrityError, match="not whole"):
        publish(workspace, around, by="aiko")
    assert not (tmp_path / "heads.txt").exists()
    assert not (workspace.ledger / "signing.key").exists()


def test_how_far_each_witness_is_behind(made: Made) -> None:
    workspace, around = made('[ledger]\nfile = "heads.txt"\n')
    (lag,) = lags(workspace, around)
    assert lag == Lag("file", 0, NOW)
    assert late(lag, NOW + timedelta(hours=25), 24)
    assert not late(lag, NOW + timedelta(hours=23), 24)
    publish(workspace, around, by="aiko")
    (lag,) = lags(workspace, around)
    assert lag == Lag("file", 2, None)
    assert not late(lag, NOW + timedelta(days=999), 24)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "nowhere"),
        ('[ledger]\nsinks = ["x"]\n', "no sink"),
        ('[ledger]\nsinks = ["x"]\n[watch.sinks.x]\nkind = "jsonl"\n', "of kind jsonl"),
        (
            '[ledger]\nsinks = ["x"]\n[watch.sinks.x]\nkind = "syslog"\nhost = "a"\nca_file = "no"\n',
            "x:",
        ),
    ],
)
def test_settings_that_name_no_witness(text: str, says: str, made: Made) -> None:
    workspace, around = made(text)
    with pytest.raises(RequestError, match=says):
        publish(workspace, around, by="aiko")


def test_witnesses_have_names_of_their_own(made: Made) -> None:
    workspace, around = made('[ledger]\nfile = "a"\ntimestamp = "http://127.0.0.1:1/tsr"\n')
    assert [one.name for one in witnesses(workspace, around)] == ["file", "timestamp"]
