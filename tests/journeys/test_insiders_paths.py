"""Insiders in two offices: two courses of events with nothing in common, each from a finding of its own."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

from sekisho.app.ingest import ingest
from sekisho.app.register import read_register
from sekisho.app.simulate import simulate
from sekisho.app.wiring import open_lake, traits_of
from sekisho.app.workspace import Workspace
from sekisho.investigate.run import investigate
from sekisho.investigate.seeds import SeedRequest
from sekisho.model.findings import finding_id
from sekisho.policy.compile import CompiledPolicy

NOW = datetime(2020, 7, 1, tzinfo=UTC)


def test_each_course_is_found_whole_from_its_own_finding_and_nothing_else(tmp_path: Path) -> None:
    root = tmp_path / "w"
    simulate("insider-backdoor", root, seed=31, scale="small")
    workspace = Workspace(root)
    ingest(workspace, [root / "logs"], sensor=None, reader=None, now=NOW)
    with (root / "truth" / "hops.csv").open(newline="") as rows:
        truth = list(csv.DictReader(rows))
    inventory, policy = read_register(workspace)
    told = []
    with open_lake(workspace) as lake:
        lake.refresh(traits_of(inventory))
        for permitted in ("unauthorized", "authorized"):
            hop = next(one for one in truth if one["permitted"] == permitted)
            seed = finding_id(hop["src"], hop["dst"], hop["protocol"], int(hop["port"]))
            found = investigate(
                lake,
                inventory,
                CompiledPolicy(policy, inventory),
                [SeedRequest("finding", seed)],
                now=NOW,
            )
            told.append({(one.src, one.dst, one.port) for one in found.hops})
    recorded = {(one["src"], one["dst"], int(one["port"])) for one in truth if one["recorded"] == "1"}
    assert told[0] | told[1] == recorded
    assert not told[0] & told[1]
    assert len(recorded) == len(truth) - 1, "what stays in one office is on no sensor's record"
