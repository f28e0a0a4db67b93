"""From seeds to the whole incident: neighbourhood, steps, paths, scope, entry, onset, and what is hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

import pyarrow as pa

from sekisho.audit import evidence
from sekisho.audit.automation.ends import ends
from sekisho.audit.coverage import Coverage
from sekisho.audit.evidence import rows_of
from sekisho.audit.sight import Sight
from sekisho.inventory.register import Inventory
from sekisho.investigate.account import Account, Investigation
from sekisho.investigate.changing import Changing
from sekisho.investigate.fabric import RESIDUAL, Fabric, fabric
from sekisho.investigate.graph import StepGraph
from sekisho.investigate.leaving.look import leaving
from sekisho.investigate.logbook.book import Logbook, Looked
from sekisho.investigate.logbook.telling import LogonTeller
from sekisho.investigate.moments import micros
from sekisho.investigate.proof import by_key, proof
from sekisho.investigate.relays.telling import Passed
from sekisho.investigate.seeds import Found, SeedRequest, find
from sekisho.investigate.spreading import Spreading
from sekisho.investigate.steps import Known, Scored, foremost
from sekisho.investigate.telling import Teller
from sekisho.investigate.unwatched import Unwatched
from sekisho.investigate.work import Work
from sekisho.model.incidents import Scope, Seed
from sekisho.policy.compile import CompiledPolicy
from sekisho.store.lake import Lake

Progress = Callable[[str, int, int | None], None]
_STEPS = 8
NEAR = 300
"""Connections that lack little to be steps and whose logons are looked up."""
__all__ = ["Investigation", "SeedRequest", "investigate"]


def investigate(
    lake: Lake,
    inventory: Inventory,
    compiled: CompiledPolicy,
    seeds: Sequence[SeedRequest],
    *,
    begin: datetime | None = None,
    end: datetime | None = None,
    now: datetime,
    without: frozenset[str] = frozenset(),
    progress: Progress | None = None,
) -> Investigation:
    """Follow seeds forwards and backwards through the evidence from `begin` until `end` (aware UTC; None:
    all of it).

    Reads roll-ups, and raw flows of candidate connections only. `without` leaves factors out by their
    ids, to measure what each is worth. A seed that matches nothing is told as such, never an error.
    """
    step = progress or (lambda _what, _done, _all: None)
    step("investigate: coverage", 0, _STEPS)
    coverage = evidence.coverage_of(lake, inventory, now=now, begin=begin, end=end)
    extent = coverage.extent()
    window = begin or extent[0], end or extent[1]
    step("investigate: judging", 1, _STEPS)
    with lake.stage(begin, end) as stage:
        verdicts = stage.judge(compiled)
        woven = _fabric(stage.judged(), inventory, compiled, coverage, window[1] or now)
        if woven is None:
            return _nothing(seeds, window, coverage)
        violations = by_key(rows_of(verdicts.violations))
        step("investigate: seeds", 2, _STEPS)
        work = Work(lake, inventory, woven, violations)
        named = {host for one in find(lake, woven, seeds) for host in one.hosts}
        woven = work.through_relays(coverage, named)
        found = find(lake, woven, seeds)
        step("investigate: paths", 3, _STEPS)
        sight = Sight(inventory.sensors)
        known = Known(
            woven,
            work.talks,
            work.violated(),
            work.changed,
            work.same_holder,
            cache(Unwatched(woven, sight, coverage).since),
            work.relaying,
        )
        spread = Spreading(known, work.fetch, without)
        spread.run(
            {row for one in found for row in one.rows}, {host for one in found for host in one.hosts}
        )
        step("investigate: logons", 4, _STEPS)
        steps, looked = _with_logons(spread, work)
        step("investigate: evidence", 5, _STEPS)
        rows = sorted(steps)
        dated = sorted({*rows, *_alone(found, steps, woven, known.violated)})
        proven = proof(stage, lake, woven, dated, violations, (begin, end))
    hops = foremost(steps.values())
    uses = sorted(_with(steps), key=lambda scored: (scored.at, scored.step.row))
    logons = LogonTeller(looked, inventory, woven, [scored.step.row for scored in uses])
    changes = Changing(lake, inventory, woven, work.zones()).look(
        [row for row in rows if not woven.stands_in(row)], proven.days
    )
    passed = Passed(woven, work.relaying.stitches, work.talks.of, work.offsets)
    passed.records = passed.gather(lake, ((row, scored.at) for row, scored in steps.items()))
    teller = Teller(
        fabric=woven,
        coverage=coverage,
        sight=sight,
        proof=proven,
        changes=changes,
        others=hops,
        logons=logons,
        passed=passed,
    )
    step("investigate: telling", 6, _STEPS)
    told = Account(woven, inventory, teller, StepGraph(hops), found, window, coverage, logons).all(
        (*work.notes(), *changes.notes, *logons.notes(), *_asked(found))
    )
    step("investigate: what left", 7, _STEPS)
    # Every step counts here, the further ones between two hosts too: each may have carried data.
    asked = [host for one in found for host in one.hosts]
    left = leaving(
        lake, inventory, teller, list(steps.values()), asked, (begin, end), told.unobservable
    )
    return replace(
        told,
        exfiltration=left.exfiltration,
        leaving=left.statements,
        timeline=tuple(sorted((*told.timeline, *left.timeline), key=lambda item: item.at)),
        unobservable=(*told.unobservable, *left.unobservable),
        notes=(*told.notes, *left.notes),
    )


def _with_logons(spread: Spreading, work: Work) -> tuple[dict[int, Scored], Looked]:
    """What logons say of the steps, and of those that lack little: with it they are weighed anew, once.

    Over a session that control ran against nobody is known to have travelled; but a logon may show that it
    ran with it, so these are looked at as candidates.
    """
    known = spread.known
    book = Logbook(work.lake, work.inventory, known.fabric, known.talks, work.offsets)
    against = [scored for scored in known.steps.values() if scored.step.kind == "reverse"]
    known.logons = book.look(_with(known.steps), (*against, *spread.near(NEAR))).weights()
    steps = spread.again() if known.logons else known.steps
    return steps, book.look(_with(steps))


def _alone(
    found: Iterable[Found], steps: Mapping[int, Scored], woven: Fabric, violated: Mapping[int, int]
) -> Iterator[int]:
    """The connection that began first of each seed that no step has to do with: its own, or those of its host
    that no rule allows. That nobody can say it was a step does not take its date away."""
    hosts = {end for scored in steps.values() for end in (scored.step.tail, scored.step.head)}
    for one in found:
        if steps.keys() & set(one.rows) or hosts & set(one.hosts):
            continue
        of_hosts = {
            int(row) for host in one.hosts if woven.internal(host) for row in woven.of_host(host)
        }
        rows = one.rows or [row for row in of_hosts if int(woven.rank[row]) in RESIDUAL]
        yield from sorted(rows, key=lambda row: violated.get(row, int(woven.first[row])))[:1]


def _with(steps: Mapping[int, Scored]) -> list[Scored]:
    """Steps in which control ran with the session."""
    return [scored for scored in steps.values() if scored.step.kind == "connect"]


def _fabric(
    judged: Any,
    inventory: Inventory,
    compiled: CompiledPolicy,
    coverage: Coverage,
    at: datetime,
) -> Fabric | None:
    begin, _ = coverage.extent()
    if not judged.num_rows or begin is None:
        return None
    hosts = ends(judged, compiled, at)
    first = judged["first"].cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    return fabric(judged, hosts, hosts.pair_first(first), micros(begin), inventory)


def _nothing(
    seeds: Sequence[SeedRequest], window: tuple[datetime | None, datetime | None], coverage: Coverage
) -> Investigation:
    why = "there is no evidence at all in this time: nothing was recorded, which is not nothing found"
    told = tuple(Seed(kind=s.kind, value=s.value, realm=s.realm or None, why=why) for s in seeds)
    return Investigation(told, None, None, (), (), Scope(), (), (), window, coverage, (why,))


def _asked(found: Iterable[Found]) -> Iterator[str]:
    for one in found:
        if one.why:
            yield f"the seed {one.request.value} matches nothing: {one.why}"
        elif one.without_flow:
            yield (
                f"of the seed {one.request.value} no flow is on record: what {one.request.opener}, who opened"
                " it, did else is followed"
            )
