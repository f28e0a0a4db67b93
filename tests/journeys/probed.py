"""Terminals that really connect when osquery would, and services for them to reach; each in a namespace.

osqueryd is in no package that could be installed here: a terminal speaks its documented protocol, connects for
its tables `curl` and `curl_certificate` as their source says, and has SQLite answer over their rows.
"""

from __future__ import annotations

import json
import re
import socket
import sqlite3
import ssl
import sys
import threading
import time
from contextlib import closing
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.osqueryd import Osqueryd

PATIENCE = 1.5
"""Seconds for which a connection is waited for: what is cut drops packets."""


class Web(BaseHTTPRequestHandler):
    """Says that there is nothing, which is an answer."""

    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def serve(folder: Path, *places: str) -> None:
    """Answer at `tls:ADDRESS:PORT` and `http:ADDRESS:PORT` until killed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "service.pem", folder / "service.key")
    for place in places:
        kind, address, port = place.split(":")
        server = ThreadingHTTPServer((address, int(port)), Web)
        if kind == "tls":
            # The handshake is the connection's own thread's: one that hangs holds up nobody.
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    threading.Event().wait()


def terminal(folder: Path, name: str, source: str, host: str, port: str, secret: str) -> None:
    """Enrol, and answer what is asked until killed."""
    context = ssl.create_default_context(cafile=str(folder / "authority.pem"))
    uuid = f"4c4c4544-0042-3510-8052-{sha256(name.encode()).hexdigest()[:12]}"
    one = Osqueryd(int(port), context, name, uuid, source, host=host)
    one.enroll(secret)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        asked = one.read()
        if asked:
            one.write({q: rows(sql) for q, sql in asked.items()})
        time.sleep(0.3)


def rows(sql: str) -> bytes:
    """What osquery answers: its tables hold what was asked for, and SQLite does the rest."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.row_factory = sqlite3.Row
        database.execute("CREATE TABLE curl_certificate (hostname TEXT, sha256_fingerprint TEXT)")
        database.execute("CREATE TABLE curl (url TEXT, response_code INTEGER, round_trip_time INTEGER)")
        for place in re.findall(r"hostname = '([^']*)'", sql):
            if digest := handshake(*place.split(":")):
                database.execute("INSERT INTO curl_certificate VALUES (?, ?)", (place, digest))
        for url in re.findall(r"url = '([^']*)'", sql):
            # It gives a row whatever comes.
            database.execute("INSERT INTO curl VALUES (?, ?, 1)", (url, get(url)))
        return json.dumps([dict(row) for row in database.execute(sql)]).encode()


def handshake(address: str, port: str) -> str | None:
    """The certificate's hash, None where there was no handshake."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((address, int(port)), timeout=PATIENCE) as made,
            context.wrap_socket(made) as over,
        ):
            return sha256(over.getpeercert(binary_form=True) or b"").hexdigest()
    except OSError:
        return None


def get(url: str) -> int | None:
    """The status, None where nothing answered."""
    place, _, path = url.removeprefix("http://").partition("/")
    try:
        with closing(HTTPConnection(place, timeout=PATIENCE)) as line:
            line.request("GET", f"/{path}", headers={"User-Agent": "osquery"})
            return line.getresponse().status
    except (OSError, HTTPException):
        return None


if __name__ == "__main__":
    {"serve": serve, "terminal": terminal}[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
