"""ClickHouse's engine behind its HTTP interface, as far as a client needs it: run as a program.

`python clickhouse_server.py FOLDER [N]` prints its port, and ends in the middle of the N-th question. It
is the real engine in a process that a test can kill; a real server is a program of half a gigabyte that
no package index of ours has.
"""

from __future__ import annotations

import base64
import itertools
import os
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import chdb

TRANSPORT = {
    "query", "database", "session_id", "query_id", "compress", "decompress", "wait_end_of_query",
    "client_protocol_version", "send_progress_in_http_headers", "http_headers_progress_interval_ms",
    "enable_http_compression", "buffer_size", "role",
}  # fmt: skip
LOGIN = "Basic " + base64.b64encode(b"sekisho:correct horse").decode()
CONNECTION = chdb.connect(sys.argv[1])
LAST = int(sys.argv[2]) if len(sys.argv) > 2 else 0
ASKED = itertools.count(1)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = self._chunks()
        values = dict(parse_qsl(urlsplit(self.path).query))
        if self.headers.get("Authorization") != LOGIN:
            self._answer(
                403, b"Code: 516. DB::Exception: Authentication failed. (AUTHENTICATION_FAILED)"
            )
            return
        if next(ASKED) == LAST:
            os._exit(1)
        try:
            for name, value in values.items():
                if name not in TRANSPORT:
                    CONNECTION.query(f"SET {name} = '{value}'")
            self._answer(200, self._run(values.get("query"), body))
        except Exception as error:  # noqa: BLE001  # whatever the engine says is the answer
            self._answer(500, str(error).encode())

    def _run(self, query: str | None, body: bytes) -> bytes:
        if query is None or not body:
            return bytes(CONNECTION.query(query or body.decode(), "TabSeparated").bytes() or b"")
        if not query.lstrip().upper().startswith("INSERT"):
            return bytes(CONNECTION.query(query + "\n" + body.decode(), "TabSeparated").bytes() or b"")
        statement, _, kind = query.rstrip().rpartition(" FORMAT ")
        with tempfile.NamedTemporaryFile(dir=sys.argv[1]) as file:
            Path(file.name).write_bytes(body)
            CONNECTION.query(f"{statement} FROM INFILE '{file.name}' FORMAT {kind}", "TabSeparated")
        return b""

    def _chunks(self) -> bytes:
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-ClickHouse-Timezone", "UTC")
        if status != 200:
            self.send_header("X-ClickHouse-Exception-Code", body.split(b".")[0].split()[-1].decode())
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
sys.stdout.write(f"{server.server_port}\n")
sys.stdout.flush()
server.serve_forever()
