"""Show an incident: follow its seeds through the evidence as it is now, and tell it with what people did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sekisho.app.decisions import open_decisions
from sekisho.app.hunting.registry import keeper_of
from sekisho.app.incidents import asked_for
from sekisho.app.investigating.custody import custody
from sekisho.app.investigating.working import current
from sekisho.app.register import load_register
from sekisho.app.terminals import widened
from sekisho.app.wiring import open_lake, traits_of
from sekisho.app.workspace import Workspace
from sekisho.intel.step_log import note
from sekisho.inventory.register import Inventory
from sekisho.investigate.chronicle import chronicle
from sekisho.investigate.inquiries import inquiry
from sekisho.investigate.run import SeedRequest, investigate
from sekisho.model.incidents import InvestigationDocument, Place

Step = Callable[[str, int, int | None], None]


def show(
    workspace: Workspace,
    asked: str,
    *,
    now: datetime,
    by: str,
    begin: datetime | None = None,
    end: datetime | None = None,
    step: Step | None = None,
) -> InvestigationDocument:
    """The incident as far as the evidence from `begin` until `end` (aware UTC; None: all of it) goes.

    The steps that all of it shows are kept for `sekisho intel techniques`.

    Raises RequestError where there is no such incident or no lake, FileProblems for a register that
    cannot be read.
    """
    with open_decisions(workspace) as decisions, open_lake(workspace, create=False) as lake:
        opened = asked_for(decisions.state.incidents(), asked)
        register = load_register(workspace, decisions, now=now, by=by)
        lake.refresh(traits_of(register.inventory), progress=step)
        found = investigate(
            lake,
            register.inventory,
            register.compiled,
            tuple(requests(opened.seeds, register.inventory)),
            begin=begin,
            end=end,
            now=now,
            progress=step,
        )
        incident = current(workspace, decisions, opened.id, now=now)
        asked_of = decisions.state.incidents().inquiry(opened.id)
        terminals = widened(found.scope, decisions, register.inventory, begin=begin, end=end, now=now)
        held = custody(decisions.ledger, opened.id)
    sites = register.inventory.sites
    window: dict[str, Any] = {"from": found.window[0], "to": found.window[1]}
    document = InvestigationDocument.model_validate(
        {
            "id": opened.id,
            "window": window,
            "seeds": found.seeds,
            "entry": found.entry,
            "onset": found.onset,
            "paths": found.paths,
            "scope": terminals.scope,
            "accounts": found.accounts,
            "traces_removed": found.traces_removed,
            "logons": found.logons,
            "exfiltration": found.exfiltration,
            "leaving": found.leaving,
            "timeline": chronicle((*found.timeline, *terminals.timeline), incident, sites, asked_of),
            "unobservable": found.unobservable,
            "notes": (*found.notes, *terminals.notes),
            "incident": incident,
            "inquiry": inquiry(opened.id, sites, asked_of, now) if asked_of else None,
            "places": places(register.inventory),
            "custody": held,
        }
    )
    if begin is None and end is None:
        note(keeper_of(workspace).root, document, now)
    return document


def places(inventory: Inventory) -> tuple[Place, ...]:
    """The sites of the register by name."""
    edges: dict[str, list[str]] = {}
    for name, sensor in sorted(inventory.sensors.items()):
        if "edge" in sensor.sees:
            edges.setdefault(sensor.site, []).append(name)
    return tuple(
        Place(
            site=name,
            title=site.title,
            country=site.country,
            timezone=site.timezone,
            sensors=tuple(edges.get(name, ())),
        )
        for name, site in sorted(inventory.sites.items())
    )


def requests(seeds: Sequence[Mapping[str, Any]], inventory: Inventory) -> Iterator[SeedRequest]:
    """What to follow of kept seeds; a hostname is each of its addresses."""
    for seed in seeds:
        kind, value, realm = seed["kind"], seed["value"], seed.get("realm")
        assets = inventory.hostnames.get(value.casefold(), ()) if kind == "host" else ()
        for asset in assets:
            yield SeedRequest(kind, str(asset.address), asset.realm)
        if kind == "finding" and "connection" in seed:
            opened = seed["connection"]
            yield SeedRequest(kind, value, opened.get("src_realm"), opened.get("src"))
        elif not assets:
            yield SeedRequest(kind, value, realm)
