"""Alerts to send, receivers on this machine to send them to, and golden payloads."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme
from tests.watch.watched import flow, make_member, register, watched

from sekisho.model.findings import End, NearestRule, finding_id
from sekisho.watch.alerts import Alert, Member

__all__ = ["flow", "make_member", "register", "watched"]

AT = datetime(2020, 6, 11, 3, 4, 5, 6, tzinfo=UTC)
HOSTILE = "<!channel> `*x*` |a=b\\c\r\nBcc: x@evil.example\n${env} {{DATE(x)}} <script>\u202e&"


def member(number: int = 0, **fields: object) -> Member:
    src, dst = f"10.40.2.{5 + number}", "10.1.0.3"
    values: dict[str, object] = {
        "finding": finding_id(src, dst, "tcp", 445),
        "verdict": "unauthorized",
        "severity": "high",
        "src": End(address=src, asset=f"fs{number:02}", site="th-plant"),
        "dst": End(address=dst, asset="dc1", site="jp-hq"),
        "protocol": "tcp",
        "port": 445,
        "service": "smb",
        "first_seen": AT - timedelta(minutes=5),
        "last_seen": AT,
        "flows": 12,
        "established": 11,
        "bytes_out": 48_211,
        "bytes_in": 3_100,
        "sensors": ("jp-zeek", "th-edge"),
        "nearest_rule": NearestRule(id="TH-HQ-EDI", why_not="service tcp/445 is not in tcp/8443"),
    }
    return Member.model_validate(values | fields)


def alert(connections: int = 1, **fields: object) -> Alert:
    values: dict[str, object] = {
        "id": "A-0123456789ab",
        "revision": 2,
        "delivery": "A-0123456789ab-2",
        "change": "grown",
        "at": AT,
        "status": "open",
        "kind": "connection",
        "severity": "high",
        "title": "th-plant reaches jp-hq on smb without a rule",
        "text": "Nobody authorised it.\nTH-HQ-EDI comes closest.",
        "first_seen": AT - timedelta(minutes=5),
        "last_seen": AT,
        "raised_at": AT - timedelta(minutes=4),
        "flows": 12 * connections,
        "connections": connections,
        "established": 11 * connections,
        "members": tuple(member(number) for number in range(min(connections, 20))),
        "labels": {
            "kind": "connection",
            "verdict": "unauthorized",
            "src_site": "th-plant",
            "dst_site": "jp-hq",
            "rule": "TH-HQ-EDI",
        },
    }
    return Alert.model_validate(values | fields)


def hostile(repeat: int = 1) -> Alert:
    text = HOSTILE * repeat
    end = End(address="2001:db8::1", asset=text, site=text)
    bad = member(src=end, service=text, nearest_rule=NearestRule(id=text, why_not=text))
    return alert(
        400,
        title=text,
        text=text,
        baseline=text,
        members=(bad,) * 20,
        labels={"src_site": text, "rule": text},
    )


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare with tests/watch/golden/NAME; `make update-golden` writes it instead."""

    def check(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if os.environ.get("UPDATE_GOLDEN") == "1":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        assert path.is_file(), f"{path.name} is missing; make update-golden writes it"
        assert text.encode() == path.read_bytes(), f"{name} differs; make update-golden, then review"

    return check


@dataclass
class Answer:
    """What the receiver says, to whatever it is asked."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    drip: bool = False


class Receiver(ThreadingHTTPServer):
    """An HTTP server that keeps what it got."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.answer = Answer()
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.over = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        scheme = "https" if context else "http"
        self.url = f"{scheme}://127.0.0.1:{self.server_address[1]}/hook/t0ken"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers.items()), body))
        answer = self.server.answer
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.drip:
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            while not self.server.over.wait(0.05):
                self.wfile.write(b"x")
                self.wfile.flush()
            return
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Nothing: tests look at what was kept."""


def serving(receiver: Receiver) -> Iterator[Receiver]:
    thread = threading.Thread(target=receiver.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield receiver
    receiver.over.set()
    receiver.shutdown()
    thread.join()
    receiver.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    yield from serving(Receiver())


@dataclass(frozen=True)
class Authority:
    """Certificates for 127.0.0.1 by an authority that only `ca_file` makes known."""

    server: ssl.SSLContext
    ca_file: str


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return Authority(context, str(path))


@pytest.fixture
def tls_receiver(authority: Authority) -> Iterator[Receiver]:
    yield from serving(Receiver(authority.server))


@pytest.fixture
def nobody() -> int:
    """A port on this machine at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
