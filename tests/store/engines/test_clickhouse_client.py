from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sekisho.errors import RequestError
from sekisho.store.engines.clickhouse import ClickHouse
from sekisho.store.engines.portable import Target

pytestmark = pytest.mark.xdist_group("clickhouse")


@pytest.mark.parametrize(
    "url",
    [None, "", "db", "clickhouse://db", "http://", "http://user@db", "http://db:x", "http://db/flows"],
)
def test_what_is_no_server_is_refused_with_examples(
    target: Callable[..., Target], url: str | None
) -> None:
    with pytest.raises(RequestError, match="is no ClickHouse server") as caught:
        ClickHouse.open(target(url=url))
    assert "https://HOST:8443" in caught.value.mend


def test_a_server_that_does_not_answer_is_named(target: Callable[..., Target]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(RequestError, match=f"127.0.0.1:{port} does not answer"):
            ClickHouse.open(target(url=f"http://127.0.0.1:{port}", password="hunter2"))


@pytest.mark.usefixtures("clickhouse")
def test_a_second_engine_in_one_process_is_refused(target: Callable[..., Target]) -> None:
    with pytest.raises(RequestError, match="does not start") as caught:
        ClickHouse.open(target(url="chdb:"))
    assert "One process has one" in caught.value.mend


@pytest.mark.parametrize("key", ["lake", "cluster"])
def test_the_engine_in_this_process_takes_no_cluster(target: Callable[..., Target], key: str) -> None:
    with pytest.raises(RequestError, match="has no cluster"):
        ClickHouse.open(target(url="chdb:", **{key: "x"}))


def test_nothing_is_left_when_it_closes_and_it_can_be_opened_again(
    lake_folder: Path, tmp_path: Path
) -> None:
    script = f"""
from pathlib import Path
import pyarrow as pa
from sekisho.store.engines.clickhouse import ClickHouse
from sekisho.store.engines.portable import Target
root = Path({str(lake_folder)!r})
for number in range(2):
    with ClickHouse.open(Target(root=root, temporary=root, memory_limit=1 << 28, url="chdb:")) as engine:
        kept = engine.keep("kept", engine.table("rows", pa.table({{"x": [number]}})))
        print(engine.fetch(kept)["x"].to_pylist())
"""
    ran = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env={"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
        check=True,
    )
    assert ran.stdout == "[0]\n[1]\n"
    assert list(tmp_path.iterdir()) == []
