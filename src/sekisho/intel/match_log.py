"""What rules met in sensors' records when they were asked last: a connection has no terminal to keep it.

It can be asked again at any time, and is in no backup.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from sekisho.intel import json_lists

FILE = "matches.json"
MOST = 20_000
"""Rules of which it is kept, those that were asked last."""


class RuleMatch(BaseModel):
    """A rule by its id, asked of sensors' records at `asked`; `at` (both aware UTC) is the last record that met
    it, None where none ever did, `text` on which connection and `sites` those of its ends."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    rule: str
    asked: datetime
    at: datetime | None = None
    text: str = ""
    sites: tuple[str, ...] = ()


_ALL = TypeAdapter(tuple[RuleMatch, ...])


def matches(root: Path) -> tuple[RuleMatch, ...]:
    """Each rule once; what cannot be read is none: it is no evidence of anything."""
    return json_lists.items(root / FILE, _ALL)


def note(root: Path, made: Iterable[RuleMatch]) -> None:
    """Keep what rules met; a rule that meets nothing any more keeps what it met before."""
    kept = {one.rule: one for one in matches(root)}
    for one in made:
        before = kept.pop(one.rule, None)
        if one.at is None and before is not None:
            one = before.model_copy(update={"asked": one.asked})
        kept[one.rule] = one
    json_lists.keep(root / FILE, _ALL, tuple(kept.values())[-MOST:])
