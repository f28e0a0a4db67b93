"""The hops of a recorded intrusion, from any of its ends."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.app.ingest import ingest
from sekisho.app.register import read_register
from sekisho.app.wiring import open_lake, traits_of
from sekisho.app.workspace import Workspace
from sekisho.investigate.run import Investigation, investigate
from sekisho.investigate.seeds import SeedRequest
from sekisho.policy.compile import CompiledPolicy

NOW = datetime(2020, 5, 1, tzinfo=UTC)
SCRANTON, NASHUA, NEWYORK = "10.0.1.4", "10.0.1.6", "10.0.0.4"
FIRST, SECOND = "192.168.0.5", "192.168.0.4"
HOPS = [(SCRANTON, FIRST, "reverse"), (SCRANTON, NASHUA, "connect"), (NASHUA, SECOND, "reverse")]
SITES = f"""
sites:
  nashua: {{name: Nashua, country: US, timezone: UTC, owner: it, prefixes: [{NASHUA}/32]}}
  scranton: {{name: Scranton, country: US, timezone: UTC, owner: it, prefixes: [{SCRANTON}/32]}}
  newyork: {{name: New York, country: US, timezone: UTC, owner: it, prefixes: [{NEWYORK}/32]}}
sensors:
  NASHUA: {{site: nashua, kind: zeek, sees: [edge, internet]}}
  SCRANTON: {{site: scranton, kind: zeek, sees: [edge, internet]}}
"""
POLICY = """
connections:
  - id: DIRECTORY
    allow: "scranton/*, nashua/* -> newyork/* : dns, kerberos, ldap, smb, ntp, rpc, tcp/49152-65535"
    owner: it
    ticket: CHG-1
    why: Directory services
"""


@pytest.fixture(scope="module")
def found(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Investigation]]:
    root = tmp_path_factory.mktemp("apt29-paths")
    for name, text in (("sekisho.toml", ""), ("sites.yaml", SITES), ("policy.yaml", POLICY)):
        (root / name).write_text(text)
    workspace = Workspace(root)
    for sensor in ("NASHUA", "SCRANTON"):
        log = shared_data / "zeek-apt29-day1" / f"{sensor}_conn.log"
        ingest(workspace, [log], sensor=sensor, reader=None, now=NOW)
    inventory, policy = read_register(workspace)
    with open_lake(workspace) as lake:
        lake.refresh(traits_of(inventory))
        seeds = {
            "nashua": SeedRequest("host", NASHUA),
            "scranton": SeedRequest("host", SCRANTON),
            "outside": SeedRequest("indicator", FIRST),
        }
        compiled = CompiledPolicy(policy, inventory)
        yield {
            name: investigate(lake, inventory, compiled, [seed], now=NOW)
            for name, seed in seeds.items()
        }


@pytest.mark.parametrize("seed", ["nashua", "scranton", "outside"])
def test_every_hop_and_few_others(found: dict[str, Investigation], seed: str) -> None:
    one = found[seed]
    hops = [(hop.src, hop.dst, hop.kind) for hop in one.hops]
    assert [hop for hop in hops if hop in HOPS] == HOPS, "all of them, in order"
    assert len(hops) <= 2 * len(HOPS)
    assert one.entry is not None
    assert (one.entry.address, one.entry.through) == (SCRANTON, FIRST)
    assert not any(NEWYORK in hop for hop in hops), "the directory is no step"


def test_what_is_named_besides_is_in_the_ground_truth(
    found: dict[str, Investigation], shared_data: Path
) -> None:
    with (shared_data / "zeek-apt29-day1" / "ground_truth.csv").open(newline="") as rows:
        truth = {(row["src"], row["dst"], int(row["port"])) for row in csv.DictReader(rows)}
    for one in found.values():
        for hop in one.hops:
            assert {
                (hop.src, hop.dst, port) for port in (hop.port, *(o.port for o in hop.also))
            } <= truth


def test_forty_minutes_of_evidence_date_nothing(found: dict[str, Investigation]) -> None:
    for one in found.values():
        assert one.onset is not None
        assert one.onset.kind == "on_or_before"
