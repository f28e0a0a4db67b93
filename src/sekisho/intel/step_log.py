"""The steps of incidents' paths as they were last worked out: which techniques were seen to be used here.

To work paths out takes as long as the evidence is large, so what `investigate show` told last is kept. It can
be worked out again at any time, and is in no backup.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from sekisho.intel import json_lists
from sekisho.model.hops import HopDocument, OtherUse
from sekisho.model.incidents import InvestigationDocument

FILE = "steps.json"
MOST = 500
"""Incidents whose steps are kept, those that were worked out last."""
MOST_STEPS = 500
"""Of one incident, the latest."""


class Step(BaseModel):
    """One step, or what left an asset, at `at` (aware UTC), by a technique of ATT&CK."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    technique: str
    at: datetime
    text: str
    sites: tuple[str, ...] = ()


class Worked(BaseModel):
    """The steps of an incident, as its paths were worked out at `made` (aware UTC)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    incident: str
    made: datetime
    steps: tuple[Step, ...] = ()


_ALL = TypeAdapter(tuple[Worked, ...])


def worked(root: Path) -> tuple[Worked, ...]:
    """Each incident once, the one that was worked out last at the end; what cannot be read is none."""
    return json_lists.items(root / FILE, _ALL)


def note(root: Path, document: InvestigationDocument, made: datetime) -> None:
    """Keep what an incident's paths say now, instead of what they said before; of no incident, nothing."""
    if document.id is None:
        return
    steps = sorted(
        set(_steps(document, document.id)), key=lambda one: (one.at, one.technique, one.text)
    )
    mine = Worked(incident=document.id, made=made, steps=tuple(steps[-MOST_STEPS:]))
    others = [one for one in worked(root) if one.incident != document.id]
    json_lists.keep(root / FILE, _ALL, (*others, mine)[-MOST:])


def _steps(document: InvestigationDocument, incident: str) -> Iterable[Step]:
    for path in document.paths:
        for hop in path.hops:
            sites = _sites(hop.src_site, hop.dst_site)
            ends = f"{hop.src} -> {hop.dst}"
            yield _step(incident, hop.technique, hop.at, f"{ends} {_service(hop)}", sites)
            for also in hop.also:
                yield _step(incident, also.technique, also.at, f"{ends} {_service(also)}", sites)
    for left in document.exfiltration:
        if left.technique is not None:
            text = f"{left.src} -> {left.dst}, what left"
            yield _step(
                incident, left.technique, left.begin, text, _sites(left.src_site, left.dst_site)
            )


def _step(incident: str, technique: str, at: datetime, text: str, sites: tuple[str, ...]) -> Step:
    return Step(technique=technique, at=at, text=f"step of {incident}: {text}", sites=sites)


def _service(one: HopDocument | OtherUse) -> str:
    return f"{one.protocol}/{one.port}" if one.port else one.protocol


def _sites(*names: str | None) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name}))
