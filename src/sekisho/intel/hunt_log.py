"""Which hunts were run, and what came of each: when was looking last done."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from sekisho.intel import json_lists
from sekisho.model.hunts import HuntDocument

FILE = "hunts.json"
MOST = 200


class Hunted(BaseModel):
    """One hunt at `at` (aware UTC). `looked` counts indicators by kind, `hits` what was found by what of a
    record it was (`address`, `sni` …), `sites` where; `recorded` and `named` as in HuntDocument."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: datetime
    looked: dict[str, int] = {}
    hits: dict[str, int] = {}
    sites: tuple[str, ...] = ()
    recorded: bool = False
    named: bool = False


_ALL = TypeAdapter(tuple[Hunted, ...])


def hunts(root: Path) -> tuple[Hunted, ...]:
    """The last hunts, oldest first; what cannot be read is none: it is no evidence of anything."""
    return json_lists.items(root / FILE, _ALL)


def note(root: Path, document: HuntDocument) -> None:
    """Keep one more."""
    hits: Counter[str] = Counter()
    sites: set[str] = set()
    for hit in document.hits:
        hits.update({one.via for one in hit.indicators})
        sites |= {end.site for end in (hit.src, hit.dst) if end.site is not None}
    hits.update(one.indicator.via for one in document.names)
    made = Hunted(
        at=document.made,
        looked=document.hunted,
        hits=dict(sorted(hits.items())),
        sites=tuple(sorted(sites)),
        recorded=document.recorded,
        named=document.named,
    )
    json_lists.keep(root / FILE, _ALL, (*hunts(root), made)[-MOST:])
