"""What terminals can be asked to try: services that really answered somebody, by what sensors recorded."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sekisho.app.containing.telling import Step
from sekisho.app.wiring import open_lake, traits_of
from sekisho.app.workspace import Workspace
from sekisho.audit.evidence import key_of, rows_of
from sekisho.contain.cutting import OfNow
from sekisho.contain.escaped import ends_of
from sekisho.contain.force import Force, Hold
from sekisho.contain.probing.choosing import Service
from sekisho.contain.probing.services import KINDS
from sekisho.contain.severing import End
from sekisho.model.addresses import IPAddress
from sekisho.model.probes import Trial, TrialKind
from sekisho.model.protocols import TCP
from sekisho.model.sites import DEFAULT_REALM

LATELY = timedelta(days=14)
_SPOKEN: Mapping[str, TrialKind] = {"ssl": "tls", "tls": "tls", "https": "tls", "http": "http"}
"""What sensors call the services that they recognised, whatever the port."""
_WORDS = re.compile(r"[^a-z0-9]+")


class _Triable(OfNow):
    """What may be tried or kept as a control, as the register that judges evidence: it violates, so that it is
    measured."""

    def __init__(self, force: Force, hold: Hold) -> None:
        self.atlas, self._cutting = force.atlas, hold.cutting
        self._sites = force.atlas.member(force.atlas.sites())

    def cut(self, src: int, dst: int, protocol: int, port: int) -> bool:
        """Whether a connection of two classes may be tried or kept."""
        if protocol != TCP or not self._sites[src]:
            return False
        cut = self._cutting.cut(src, dst, protocol, port)
        return cut or (port in KINDS and self._sites[dst])


def services(
    workspace: Workspace, force: Force, hold: Hold, end: datetime, step: Step | None
) -> list[Service]:
    """Services of TLS and HTTP that answered in the days before `end` (aware UTC), with who they answered."""
    if not workspace.lake.is_dir():
        return []
    with open_lake(workspace, create=False) as lake:
        lake.refresh(traits_of(force.atlas.inventory), progress=step)
        with lake.stage(end - LATELY, end) as stage:
            rows = rows_of(stage.judge(_Triable(force, hold)).violations)
    clients: dict[tuple[Trial, End], dict[End, datetime]] = defaultdict(dict)
    for row in rows:
        kind = _kind(row)
        src, dst = ends_of(key_of(row))
        here = src[0] == dst[0] == DEFAULT_REALM and dst[1].version == 4
        if kind is None or not here or not row["established"] or not row["bytes_in"]:
            continue
        found = clients[Trial(kind, str(dst[1]), row["port"]), dst]
        found[src] = max(row["last_seen"], found.get(src, row["last_seen"]))
    return [Service(t, e, place_of(force, e[1]), found) for (t, e), found in clients.items()]


def place_of(force: Force, address: IPAddress) -> str:
    """The site, zone or `internet` that an address lies in, as directions name it; '' for none of them."""
    placed = force.atlas.inventory.place(DEFAULT_REALM, address, force.atlas.at)
    if placed.site is not None:
        return placed.site
    if placed.zones:
        return f"zone:{min(placed.zones)}"
    return "internet" if placed.globally_routable else ""


def _kind(row: Mapping[str, Any]) -> TrialKind | None:
    spoken = {_SPOKEN[w] for w in _WORDS.split((row["services"] or "").lower()) if w in _SPOKEN}
    # Of HTTP within TLS a terminal begins with the handshake.
    if spoken:
        return "tls" if "tls" in spoken else "http"
    return KINDS.get(row["port"])
