"""Following the chains of a month from one finding each, and a quiet month's findings from each of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.chains import baselines
from benchmarks.chains.score import Score, chained, score
from benchmarks.chains.truth import TrueChain, TrueStep
from benchmarks.chains.world import World, after
from sekisho.app.register import read_register
from sekisho.app.wiring import open_lake, traits_of
from sekisho.app.workspace import Workspace
from sekisho.audit.evidence import rows_of
from sekisho.inventory.register import Inventory
from sekisho.investigate.run import Investigation, investigate
from sekisho.investigate.seeds import SeedRequest
from sekisho.model import protocols
from sekisho.model.addresses import text_of
from sekisho.model.findings import finding_id
from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy
from sekisho.store.lake import Lake

INSIDE = (Rank.AUTHORIZED, Rank.INTRA_SITE, Rank.UNAUTHORIZED, Rank.LAPSED)


@dataclass(slots=True)
class Opened:
    """A month's lake under its register. Close the lake at the end."""

    world: World
    lake: Lake
    inventory: Inventory
    compiled: CompiledPolicy

    @classmethod
    def of(cls, world: World) -> Opened:
        """Open it, with its roll-ups up to date."""
        workspace = Workspace(world.place)
        inventory, policy = read_register(workspace)
        lake = open_lake(workspace)
        lake.refresh(traits_of(inventory))
        return cls(world, lake, inventory, CompiledPolicy(policy, inventory))

    def follow(self, seed: SeedRequest, without: frozenset[str] = frozenset()) -> Investigation:
        """Investigate one seed."""
        return investigate(
            self.lake, self.inventory, self.compiled, [seed], now=after(), without=without
        )

    def scores(
        self, without: frozenset[str] = frozenset()
    ) -> Iterator[tuple[TrueChain, Score, Investigation]]:
        """Each chain, followed from one of its findings, drawn by lot."""
        for chain in self.world.chains:
            begin = time.process_time()
            found = self.follow(seed_of(chain), without)
            spent = time.process_time() - begin
            yield chain, score(chain, found, self.world.hostnames, spent), found

    def findings(self) -> list[str]:
        """Ids of the connections that are findings by their verdict and came about."""
        with self.lake.stage(None, None) as stage:
            rows = rows_of(stage.judge(self.compiled).violations)
        return sorted(
            finding_id(
                text_of(row["src_hi"], row["src_lo"]),
                text_of(row["dst_hi"], row["dst_lo"]),
                protocols.name(row["protocol"]),
                row["port"],
                row["src_realm"],
                row["dst_realm"],
            )
            for row in rows
            if row["rank"] in (int(Rank.UNAUTHORIZED), int(Rank.LAPSED))
        )

    def alarms(self) -> tuple[int, set[frozenset[tuple[str, str, int]]]]:
        """How many findings there are, and the chains told of when each is followed."""
        found = set()
        findings = self.findings()
        for one in findings:
            told = self.follow(SeedRequest("finding", one))
            if chained(told):
                found.add(frozenset((hop.src, hop.dst, hop.port) for hop in told.hops))
        return len(findings), found


def seed_of(chain: TrueChain) -> SeedRequest:
    """One of its steps that is a finding; else one of its hosts."""
    lot = np.random.default_rng(chain.number + 1)
    minded = [s for s in chain.visible if s.inside and not s.permitted]
    if minded:
        step = minded[int(lot.integers(len(minded)))]
        return SeedRequest("finding", _id(step))
    inside = [s for s in chain.visible if s.inside]
    step = inside[int(lot.integers(len(inside)))]
    return SeedRequest("host", step.src_address)


def _id(step: TrueStep) -> str:
    return finding_id(step.src_address, step.dst_address, "tcp", step.port)


def compared(opened: Opened) -> Iterator[tuple[str, int, int, int]]:
    """Each simpler way on each chain that has a finding: its name, steps between company hosts, those it told
    of, and all that it told of."""
    chains = [c for c in opened.world.chains if seed_of(c).kind == "finding"]
    with opened.lake.stage(None, None) as stage:
        stage.judge(opened.compiled)
        judged = stage.judged()
    kept = pc.and_(
        pc.is_in(judged["rank"], pa.array([int(r) for r in INSIDE], judged["rank"].type)),
        pc.equal(judged["protocol"], protocols.TCP),
    )
    sessions = baselines.Sessions.of(opened.lake, judged.filter(kept))
    for chain in chains:
        steps = baselines.held(chain, sessions)
        seed = seed_of(chain).value
        first = next(s for s in chain.visible if _id(s) == seed)
        start = next(iter(baselines.held(replace(chain, steps=[first]), sessions)), None)
        if start is None:
            continue
        either = steps | {(dst, src) for src, dst in steps}
        for name, found in baselines.told(sessions, start).items():
            right = {tuple(sorted(pair)) for pair in found & either}
            yield name, len({tuple(sorted(pair)) for pair in steps}), len(right), len(found)
