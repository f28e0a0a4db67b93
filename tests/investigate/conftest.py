"""A small company of our own: a week of ordinary traffic at four sites, and whatever chain a test adds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sekisho.app.ingest import ingest
from sekisho.app.register import read_register
from sekisho.app.wiring import open_lake, traits_of
from sekisho.app.workspace import Workspace
from sekisho.audit.automation.ends import Ends
from sekisho.audit.automation.prevalence import hosts_of
from sekisho.inventory.register import Inventory
from sekisho.investigate.fabric import Fabric, fabric
from sekisho.investigate.run import Investigation, investigate
from sekisho.investigate.seeds import SeedRequest
from sekisho.model.addresses import key, parse_address
from sekisho.model.findings import finding_id
from sekisho.model.logons import LOGON_SCHEMA
from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy
from sekisho.store.lake import Lake
from sekisho.store.writer import FileIdentity

START = datetime(2024, 3, 4, tzinfo=UTC)
SITES = {"a": "10.1", "b": "10.2", "c": "10.3", "d": "10.4"}
COUNTRY = {"a": "JP", "b": "TH", "c": "PH", "d": "US"}
POLICY = """
connections:
  - {id: BACKUP, allow: "asset:backup -> * : ssh, smb", owner: it, ticket: C-1, why: Backup at night}
  - {id: JUMP, allow: "* -> asset:jump : ssh", owner: it, ticket: C-2, why: Administration}
  - {id: JUMP-ON, allow: "asset:jump -> * : ssh, rdp", owner: it, ticket: C-3, why: Administration}
  - {id: FILES, allow: "b/*, c/* -> asset:files : smb", owner: it, ticket: C-4, why: Common files}
"""
ASSETS = """address,hostname,site,groups,owner,criticality
10.1.0.9,backup,a,,it,high
10.1.0.8,jump,a,,it,high
10.1.0.7,files,a,,it,high
10.2.0.5,old-name,b,,it,normal
"""


@dataclass
class Company:
    """Flows by (hours after START, src, dst, port), written as Zeek logs of each end's edge sensor."""

    root: Path
    offset: dict[str, float] = field(default_factory=dict)
    """Seconds by which a site's sensor is ahead."""
    dark: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Hours in which a site's sensor records nothing."""
    rows: list[tuple[float, str, str, int, float, int, int, str]] = field(default_factory=list)
    relays: tuple[str, ...] = ()
    """Entries of `relays:` in sites.yaml."""
    inside: tuple[str, ...] = ()
    """Sites whose sensor sees their inside too."""

    def flow(
        self,
        at: float,
        src: str,
        dst: str,
        port: int,
        *,
        minutes: float = 2,
        out: int = 20_000,
        back: int = 60_000,
        state: str = "SF",
    ) -> None:
        """One conversation, `at` hours after the start."""
        self.rows.append((at, src, dst, port, minutes * 60, out, back, state))

    def ordinary(self, days: int = 8) -> None:
        """Backup every night, an administrator by way of the jump host, files all day."""
        for day in range(days):
            for n, host in enumerate(("10.2.0.1", "10.2.0.2", "10.3.0.1", "10.3.0.2", "10.4.0.1")):
                self.flow(day * 24 + 2 + n / 10, "10.1.0.9", host, 22, out=90_000)
                self.flow(day * 24 + 9 + n / 7, "10.1.0.8", host, 22)
                self.flow(day * 24 + 8.9 + n / 7, "10.4.0.77", "10.1.0.8", 22)
            for hour in range(24):
                self.flow(day * 24 + hour + 0.3, "10.2.0.1", "10.1.0.7", 445)
                self.flow(day * 24 + hour + 0.7, "10.3.0.3", "10.1.0.7", 445)
                for site in SITES.values():
                    self.flow(day * 24 + hour + 0.5, f"{site}.0.200", "198.51.100.7", 443)

    def lines(self, site: str) -> Iterator[str]:
        """The log of a site's sensor."""
        begin, end = self.dark.get(site, (0.0, 0.0))
        for number, (at, src, dst, port, lasts, out, back, state) in enumerate(sorted(self.rows)):
            inside = [end_ for end_ in (src, dst) if end_.startswith(SITES[site] + ".")]
            if len(inside) not in ((1, 2) if site in self.inside else (1,)) or begin <= at < end:
                continue
            answered = state == "SF"
            ts = START.timestamp() + at * 3600 + self.offset.get(site, 0.0)
            yield json.dumps(
                {
                    "ts": round(ts, 6),
                    "uid": f"C{site}{number}",
                    "id.orig_h": src,
                    "id.orig_p": 40_000 + number % 20_000,
                    "id.resp_h": dst,
                    "id.resp_p": port,
                    "proto": "tcp",
                    "duration": lasts if answered else 0.0,
                    "conn_state": state,
                    "missed_bytes": 0,
                    "orig_bytes": out * answered,
                    "resp_bytes": back * answered,
                    "orig_pkts": out // 1000 + 3 if answered else 1,
                    "orig_ip_bytes": out + 40 * (out // 1000 + 3) if answered else 40,
                    "resp_pkts": (back // 1000 + 3) * answered,
                    "resp_ip_bytes": (back + 40 * (back // 1000 + 3)) * answered,
                }
            )

    def open(self) -> Opened:
        """Write the workspace and take the logs in."""
        sites = "".join(
            f"  {name}: {{name: {name}, country: {COUNTRY[name]}, timezone: UTC, owner: it,"
            f" prefixes: [{prefix}.0.0/16]}}\n"
            for name, prefix in SITES.items()
        )
        sensors = "".join(
            f"  {name}-edge: {{site: {name}, kind: zeek, sees: [edge, internet"
            + (", inside" if name in self.inside else "")
            + "]}\n"
            for name in SITES
        )
        relays = "relays:\n" + "".join(f"  {one}\n" for one in self.relays) if self.relays else ""
        (self.root / "sekisho.toml").write_text("")
        (self.root / "sites.yaml").write_text(f"sites:\n{sites}sensors:\n{sensors}{relays}")
        (self.root / "policy.yaml").write_text(POLICY)
        (self.root / "assets.csv").write_text(ASSETS)
        workspace = Workspace(self.root)
        for name in SITES:
            log = self.root / "logs" / f"{name}-edge" / "conn.log"
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text("\n".join(self.lines(name)) + "\n")
        # At once: every taking-in makes the roll-ups of its days anew.
        ingest(
            workspace, [self.root / "logs"], sensor=None, reader=None, now=START + timedelta(days=60)
        )
        inventory, policy = read_register(workspace)
        lake = open_lake(workspace)
        lake.refresh(traits_of(inventory))
        return Opened(lake, inventory, CompiledPolicy(policy, inventory))


@dataclass
class Opened:
    """A company's lake and register."""

    lake: Lake
    inventory: Inventory
    compiled: CompiledPolicy

    def again(self, root: Path) -> Opened:
        """The same lake under the register as its files stand now."""
        inventory, policy = read_register(Workspace(root))
        self.lake.refresh(traits_of(inventory))
        return Opened(self.lake, inventory, CompiledPolicy(policy, inventory))

    def look(self, *seeds: SeedRequest, **more: Any) -> Investigation:
        """Investigate."""
        return investigate(
            self.lake,
            self.inventory,
            self.compiled,
            seeds,
            now=START + timedelta(days=60),
            **more,
        )


def finding(src: str, dst: str, port: int) -> SeedRequest:
    """The seed of a connection."""
    return SeedRequest("finding", finding_id(src, dst, "tcp", port))


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """A company with its ordinary week; add a chain, then `open` it."""
    made = Company(tmp_path)
    made.ordinary()
    return made


@pytest.fixture(scope="module")
def company_at(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Company]:
    """Makes companies for a whole file: `company_at(days)`, with their ordinary days."""

    def made(days: int = 8) -> Company:
        company = Company(tmp_path_factory.mktemp("company"))
        company.ordinary(days)
        return company

    return made


@pytest.fixture(scope="session")
def seed_of() -> Callable[[str, str, int], SeedRequest]:
    """The seed of a connection that no rule allows."""
    return finding


def steps_of(found: Investigation) -> list[tuple[str, str, int, str]]:
    """Hops as (src, dst, port, kind), in order of time."""
    return [(hop.src, hop.dst, hop.port, hop.kind) for hop in found.hops]


@pytest.fixture(scope="session")
def told() -> Callable[[Investigation], list[tuple[str, str, int, str]]]:
    """Hops as (src, dst, port, kind), in order of time."""
    return steps_of


Woven = tuple[str, str, int, Rank, float, int]
"""Initiator, responder, TCP port, verdict, hours after START of the first flow, flows."""


def weave(rows: Sequence[Woven], begin: float = 0.0) -> Fabric:
    """A fabric by hand: sites a to d as above, everything else outside."""
    addresses = sorted({end for row in rows for end in row[:2]})
    number = {address: n for n, address in enumerate(addresses)}
    sites: tuple[str | None, ...] = (None, *SITES)
    site = np.array(
        [
            next((n for n, s in enumerate(SITES.values(), 1) if a.startswith(s + ".")), 0)
            for a in addresses
        ]
    )
    src, dst = (np.array([number[row[end]] for row in rows], dtype=np.int64) for end in (0, 1))
    talked = hosts_of(
        np.concatenate([src, dst]), np.concatenate([dst, src]), (site > 0)[np.concatenate([src, dst])]
    )
    hosts = Ends(src, dst, site, sites, np.pad(talked, (0, len(addresses) - len(talked))))
    first = np.array([hour(row[4]) for row in rows], dtype=np.int64)
    keys = {
        f"{side}_{part}": [key(parse_address(row[end]))[place] for row in rows]
        for end, side in enumerate(("src", "dst"))
        for place, part in enumerate(("hi", "lo"))
    }
    judged = pa.table(
        keys
        | {
            "src_realm": [""] * len(rows),
            "dst_realm": [""] * len(rows),
            "protocol": [6] * len(rows),
            "port": [row[2] for row in rows],
            "rank": [int(row[3]) for row in rows],
            "flows": [row[5] for row in rows],
            "first": pa.array(first, pa.timestamp("us", "UTC")),
            "last": pa.array(first, pa.timestamp("us", "UTC")),
        }
    )
    return fabric(judged, hosts, hosts.pair_first(first), hour(begin))


def hour(after: float) -> int:
    """Microseconds of a time so many hours after START."""
    return round((START.timestamp() + after * 3600) * 1e6)


@pytest.fixture(scope="session")
def woven() -> Callable[..., Fabric]:
    """Makes a fabric by hand."""
    return weave


@pytest.fixture(scope="session")
def at_hour() -> Callable[[float], int]:
    """Microseconds of a time so many hours after the start."""
    return hour


def write(lake: Lake, *rows: dict[str, Any]) -> None:
    """One file of them; what a row does not say is as in most."""
    content = repr(rows).encode()
    sha, size = hashlib.sha256(content).hexdigest(), len(content)
    labels = {"sensor": "hosts", "src_realm": "", "dst_realm": "", "event": 4624}
    plain = {"kind": "logon", "success": True, "account": "anna"}
    made = [labels | {"row": n} | plain | row for n, row in enumerate(rows, 1)]
    schema = pa.schema([field for field in LOGON_SCHEMA if field.name != "file"])
    with lake.writer() as writer:
        writer.begin(
            FileIdentity("a.evtx", "hosts", "windows-evtx", sha, size, sha, size, unterminated=False)
        )
        writer.add_logons(pa.Table.from_pylist(made, schema=schema))
        writer.finish(len(rows))
        writer.commit()


@pytest.fixture(scope="session")
def put() -> Callable[..., None]:
    """Writes rows of logons as one file: `put(lake, {...}, ...)`."""
    return write
