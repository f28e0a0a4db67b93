"""ClickHouse's engine in this process, and behind its HTTP interface in one that is killed."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import clickhouse_connect.common
import pyarrow as pa
import pytest
from ibis import _

from sekisho.errors import RequestError, SekishoError
from sekisho.store.engines.clickhouse import ClickHouse
from sekisho.store.engines.portable import EngineStopped, Target

pytestmark = pytest.mark.xdist_group("clickhouse")
Server = tuple[Target, "subprocess.Popen[str]"]


@pytest.fixture
def server(target: Callable[..., Target], tmp_path: Path) -> Iterator[Server]:
    """The engine behind HTTP in a process of its own."""
    program = Path(__file__).with_name("clickhouse_server.py")
    # The stand-in's columns carry no revision of the protocol, as an old server's do.
    before = clickhouse_connect.common.get_setting("use_protocol_version")
    clickhouse_connect.common.set_setting("use_protocol_version", 0)
    command = [sys.executable, str(program), str(tmp_path / "server")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = f"http://127.0.0.1:{int(process.stdout.readline())}"
            yield target(url=url, user="sekisho", password="correct horse"), process
        finally:
            process.kill()
            clickhouse_connect.common.set_setting("use_protocol_version", before)


def test_a_server_is_sent_the_files_once_and_keeps_nothing_else(
    server: Server, files: list[Path], rows: pa.Table
) -> None:
    with ClickHouse.open(server[0]) as engine:
        flows = engine.parquet(files, rows.schema)
        assert engine.fetch(flows.order_by("port")).to_pylist() == rows.to_pylist()
        shipped = engine.table("shipped", rows.select(["lo", "text"]))
        joined = flows.join(shipped, "lo").filter(_.text == _.text_right)
        kept = engine.keep("kept", joined.group_by("state").agg(n=_.count()))
        assert sum(engine.fetch(kept)["n"].to_pylist()) == 54
        client = engine._client
        assert len(client.query("SHOW TABLES").result_rows) == 5
        engine._tables.clear()
        left = {name for (name,) in client.query("SHOW TABLES").result_rows}
        assert len(left) == 2
        assert all(name.startswith("sekisho_lake_") for name in left)
    with ClickHouse.open(server[0]) as engine:
        flows = engine.parquet(files, rows.schema)
        assert engine.fetch(flows.order_by("port")).to_pylist() == rows.to_pylist()
        (lake,) = {name.removesuffix("_loads") for name in left}
        assert engine._client.query(f"SELECT count() FROM {lake}").result_rows == [(60,)]


def test_a_server_killed_in_mid_query_is_told_of(server: Server) -> None:
    where, process = server
    engine = ClickHouse.open(where)
    many = engine.table("many", pa.table({"x": list(range(3000))}))
    square = many.cross_join(many.view().rename(y="x")).cross_join(many.view().rename(z="x"))
    raised: list[BaseException] = []

    def ask() -> None:
        try:
            engine.fetch(square.agg(n=(_.x * _.y % 7 + _.z).sum()))
        except SekishoError as error:
            raised.append(error)

    asking = threading.Thread(target=ask)
    used = _cpu(process.pid)
    asking.start()
    while _cpu(process.pid) < used + 50:
        assert asking.is_alive()
        time.sleep(0.01)
    process.kill()
    asking.join()
    assert [type(error) for error in raised] == [EngineStopped]
    assert "the engine stopped" in str(raised[0])
    engine.close()


def _cpu(process: int) -> int:
    """Hundredths of a second that a process has computed."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_memory_is_bounded_by_spilling_and_else_by_an_error_with_its_mend(lake_folder: Path) -> None:
    script = f"""
from pathlib import Path
import pyarrow as pa
from ibis import _
from sekisho.errors import SekishoError
from sekisho.store.engines.clickhouse import ClickHouse
from sekisho.store.engines.portable import Target
root = Path({str(lake_folder)!r})
where = Target(root=root, temporary=root, memory_limit=100 << 20, threads=1, url="chdb:")
with ClickHouse.open(where) as engine:
    rows = engine.table("rows", pa.table({{"x": list(range(2000))}}))
    pairs = rows.cross_join(rows.view().rename(y="x")).mutate(z=_.x * 2000 + _.y)
    grouped = pairs.group_by("z").agg(n=_.count()).agg(groups=_.count(), most=_.n.max())
    print(engine.fetch(grouped).to_pylist())
    try:
        engine.fetch(pairs.cross_join(rows.limit(9).view()).agg(n=_.z.collect().length()))
    except SekishoError as error:
        print("MEMORY_LIMIT_EXCEEDED" in str(error), error.mend)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    first, second = ran.stdout.splitlines()
    assert first == "[{'groups': 4000000, 'most': 1}]"
    assert second == "True Raise store.memory_limit, or max_memory_usage in engine.options."


def test_the_machines_time_zone_changes_nothing(
    target: Callable[..., Target], lake_folder: Path
) -> None:
    script = f"""
from pathlib import Path
import pyarrow as pa
from datetime import datetime, UTC
from sekisho.model.flows import TIME
from sekisho.store.engines.clickhouse import ClickHouse
from sekisho.store.engines.portable import Target
root = Path({str(lake_folder)!r})
with ClickHouse.open(Target(root=root, temporary=root, memory_limit=1 << 28, url="chdb:")) as engine:
    at = pa.table({{"at": pa.array([datetime(2024, 3, 4, 5, 6, 7, 8, tzinfo=UTC)], TIME)}})
    rows = engine.table("rows", at)
    same = engine.fetch(rows.filter(rows.at == at["at"][0].as_py()))
    print(same["at"].to_pylist() == at["at"].to_pylist())
"""
    ran = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env={"TZ": "Asia/Tokyo", "PATH": "/usr/bin:/bin"},
        check=True,
    )
    assert ran.stdout == "True\n"


def test_without_the_packages_the_error_names_the_extra(
    target: Callable[..., Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ibis.backends.clickhouse", None)
    with pytest.raises(RequestError) as caught:
        ClickHouse.open(target(url="chdb:"))
    assert caught.value.mend == "pip install 'sekisho[clickhouse]'"


def test_an_option_that_would_change_answers_is_refused(target: Callable[..., Target]) -> None:
    with pytest.raises(RequestError, match="would change what ClickHouse answers"):
        ClickHouse.open(target(url="chdb:", options={"join_use_nulls": 0}))
