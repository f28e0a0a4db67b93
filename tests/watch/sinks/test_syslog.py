from __future__ import annotations

import re
import socket
from collections.abc import Callable

from tests.watch.conftest import alert, hostile

from sekisho import __version__
from sekisho.watch.relay import Relay
from sekisho.watch.sinks.syslog import LARGEST, Syslog, head

HEADER = re.compile(
    rb"<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([!-~]{1,255}) ([!-~]{1,48}) - ([!-~]{1,32}) - "
)


def sink(transport: str = "tcp", port: int = 6514, host: str = "collector.example.org") -> Syslog:
    return Syslog("siem", Relay("127.0.0.1", port, transport, 5.0), "local0", host)  # type: ignore[arg-type]


def test_the_payload(golden: Callable[[str, str], None]) -> None:
    text = sink().render(alert()).body.decode() + "\n"
    golden("syslog.txt", text.replace(f"|{__version__}|", "|VERSION|"))


def test_priority_is_facility_and_severity() -> None:
    assert [head(alert(severity=s), 16, "h").split(">")[0] for s in ("critical", "info")] == [
        "<130",
        "<134",
    ]


def test_a_host_that_is_none_and_hostile_text_leave_one_message() -> None:
    for transport in ("udp", "tcp", "tls"):
        body = sink(transport, host="a b\nc").render(hostile(300)).body
        assert len(body) <= LARGEST[transport]
        found = HEADER.match(body)
        assert found
        assert found[3] == b"abc"
        assert body[found.end() :].startswith(b"CEF:0|Sekisho|")
        assert b"\n" not in body
        body.decode()
    assert HEADER.match(sink(host="").render(alert()).body)


def test_it_is_sent() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        own = sink("udp", server.getsockname()[1])
        own.deliver(own.render(alert()))
        assert server.recv(9000) == own.render(alert()).body
