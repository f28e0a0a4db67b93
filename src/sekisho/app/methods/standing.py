"""Which techniques could be seen, where, and what is missing: `sekisho intel techniques` and `gaps`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.app.checking.standing import Fleet, assemble
from sekisho.app.decisions import open_decisions
from sekisho.app.hunting.registry import keeper_of
from sekisho.app.methods.catalogues import Chosen, current
from sekisho.app.methods.exercised import exercised, never_worked_out, stepped
from sekisho.app.methods.recorded import Evidence, heard, recorded
from sekisho.app.methods.rules import matched, rules_of
from sekisho.app.wiring import open_lake, read_inventory
from sekisho.app.workspace import Workspace
from sekisho.audit.evidence import coverage_of
from sekisho.errors import RequestError
from sekisho.intel.attack.catalogue import Catalogue
from sekisho.intel.hunt_log import hunts
from sekisho.intel.match_log import matches
from sekisho.intel.methods.gaps import Here, techniques, version_of
from sekisho.intel.methods.known import known
from sekisho.intel.step_log import worked
from sekisho.inventory.located import did_you_mean
from sekisho.inventory.register import Inventory
from sekisho.model.methods import MethodsDocument, TechniqueItem


@dataclass(frozen=True, slots=True)
class Standing:
    """All techniques in scope as they stand here."""

    catalogue: Catalogue
    here: Here
    techniques: tuple[TechniqueItem, ...]
    notes: tuple[str, ...]


def methods(
    workspace: Workspace,
    *,
    now: datetime,
    gaps: bool = False,
    sites: Sequence[str] = (),
    tactics: Sequence[str] = (),
    domain: str | None = None,
    begin: datetime | None = None,
    end: datetime | None = None,
) -> MethodsDocument:
    """Every technique in scope, or those where something is missing, at all sites or some.

    What is recorded counts within [begin, end) (aware UTC; None: all, until now), and as seen where it is of
    the last days before `end`. Raises FileProblems, RequestError for a site or tactic that does not exist, or
    where there is no catalogue.
    """
    found = standing(workspace, now=now, sites=sites, domain=domain, begin=begin, end=end)
    there = {tactic for one in found.techniques for tactic in one.tactics}
    for tactic in tactics:
        if tactic not in there:
            raise RequestError(f"no technique is of the tactic {tactic}", did_you_mean(tactic, there))
    asked = [
        one
        for one in found.techniques
        if (not gaps or one.missing) and (not tactics or set(tactics) & set(one.tactics))
    ]
    return MethodsDocument(
        made=now,
        attack=version_of(found.catalogue),
        gaps_only=gaps,
        sites=found.here.sites,
        whole=len(found.techniques),
        techniques=tuple(asked),
        recorded=tuple(found.here.recorded),
        notes=found.notes,
    )


def standing(
    workspace: Workspace,
    *,
    now: datetime,
    sites: Sequence[str] = (),
    domain: str | None = None,
    begin: datetime | None = None,
    end: datetime | None = None,
    catalogue: Catalogue | None = None,
) -> Standing:
    """The same as values, by a catalogue or the one that counts. Raises as `methods`."""
    chosen = Chosen(catalogue) if catalogue is not None else current(workspace, now, domain)
    inventory = read_inventory(workspace)
    asked = _sites(inventory, sites)
    lists = known()
    until = min(end or now, now)
    with open_decisions(workspace) as decisions:
        fleet = assemble(decisions, inventory, now)
        root = keeper_of(workspace).root
        exercises = exercised(lists, decisions, fleet, hunts(root))
        kept = worked(root)
        unshown = tuple(never_worked_out(decisions, kept))
    evidence, notes = _evidence(workspace, inventory, fleet, asked, begin, until, now)
    rules, more = rules_of(workspace, now, heard(evidence))
    exercises |= matched(rules, fleet, matches(root))
    here = Here(asked, recorded(lists, evidence), rules, exercises, stepped(kept))
    return Standing(
        chosen.catalogue,
        here,
        techniques(chosen.catalogue, lists, here),
        (*chosen.notes, *notes, *more, *unshown),
    )


def _sites(inventory: Inventory, asked: Sequence[str]) -> tuple[str, ...]:
    for site in asked:
        if site not in inventory.sites:
            raise RequestError(f"there is no site {site}", did_you_mean(site, inventory.sites))
    return tuple(dict.fromkeys(asked)) or tuple(sorted(inventory.sites))


def _evidence(
    workspace: Workspace,
    inventory: Inventory,
    fleet: Fleet,
    sites: tuple[str, ...],
    begin: datetime | None,
    end: datetime,
    now: datetime,
) -> tuple[Evidence, tuple[str, ...]]:
    with open_lake(workspace) as lake:
        coverage = coverage_of(lake, inventory, now=now)
        names, logons = lake.recorded.names(begin, end), lake.recorded.logons(begin, end)
        events, broken = lake.events.recorded()
    damage = len(names.damage) + len(logons.damage) + len(broken)
    notes = [f"{damage} damaged files beside the flows could not be asked"] if damage else []
    if not fleet.resolved.terminals:
        notes.append("no terminals are known: what they would show counts as nowhere recorded")
    evidence = Evidence(inventory, coverage, names, logons, events, fleet, begin, end, sites)
    return evidence, tuple(notes)
