"""`sekisho ingest s3://bucket/prefix` against a server of that protocol on the loopback."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.fs
import pytest

from sekisho.sources import objects

SERVER = """
import sys, time
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    assert server.stdin is not None
    try:
        yield int(server.stdout.readline())
    finally:
        server.stdin.close()
        server.wait(30)
        server.stdout.close()


@pytest.fixture
def store(port: int, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in (
        ("ACCESS_KEY_ID", "x"),
        ("SECRET_ACCESS_KEY", "y"),
        ("DEFAULT_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return pyarrow.fs.S3FileSystem(
        endpoint_override=f"127.0.0.1:{port}", scheme="http", allow_bucket_creation=True
    )


def put(store: Any, place: str, data: bytes) -> None:
    with store.open_output_stream(place, compression=None) as stream:
        stream.write(data)


def told(ran: Any) -> list[tuple[str, str, int]]:
    files = json.loads(ran.out)["files"]
    return [(one["path"], one["outcome"], one["flows"]) for one in files]


def test_a_bucket_is_taken_once_and_what_is_new_in_it_afterwards(
    store: Any,
    port: int,
    raw_company: Path,
    sekisho: Callable[..., Any],
    zeek_conn: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = f"s3://flows/zeek?scheme=http&endpoint_override=127.0.0.1:{port}"
    logs = {
        name: (raw_company / "logs" / name / "conn.log").read_bytes() for name in ("jp-edge", "th-edge")
    }
    store.create_dir("flows")
    put(store, "flows/zeek/logs/jp-edge/conn.log", logs["jp-edge"])
    put(store, "flows/zeek/logs/th-edge/conn.log.gz", gzip.compress(logs["th-edge"]))
    put(store, "flows/other/logs/th-edge/conn.log", b"not asked for")
    monkeypatch.chdir(raw_company)

    # All its objects are too young for their time of writing to tell anything.
    ingest = ("ingest", address, "--format", "json")
    jp, th = "s3://flows/zeek/logs/jp-edge/conn.log", "s3://flows/zeek/logs/th-edge/conn.log.gz"
    assert told(sekisho(*ingest)) == [(jp, "taken", 152), (th, "taken", 154)]
    monkeypatch.setattr("sekisho.app.ingest.YOUNG", timedelta(days=-36_500))
    assert told(sekisho(*ingest)) == [(jp, "known", 0), (th, "known", 0)], "by their content"

    fetched: list[str] = []
    real = objects.fetched
    monkeypatch.setattr(objects, "fetched", lambda one: fetched.append(one.name) or real(one))
    assert told(sekisho(*ingest)) == [(jp, "known", 0), (th, "known", 0)], "by the listing alone"
    assert fetched == []

    more = zeek_conn(1_591_400_000, "Cnew", "10.40.3.3", 1, "10.1.30.3", 22).encode()
    put(store, "flows/zeek/logs/jp-edge/conn.log", logs["jp-edge"] + more)
    put(store, "flows/zeek/logs/th-edge/broken.log", b"no log\n" * 9)
    ran = sekisho(*ingest)
    broken = "s3://flows/zeek/logs/th-edge/broken.log"
    assert told(ran) == [(jp, "grown", 1), (broken, "set_aside", 0), (th, "known", 0)]
    assert ran.status == 3
    assert fetched == [jp, broken]
    assert sekisho("ingest", "s3://none/x?" + address.partition("?")[2]).status == 2
