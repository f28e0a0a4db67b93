"""How Spark is started, joined and left."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyspark
import pytest
from ibis import _

from sekisho.errors import RequestError
from sekisho.store.engines.portable import EngineStopped, Target
from sekisho.store.engines.spark import Spark

pytestmark = pytest.mark.xdist_group("spark")
HOME = Path(pyspark.__file__).parent


def test_a_second_master_in_one_process_is_refused(spark: Spark, target: Callable[..., Target]) -> None:
    with pytest.raises(RequestError, match="one process has one Spark"):
        Spark.open(target(url="local[1]"))


def test_without_java_the_error_says_what_to_install(
    target: Callable[..., Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(RequestError, match="needs Java") as caught:
        Spark.open(target())
    assert "openjdk" in caught.value.mend


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A Spark Connect server on this machine: its URL and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(HOME / "bin" / "spark-submit"),
        *("--class", "org.apache.spark.sql.connect.service.SparkConnectServer"),
        *("--master", "local[1]", "--driver-memory", "600m"),
        *("--driver-java-options", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"),
        *("--conf", f"spark.connect.grpc.binding.port={port}"),
        *("--conf", "spark.connect.grpc.binding.address=127.0.0.1"),
        *("--conf", "spark.ui.enabled=false", "--conf", f"spark.local.dir={tmp_path}"),
        *("--conf", f"spark.sql.warehouse.dir={tmp_path / 'warehouse'}", "spark-internal"),
    ]
    log = (tmp_path / "server.log").open("wb")
    environment = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_HOME": str(HOME)}
    with log, subprocess.Popen(command, stdout=log, stderr=log, env=environment) as process:
        try:
            deadline = time.monotonic() + 120
            while True:
                assert process.poll() is None, (tmp_path / "server.log").read_text()
                assert time.monotonic() < deadline, (tmp_path / "server.log").read_text()
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield f"sc://127.0.0.1:{port}", process
        finally:
            process.kill()


def test_a_connect_server_is_asked_and_its_death_is_told_of(
    server: tuple[str, subprocess.Popen[bytes]],
    target: Callable[..., Target],
    files: list[Path],
    rows: pa.Table,
) -> None:
    url, process = server
    with Spark.open(target(url=url)) as remote:
        flows = remote.parquet(files, rows.schema)
        assert remote.fetch(flows.order_by("port")).to_pylist() == rows.to_pylist()
        shipped = remote.table("shipped", rows.select(["lo"]))
        kept = remote.keep("kept", flows.join(shipped, "lo").group_by("state").agg(n=_.count()))
        assert remote.fetch(kept.order_by("state"))["n"].to_pylist() == [30, 30]
        process.kill()
        process.wait()
        with pytest.raises(EngineStopped, match="the engine stopped"):
            remote.fetch(kept)


def test_where_no_server_answers_the_error_names_the_url(target: Callable[..., Target]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"sc://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(RequestError, match=re.escape(url)):
            Spark.open(target(url=url))
