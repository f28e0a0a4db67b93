"""What to say where a seed matches nothing: where was looked, and what was not recorded there.

"Nothing found" is only an answer about what was recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.inventory.register import Inventory
from sekisho.model.findings import CoverageItem

SHOWN = 8
"""Sensors, silences and sites that are named; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What the lake could answer from. `begin` and `end` are None without any evidence; `silent` are
    hours in which a sensor recorded nothing, `blind` sites whose edge no sensor sees, `naming` how many
    names each sensor's files gave, `damaged` how many of the lake's files are not whole."""

    begin: datetime | None
    end: datetime | None
    sensors: tuple[str, ...]
    silent: tuple[CoverageItem, ...] = ()
    blind: tuple[str, ...] = ()
    naming: Mapping[str, int] | None = None
    damaged: int = 0


def looked(
    inventory: Inventory,
    items: Sequence[CoverageItem],
    naming: Mapping[str, int],
    damaged: int,
) -> Looked:
    """What coverage items, names and damage of the whole lake say together."""
    alive = [item for item in items if item.state != "no_data"]
    watched = {
        sensor.site
        for name, sensor in inventory.sensors.items()
        if "edge" in sensor.sees and any(item.sensor == name for item in alive)
    }
    return Looked(
        begin=min((item.begin for item in alive), default=None),
        end=max((item.end for item in alive), default=None),
        sensors=tuple(sorted({item.sensor for item in alive})),
        silent=tuple(item for item in items if item.state == "no_data"),
        blind=tuple(sorted(inventory.sites.keys() - watched)),
        naming=dict(naming),
        damaged=damaged,
    )


def unfound(seeds: Sequence[str], where: Looked, *, names: bool) -> str:
    """The error's text, several lines: which seeds matched nothing, where was looked, what is missing.

    `names`: names were looked up too, so who logged any matters.
    """
    lines = [f"nothing was found of {', '.join(seeds)}"]
    if where.begin is None or where.end is None:
        lines.append("nothing was recorded at all: the lake holds no evidence")
        return "\n".join(lines)
    lines.append(
        f"looked in everything recorded from {_minute(where.begin)} until {_minute(where.end)}"
        f" by {_some(where.sensors)}"
    )
    for item in where.silent[:SHOWN]:
        lines.append(
            f"not recorded: {item.sensor} from {_minute(item.begin)} until {_minute(item.end)}"
        )
    if len(where.silent) > SHOWN:
        lines.append(f"not recorded: {len(where.silent) - SHOWN} more silences, see `sekisho coverage`")
    if where.blind:
        lines.append(f"no sensor recorded what crosses the edge of {_some(where.blind)}")
    if names:
        named = [name or "collected exporters" for name in where.naming or {}]
        lines.append(
            f"names were logged by {_some(named)} only"
            if named
            else "no sensor logged names, hashes or fingerprints: those cannot be found"
        )
    if where.damaged:
        lines.append(f"{where.damaged} damaged files of the lake could not be asked")
    return "\n".join(lines)


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z"


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:SHOWN]) or "no sensor"
    return shown + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
