"""What every test may use, and the rule that CI skips nothing."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from sekisho.app.ingest import Ingest, ingest
from sekisho.app.workspace import Workspace
from sekisho.model.addresses import key, parse_address
from sekisho.model.sites import Sensor
from sekisho.store.engines.clickhouse import ClickHouse
from sekisho.store.engines.ibis_duckdb import IbisDuckDB
from sekisho.store.engines.portable import PortableEngine, Target
from sekisho.store.engines.spark import Spark
from sekisho.store.lake import Lake

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real logs beside the project; tests that need it say so where it is absent."""
    place = Path(os.environ.get("SEKISHO_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not (place / "README.md").is_file():
        pytest.skip(f"real logs are not here ({place}); set SEKISHO_SHARED_DATA")
    return place


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With SEKISHO_NO_SKIP a skipped test is a failed one: a green run has run everything."""
    report = yield
    if report.skipped and os.environ.get("SEKISHO_NO_SKIP") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped: {report.longrepr}"
    return report


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what is marked with a group on one worker, so that an engine is started once.

    xdist 3.8 says so by a name that pytest 9.2 does not read any more.
    """
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        groups = sorted({str(mark.args[0]) for mark in item.iter_markers("xdist_group")})
        known = getattr(item, "_id", None)
        if known is not None and groups and "@" not in item.nodeid.rpartition("]")[2]:
            item._id = type(known).parse(f"{item.nodeid}@{'_'.join(groups)}")  # type: ignore[attr-defined]


NOW = datetime(2020, 6, 8, tzinfo=UTC)
JUNE_1 = 1_590_969_600
"""2020-06-01T00:00:00Z."""
SITES = """\
sites:
  jp-hq: {name: Head office, country: JP, owner: it-jp, prefixes: [10.1.0.0/16, "2001:db8:1::/48"]}
  th-plant: {name: Rayong, country: TH, owner: it-th, prefixes: [10.40.0.0/16, "2001:db8:40::/48"]}
  us-plant: {name: Lincoln, country: US, owner: it-us, prefixes: [10.60.0.0/16]}
groups:
  jp-hq/edi: [10.1.20.0/28]
  jp-hq/db: [10.1.30.0/28]
  th-plant/edi: [10.40.2.10]
sensors:
  jp-edge: {site: jp-hq, kind: zeek, sees: [edge, internet]}
  th-edge: {site: th-plant, kind: zeek, sees: [edge, internet]}
"""
ASSETS = """\
address,hostname,site,groups,owner,criticality
10.1.10.96,jp-files01,jp-hq,files,it-jp,high
10.40.9.9,th-app02,th-plant,,it-th,normal
"""
POLICY = """\
connections:
  - id: TH-HQ-EDI
    allow: "th-plant/edi -> jp-hq/edi : tcp/8443"
    owner: logistics
    ticket: CHG-1
    why: Daily orders
    approved_by: {th-plant: anong, jp-hq: tanaka}
    from: 2019-04-01
  - id: TH-HQ-STOCK
    allow: "th-plant/* -> jp-hq/db : mssql"
    owner: stock
    ticket: CHG-2
    why: Stock figures
    approved_by: {th-plant: anong, jp-hq: tanaka}
    from: 2019-04-01
    expires: 2020-06-02
tests:
  - deny: "th-plant/* -> jp-hq/* : tcp/445"
  - allow: "th-plant/edi -> jp-hq/edi : tcp/8443"
"""
HEADER = """\
#separator \\x09
#set_separator\t,
#empty_field\t(empty)
#unset_field\t-
#path\tconn
#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\
\tconn_state\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes
#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\tcount\tstring\tcount\
\tcount\tcount\tcount
"""


def conn(
    ts: float,
    uid: str,
    src: str,
    sport: int,
    dst: str,
    dport: int,
    *,
    state: str = "SF",
    size: int = 1000,
) -> str:
    """A line of conn.log: `size` bytes out, twice as many back, nothing back where the state is S0."""
    if state == "S0":
        ends = f"-\t-\t-\tS0\t0\tS\t1\t{60}\t0\t0"
    else:
        ends = f"1.5\t{size}\t{2 * size}\t{state}\t0\tShADadFf\t10\t{size + 400}\t10\t{2 * size + 400}"
    return f"{ts:.6f}\t{uid}\t{src}\t{sport}\t{dst}\t{dport}\ttcp\t-\t{ends}\n"


def crossing(hour: float) -> list[tuple[float, str, int, str, int, str]]:
    """What crosses between th-plant and jp-hq in six days: (ts, src, port, dst, port, state)."""
    day = 86_400
    edi = [
        (JUNE_1 + n * 3600 + 60.25, "10.40.2.10", 40_000 + n, "10.1.20.5", 8443, "SF")
        for n in range(144)
    ]
    return [
        *edi,
        (JUNE_1 + 3 * day + hour * 3600, "10.40.9.9", 50_001, "10.1.10.96", 445, "SF"),
        (JUNE_1 + 3 * day + hour * 3600 + 900, "10.40.9.9", 50_002, "10.1.10.96", 445, "SF"),
        (JUNE_1 + 4 * day + 7200.5, "10.40.9.9", 50_003, "10.1.10.96", 445, "SF"),
        (JUNE_1 + 3 * day + 30.5, "10.40.9.9", 50_000, "10.1.10.97", 445, "S0"),
        (JUNE_1 + 4 * day + 600.5, "2001:db8:40::9", 50_100, "2001:db8:1::5", 22, "SF"),
        (JUNE_1 + 0.5 * day, "10.40.3.3", 51_000, "10.1.30.3", 1433, "SF"),
        (JUNE_1 + 3.5 * day, "10.40.3.3", 51_001, "10.1.30.3", 1433, "SF"),
        (JUNE_1 + 2.5 * day, "192.168.77.1", 52_000, "10.1.20.5", 4840, "SF"),
    ]


def log_of(sensor: str, shift: float) -> str:
    """One sensor's conn.log; its clock is `shift` seconds off, and its uids are its own."""
    lines: Iterable[tuple[float, str, int, str, int, str]] = sorted(crossing(10.0))
    body = [
        conn(ts + shift, f"C{sensor[:2]}{n:06d}", src, sport, dst, dport, state=state)
        for n, (ts, src, sport, dst, dport, state) in enumerate(lines)
    ]
    if sensor == "th-edge":
        body += [
            conn(JUNE_1 + 4000, "Cthx1", "10.40.2.10", 53_000, "8.8.8.8", 443),
            conn(JUNE_1 + 4100, "Cthx2", "10.40.2.10", 53_001, "10.40.9.9", 22),
        ]
    return HEADER + "".join(body)


@pytest.fixture(scope="session")
def zeek_log() -> str:
    """The log of th-edge: 154 flows of six days from 1 June 2020."""
    return log_of("th-edge", 0.0)


@pytest.fixture(scope="session")
def zeek_header() -> str:
    """The lines that stand before the records."""
    return HEADER


@pytest.fixture(scope="session")
def zeek_conn() -> Callable[..., str]:
    """Write one record."""
    return conn


@pytest.fixture(scope="session")
def _raw_company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("company") / "acme"
    root.mkdir()
    (root / "sekisho.toml").write_text('name = "Acme"\n')
    (root / "sites.yaml").write_text(SITES)
    (root / "assets.csv").write_text(ASSETS)
    (root / "policy.yaml").write_text(POLICY)
    for sensor, shift in (("th-edge", 0.0), ("jp-edge", 0.0135)):
        (root / "logs" / sensor).mkdir(parents=True)
        (root / "logs" / sensor / "conn.log").write_text(log_of(sensor, shift))
    return root


@pytest.fixture(scope="session")
def _read_company(_raw_company: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("ingested") / "acme"
    shutil.copytree(_raw_company, root)
    summary = ingest(Workspace(root), [root / "logs"], sensor=None, reader=None, now=NOW)
    assert summary.rows == 306
    return root


@pytest.fixture
def raw_company(_raw_company: Path, tmp_path: Path) -> Path:
    """A workspace of three sites with logs of two sensors, nothing ingested yet; one's own copy."""
    return Path(shutil.copytree(_raw_company, tmp_path / "acme"))


@pytest.fixture
def company(_read_company: Path, tmp_path: Path) -> Path:
    """The same workspace with its logs ingested: 306 flows; one's own copy."""
    return Path(shutil.copytree(_read_company, tmp_path / "acme"))


@pytest.fixture(scope="session")
def read_company(_read_company: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The same, one for all tests that change nothing but add versions and roll-ups."""
    return Workspace(Path(shutil.copytree(_read_company, tmp_path_factory.mktemp("read") / "acme")))


@pytest.fixture
def now() -> datetime:
    """A time a day after the logs end."""
    return NOW


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def sekisho(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command line in this process, errors and exit status as a shell sees them."""
    from sekisho.cli.main import main

    monkeypatch.setenv("SEKISHO_USER", "aiko")
    monkeypatch.setenv("COLUMNS", "80")

    def run(*words: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["sekisho", *map(str, words)])
        capsys.readouterr()
        status = 0
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        shown = capsys.readouterr()
        return Ran(status, shown.out, shown.err)

    return run


@pytest.fixture
def lake_of(tmp_path: Path, zeek_header: str) -> Iterator[Callable[..., Lake]]:
    """A lake of records of conn.log, or of whole files where they begin with `#` or `ts,`, by sensor;
    opened again for each call."""
    with ExitStack() as stack:

        def make(logs: Mapping[str, str], **options: object) -> Lake:
            lake = Lake.open(tmp_path / "lake", create=True, **options)  # type: ignore[arg-type]
            stack.callback(lake.close)
            sensors = {name: Sensor(name=name, site="s") for name in logs}
            for name, text in logs.items():
                folder = tmp_path / "logs" / name
                folder.mkdir(parents=True, exist_ok=True)
                log = folder / "conn.log"
                log.write_text(text if text.startswith(("#", "ts,")) else zeek_header + text)
                Ingest(lake, tmp_path, sensors, now=NOW).run([log], sensor=name)
            lake.refresh({})
            return lake

        yield make


@pytest.fixture
def rollup() -> Callable[[Lake], list[dict[str, object]]]:
    """All rows of a lake's roll-ups that count, in order of sensor and first."""

    def rows(lake: Lake) -> list[dict[str, object]]:
        listed = [path for path in lake.counted() if "rollups" in path]
        table = ds.dataset([str(lake.layout.root / p) for p in listed], format="parquet").to_table()
        found: list[dict[str, object]] = table.to_pylist()
        return sorted(found, key=lambda row: (str(row["sensor"]), str(row["first"])))

    return rows


@pytest.fixture
def asked() -> Callable[..., pa.Table]:
    """A table of one TCP connection to ask history for."""

    def table(src: str, dst: str, port: int) -> pa.Table:
        (src_hi, src_lo), (dst_hi, dst_lo) = key(parse_address(src)), key(parse_address(dst))
        return pa.table(
            {
                "src_realm": [""],
                "src_hi": [src_hi],
                "src_lo": [src_lo],
                "dst_realm": [""],
                "dst_hi": [dst_hi],
                "dst_lo": [dst_lo],
                "protocol": pa.array([6], pa.uint8()),
                "port": pa.array([port], pa.uint16()),
            }
        )

    return table


CLUSTER = "local-cluster[2,1,1024]"


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Target]:
    """Where an engine is: one in this process, with 512 MiB and one thread, that may read what tests write."""
    temporary = tmp_path_factory.mktemp("engines")

    def make(**changes: Any) -> Target:
        values = {
            "root": tmp_path_factory.getbasetemp(),
            "temporary": temporary,
            "memory_limit": 512 << 20,
            "threads": 1,
        }
        return Target(**(values | changes))

    return make


@pytest.fixture(scope="session")
def spark(target: Callable[..., Target]) -> Iterator[Spark]:
    """Spark with two executors that are processes of their own."""
    # Nothing here runs for long enough that what Java compiles well would pay for itself.
    java = {
        f"spark.{which}.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
        for which in ("driver", "executor")
    }
    with Spark.open(target(url=CLUSTER, options=java)) as opened:
        yield opened


@pytest.fixture
def executors(spark: Spark) -> Callable[[], set[int]]:
    """The processes of Spark's executors: those right below the driver, by what the kernel says."""
    driver = spark._session._sc._gateway.proc.pid

    def living() -> set[int]:
        found = set()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == driver and fields[0] != "Z":
                found.add(int(folder.name))
        return found

    return living


@pytest.fixture(scope="session")
def clickhouse(target: Callable[..., Target]) -> Iterator[ClickHouse]:
    """ClickHouse's engine in this process, which can hold one."""
    with ClickHouse.open(target(url="chdb:")) as opened:
        yield opened


@pytest.fixture(scope="session")
def ibis_duckdb(target: Callable[..., Target]) -> Iterator[IbisDuckDB]:
    """DuckDB under the same contract."""
    with IbisDuckDB(target()) as opened:
        yield opened


@pytest.fixture(
    params=[
        pytest.param("ibis_duckdb"),
        pytest.param("spark", marks=pytest.mark.xdist_group("spark")),
        pytest.param("clickhouse", marks=pytest.mark.xdist_group("clickhouse")),
    ]
)
def portable_engine(request: pytest.FixtureRequest) -> PortableEngine:
    """Every engine."""
    opened: PortableEngine = request.getfixturevalue(request.param)
    return opened


class _Shared:
    """An engine that whoever opened it does not close."""

    def __init__(self, engine: PortableEngine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def close(self) -> None:
        """Leave it to the fixture."""


@pytest.fixture
def elsewhere(portable_engine: PortableEngine) -> Callable[[], PortableEngine]:
    """What a lake is given to open every engine with."""
    return lambda: _Shared(portable_engine)  # type: ignore[return-value]
