"""What gateways hold, as people read it."""

from __future__ import annotations

from dataclasses import replace

from sekisho.model.gateways import GatewayDocument, GatewaysDocument
from sekisho.reports.base import Column, Report, Sheet
from sekisho.reports.plans import STAGES, stage_rows
from sekisho.reports.probes import probed_sheet
from sekisho.reports.units import counted

_GATEWAYS = (
    Column("name", "Gateway"),
    Column("holds", "Should hold"),
    Column("state", "Holds"),
    Column("waiting", "Waits"),
    Column("cut", "Dropped", "count"),
)


def gateways_report(document: GatewaysDocument) -> Report:
    """All gateways."""
    rows = tuple(
        (g.name, ", ".join(g.should_hold) or None, _state(g), _waiting(g), _dropped(g))
        for g in document.gateways
    )
    notes = [f"{g.name}: {g.why}" for g in document.gateways if not g.reached and g.why]
    notes += [f"{g.name}: {text}" for g in document.gateways for text in g.warnings]
    wrong = sum(g.as_told is False or g.drift is True for g in document.gateways)
    unknown = sum(not g.reached for g in document.gateways)
    headline = f"{counted(len(rows), 'gateway')}, {wrong} not as told, {unknown} not known."
    sheets = [Sheet("gateway", "", _GATEWAYS, rows, "None.")]
    sheets += [
        Sheet("stage", f"{one.plan}, site by site", STAGES, stage_rows(one.staging), "")
        for one in document.staged
    ]
    sheets += [
        replace(probed_sheet(one.probed), title=f"{one.plan}, tried from both ends")
        for one in document.probed
    ]
    return Report(headline, tuple(sheets), tuple(notes), document)


def _state(gateway: GatewayDocument) -> str:
    if not gateway.reached:
        return "not known"
    if gateway.drift:
        return "changed by others"
    return "as told" if gateway.as_told else "not as told"


def _waiting(gateway: GatewayDocument) -> str | None:
    if gateway.waiting is None:
        return None
    return f"{gateway.waiting} for {gateway.seconds_left} s"


def _dropped(gateway: GatewayDocument) -> int | None:
    found = [c.packets for c in gateway.counters if c.name.endswith("_cut")]
    return sum(found) if found else None
