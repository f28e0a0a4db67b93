"""What osqueryd says on the wire, built from the documented shapes of its remote API, and one that says it.

No osqueryd ships as a package that tests could install; these bodies have the shape of what osquery 5 sends.
Source: osquery's documentation, "Remote settings"; plugins/remote, osquery/distributed/distributed.cpp.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.answers import ROWS

ENROLL, CONFIG, LOG, READ, WRITE = (
    f"/api/v1/osquery/{name}"
    for name in ("enroll", "config", "log", "distributed/read", "distributed/write")
)
AGENT = "osquery/5.12.1"


def enroll_body(hostname: str, uuid: str, secret: str) -> bytes:
    """`enroll`, with the tables that osquery tells of its host."""
    details = {
        "os_version": {
            "name": "Microsoft Windows 10 Pro",
            "version": "10.0.19045",
            "platform": "windows",
        },
        "osquery_info": {"version": "5.12.1", "build_platform": "windows", "instance_id": uuid},
        "system_info": {
            "computer_name": hostname,
            "hostname": hostname,
            "uuid": uuid,
            "hardware_serial": f"S-{uuid[-12:]}",
            "cpu_brand": "Intel(R) Core(TM) i5-8365U CPU @ 1.60GHz",
            "physical_memory": "17179869184",
        },
        "platform_info": {"vendor": "LENOVO", "version": "N2IET98W (1.76 )", "date": "2021-11-11"},
    }
    body = {
        "enroll_secret": secret,
        "host_identifier": hostname,
        "platform_type": "2",
        "host_details": details,
    }
    return json.dumps(body).encode()


def request(path: str, body: bytes, host: str = "fleet.example") -> bytes:
    """A whole request on a connection that is kept."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {AGENT}\r\n"
        f"Content-Type: application/json\r\nAccept: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def keyed_body(key: str) -> bytes:
    """`config` and `distributed/read`."""
    return json.dumps({"node_key": key}).encode()


def write_body(key: str, rows: Mapping[str, bytes], failed: Mapping[str, str] | None = None) -> bytes:
    """`distributed/write`: rows as JSON by query id, and the messages of those that failed."""
    bad = failed or {}
    queries = [f"{json.dumps(q)}:".encode() + given for q, given in rows.items()]
    queries += [f'{json.dumps(q)}:""'.encode() for q in bad]
    statuses = dict.fromkeys(rows, 0) | dict.fromkeys(bad, 1)
    cost = {"wall_time_ms": 35, "user_time": 15, "system_time": 6, "memory": 1_048_576}
    rest = {
        "statuses": statuses,
        "messages": dict.fromkeys(rows, "") | dict(bad),
        "stats": dict.fromkeys(statuses, cost),
    }
    tail = json.dumps(rest).encode()[1:]
    return (
        b'{"node_key":' + json.dumps(key).encode() + b',"queries":{' + b",".join(queries) + b"}," + tail
    )


def table_of(query_id: str) -> str:
    """Which of `ROWS` answers a query: one that its id ends with."""
    return next((name for name in ROWS if query_id.endswith(f"_{name}")), "")


@dataclass
class Osqueryd:
    """One terminal that asks and waits. `source` is the address it comes from, `host` where the service is."""

    port: int
    context: ssl.SSLContext
    hostname: str
    uuid: str
    source: str = "127.0.0.1"
    key: str = ""
    last: int = 0
    host: str = "127.0.0.1"
    _line: http.client.HTTPSConnection | None = field(default=None, repr=False)

    def send(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> Any:
        """What comes back, read as JSON where it is; the status is in `last`."""
        for again in (True, False):
            if self._line is None:
                self._line = http.client.HTTPSConnection(
                    self.host,
                    self.port,
                    context=self.context,
                    source_address=(self.source, 0),
                    timeout=60,
                )
            try:
                self._line.request("POST", path, body, {"User-Agent": AGENT, **(headers or {})})
                reply = self._line.getresponse()
                content = reply.read()
                self.last = reply.status
                if reply.headers.get("connection") == "close":
                    self.close()
                return json.loads(content) if content else None
            except (http.client.HTTPException, OSError):
                self.close()
                if not again:
                    raise
        return None

    def enroll(self, secret: str) -> Any:
        """Ask for a key, and keep it."""
        reply = self.send(ENROLL, enroll_body(self.hostname, self.uuid, secret))
        self.key = reply.get("node_key", "") if isinstance(reply, dict) else ""
        return reply

    def read(self) -> dict[str, str]:
        """What it is asked, by query id."""
        reply = self.send(READ, keyed_body(self.key))
        return dict((reply or {}).get("queries") or {})

    def write(self, rows: Mapping[str, bytes], failed: Mapping[str, str] | None = None) -> Any:
        """Answer."""
        return self.send(WRITE, write_body(self.key, rows, failed))

    def answer(self, queries: Sequence[str] | Mapping[str, str]) -> Any:
        """Answer all that was asked as a quiet machine does."""
        return self.write({q: ROWS.get(table_of(q), b"[]") for q in queries})

    def close(self) -> None:
        """Hang up."""
        line, self._line = self._line, None
        if line is not None:
            line.close()
