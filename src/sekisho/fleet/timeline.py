"""What checks found on terminals, as part of an incident's story: those terminals that are in its scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sekisho.fleet.resolve import ID_LENGTH
from sekisho.fleet.scope import Reached, short
from sekisho.fleet.states import JUDGED_HERE
from sekisho.model.hops import Evidence
from sekisho.model.incidents import Scope, TimelineItem

SOURCE = "terminals"
KIND = "terminal"
MOST = 2000
"""Findings in one story, the earliest."""


def told(
    scope: Scope,
    reached: Iterable[Reached],
    files: Mapping[str, str],
    *,
    begin: datetime | None = None,
    end: datetime | None = None,
) -> tuple[tuple[TimelineItem, ...], tuple[str, ...]]:
    """Findings of terminals in a scope within [begin, end), each once, in order of time; and what must be known
    of them. `files` names what was imported, by hash.

    A finding is told at the time at which it happened where the answer says so, else when it was collected.
    """
    addresses = {(one.realm or "", one.address) for one in scope.assets}
    names = {short(one.asset) for one in scope.assets if one.asset}
    found: dict[tuple[str, str, str], TimelineItem] = {}
    for one in reached:
        by_address = bool(one.address) and (one.realm, one.address) in addresses
        if not by_address and names.isdisjoint(map(short, one.terminal.names)):
            continue
        for item, check, text in _items(one, files):
            if (begin is not None and item.at < begin) or (end is not None and item.at >= end):
                continue
            key = one.terminal.id, check, text
            if key not in found or item.at < found[key].at:
                found[key] = item
    items = sorted(found.values(), key=lambda item: (item.at, item.text))
    more = len(items) - MOST
    notes = (f"{more:,} later findings on terminals are not in the timeline: `sekisho fleet show`",)
    return tuple(items[:MOST]), notes if more > 0 else ()


def _items(one: Reached, files: Mapping[str, str]) -> Iterable[tuple[TimelineItem, str, str]]:
    name = one.terminal.hostname or f"T-{one.terminal.id[:ID_LENGTH]}"
    last = {
        (answer.who.id, answer.check): answer.received
        for answer in sorted(one.answers, key=lambda answer: answer.received)
    }
    for answer in one.answers:
        # The same events by the rules of a later day: its last asking says what they found.
        if answer.check in JUDGED_HERE and answer.received < last[answer.who.id, answer.check]:
            continue
        for n, text in enumerate(answer.findings):
            happened = answer.times[n] if n < len(answer.times) else None
            evidence = Evidence(
                path=files.get(answer.intake),
                sha256=answer.intake if answer.intake in files else None,
                at=answer.at,
                text=f"T-{one.terminal.id[:ID_LENGTH]} {answer.check}",
            )
            item = TimelineItem(
                at=happened or answer.at,
                kind=KIND,
                text=f"on {name} {answer.check} found: {text}",
                evidence=(evidence,),
                site=one.terminal.site,
                source=SOURCE,
            )
            yield item, answer.check, text
