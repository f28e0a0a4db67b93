"""Flows by hand and lakes to put them in."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sekisho.model.addresses import address_of, key
from sekisho.model.flows import FLOW_SCHEMA, TIME, Orientation, State
from sekisho.model.names import NAME_SCHEMA
from sekisho.model.verdicts import Rank
from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.lake import Lake
from sekisho.store.writer import FileIdentity, Known, Writer

Row = dict[str, Any]
MONDAY = datetime(2024, 3, 4, tzinfo=UTC)
TAKEN = pa.schema([field for field in FLOW_SCHEMA if field.name != "file"])


def _flow(
    src: str = "10.40.9.9", dst: str = "10.1.0.5", port: int = 445, at: float = 36_000, **changes: Any
) -> Row:
    sport, protocol = changes.pop("sport", 50_000), changes.pop("protocol", 6)
    start = MONDAY + timedelta(microseconds=round(at * 1_000_000))
    row: Row = {
        "start": start,
        "end": start + timedelta(seconds=changes.pop("lasts", 2)),
        "src_port": sport,
        "dst_port": port,
        "protocol": protocol,
        "bytes_out": 1000,
        "bytes_out_spread": 0,
        "bytes_in": 2000,
        "bytes_in_spread": 0,
        "payload_out": None,
        "payload_in": None,
        "packets_out": 10,
        "packets_in": 12,
        "state": State.ESTABLISHED,
        "orientation": Orientation.STATED,
        "flags": 0,
        "icmp": -1,
        "service": None,
        "uid": None,
        "row": 0,
        "sensor": "",
        "src_realm": "",
        "dst_realm": "",
    }
    for end, address in (("src", src), ("dst", dst)):
        row[f"{end}_hi"], row[f"{end}_lo"] = key(ip_address(address))
    return row | changes


def _table(rows: Sequence[Row], sensor: str = "") -> pa.Table:
    numbered = [
        row | {"row": row["row"] or number, "sensor": row["sensor"] or sensor}
        for number, row in enumerate(rows, 1)
    ]
    return pa.Table.from_pylist(numbered, schema=TAKEN)


def _identity(sensor: str, content: bytes, name: str = "conn.log", **changes: Any) -> FileIdentity:
    digest = hashlib.sha256(content).hexdigest()
    values: Row = {"path": name, "sensor": sensor, "reader": "by-hand", "raw_sha256": digest}
    values |= {"raw_size": len(content), "content_sha256": digest, "content_size": len(content)}
    values |= {"unterminated": not content.endswith(b"\n")}
    return FileIdentity(**(values | changes))


def _stage(writer: Writer, sensor: str, rows: Sequence[Row], name: str = "conn.log") -> bool:
    content = repr((name, list(rows))).encode() + b"\n"
    if isinstance(writer.begin(_identity(sensor, content, name)), Known):
        return False
    writer.add(_table(rows, sensor))
    writer.finish(max([len(rows), *(row["row"] for row in rows)]))
    return True


def _take(lake: Lake, sensor: str, rows: Sequence[Row], name: str = "conn.log") -> bool:
    with lake.writer() as writer:
        taken = _stage(writer, sensor, rows, name)
        writer.commit()
    return taken


Held = tuple[datetime | None, datetime | None, Rank]


@dataclass
class Plan:
    """A register by hand: what prefixes are in each epoch, and what holds when between two classes."""

    held: Mapping[tuple[int, int], Sequence[Held]]
    classes: Sequence[Mapping[str, int]] = ({"10.40.0.0/16": 40, "10.1.0.0/16": 1},)
    epochs: Sequence[datetime] = ()

    @property
    def cuts(self) -> list[datetime]:
        """All change points."""
        changes = {at for held in self.held.values() for one in held for at in one[:2] if at}
        return sorted(changes | set(self.epochs))

    def label(self, addresses: pa.Table) -> pa.Table:
        """The class of each address in its epoch; 0 where no prefix holds it."""
        found = [
            next(
                (
                    number
                    for prefix, number in self.classes[row["epoch"]].items()
                    if address_of(row["hi"], row["lo"]) in ip_network(prefix)
                ),
                0,
            )
            for row in addresses.to_pylist()
        ]
        return addresses.append_column("class", pa.array(found, pa.int32()))

    def decide(self, combinations: pa.Table) -> pa.Table:
        """What holds; intra-site where nothing is said."""
        keys = ("src_class", "dst_class", "protocol", "port")
        rows = [
            {name: row[name] for name in keys} | {"begin": begin, "end": end, "rank": int(rank)}
            for row in combinations.to_pylist()
            for begin, end, rank in self.held.get(
                (row["src_class"], row["dst_class"]), [(None, None, Rank.INTRA_SITE)]
            )
        ]
        schema = pa.schema(
            [
                *((name, pa.int32()) for name in keys),
                ("begin", TIME),
                ("end", TIME),
                ("rank", pa.int8()),
            ]
        )
        return pa.Table.from_pylist(rows, schema)


@pytest.fixture(scope="session")
def plan() -> type[Plan]:
    """A register by hand."""
    return Plan


@pytest.fixture(scope="session")
def always() -> Callable[[Rank], Plan]:
    """A register in which one thing holds at all times from 10.40.0.0/16 to 10.1.0.0/16."""
    return lambda rank: Plan({(40, 1): [(None, None, rank)]})


@pytest.fixture(scope="session")
def monday() -> datetime:
    """Midnight before the first of the flows' days."""
    return MONDAY


@pytest.fixture(scope="session")
def flow() -> Callable[..., Row]:
    """One flow as a row: ends, port, seconds after Monday began, and what is to be different."""
    return _flow


@pytest.fixture(scope="session")
def table() -> Callable[..., pa.Table]:
    """Rows as a reader would hand them over."""
    return _table


@pytest.fixture(scope="session")
def identity() -> Callable[..., FileIdentity]:
    """A file of a sensor with some content."""
    return _identity


def _name(value: str, kind: str = "sni", at: float = 36_000, **changes: Any) -> Row:
    ends = {"src": changes.pop("src", "10.40.9.9"), "dst": changes.pop("dst", "10.1.0.5")}
    row: Row = {"time": MONDAY + timedelta(seconds=at), "uid": None, "dst_port": 445, "kind": kind}
    for end, address in ends.items():
        row[f"{end}_hi"], row[f"{end}_lo"] = key(ip_address(address))
    return row | {"value": value, "row": 0} | changes


def _names_table(rows: Sequence[Row], sensor: str = "a") -> pa.Table:
    labels = {"sensor": sensor, "src_realm": "", "dst_realm": ""}
    numbered = [labels | row | {"row": row["row"] or number} for number, row in enumerate(rows, 1)]
    schema = pa.schema([field for field in NAME_SCHEMA if field.name != "file"])
    return pa.Table.from_pylist(numbered, schema=schema)


def _take_names(lake: Lake, sensor: str, rows: Sequence[Row], name: str = "names.log") -> None:
    content = repr((name, list(rows))).encode() + b"\n"
    with lake.writer() as writer:
        assert not isinstance(writer.begin(_identity(sensor, content, name)), Known)
        writer.add_names(_names_table(rows, sensor))
        writer.finish(max([len(rows), *(row["row"] for row in rows)]))
        writer.commit()


@pytest.fixture(scope="session")
def name() -> Callable[..., Row]:
    """One name as a row: value, kind, seconds after Monday began, and what is to be different."""
    return _name


@pytest.fixture(scope="session")
def names_table() -> Callable[..., pa.Table]:
    """Names as ingest would hand them over."""
    return _names_table


@pytest.fixture(scope="session")
def take_names() -> Callable[..., None]:
    """Put a file of names into a lake, committed."""
    return _take_names


@pytest.fixture(scope="session")
def stage_file() -> Callable[..., bool]:
    """Put a file of rows into a writer's run; whether it was new."""
    return _stage


@pytest.fixture(scope="session")
def take() -> Callable[..., bool]:
    """Put a file of rows into a lake, committed; whether it was new."""
    return _take


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    """An empty lake."""
    with Lake.open(tmp_path / "lake", create=True, threads=1, memory_limit="300MB") as opened:
        yield opened


@pytest.fixture(scope="session")
def stopped() -> Callable[..., bool]:
    """Do something with a lake, stopped at its n-th step; whether it came so far."""

    def run(lake: Lake, act: Callable[[Lake], object], deadly: int, **options: Any) -> bool:
        told = 0

        def step(_name: str) -> None:
            nonlocal told
            told += 1
            if told == deadly:
                raise KeyboardInterrupt

        root = lake.layout.root
        with Lake.open(root, threads=1, memory_limit="300MB", steps=step, **options) as other:
            try:
                act(other)
            except KeyboardInterrupt:
                return True
        return False

    return run


_SLAIN = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from sekisho.store.lake import Lake

def step(name):
    if name == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
with Lake.open(Path(sys.argv[1]), threads=1, memory_limit="300MB", steps=step) as lake:
    {act}
"""


@pytest.fixture(scope="session")
def slain() -> Callable[[Lake, str, str], None]:
    """Do something with `lake` in a process of its own, which is killed at a step."""

    def run(lake: Lake, act: str, step: str) -> None:
        code = _SLAIN.format(act=act)
        words = [sys.executable, "-c", code, str(lake.layout.root), step]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr

    return run


@pytest.fixture
def connection_days() -> Callable[[Lake], list[Row]]:
    """All roll-up rows of a lake, brought up to date, as they lie on disk."""

    def read(lake: Lake) -> list[Row]:
        lake.refresh()
        paths = [lake.layout.absolute(p) for p in lake.counted() if p.startswith("rollups/")]
        rows: list[Row] = []
        for path in paths:
            rows += pq.read_table(path).to_pylist()
        return rows

    return read


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDB]:
    """An engine that may read below the test's folder."""
    with DuckDB(tmp_path, tmp_path / "engine", "300MB", 1) as opened:
        yield opened
