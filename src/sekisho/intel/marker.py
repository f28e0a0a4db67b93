"""Marks of connections that indicators name: `indicator`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sekisho.audit.marks import Judged, Mark, Record
from sekisho.audit.sight import Sight
from sekisho.intel.hunt import Contact, find, matches, severity_of
from sekisho.intel.loading import Loaded, age
from sekisho.intel.lookups import Lookups
from sekisho.model.findings import Check
from sekisho.model.hunts import Lookup, Matched
from sekisho.model.verdicts import FindingKind

MOST = 50_000
"""Matches of a kind that are marked."""


class IndicatorMarker:
    """Says of connections that what others have seen intruders use is in them; nothing of what is expired."""

    kind: FindingKind = "indicator"

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded

    def marks(self, judged: Judged) -> Iterable[Mark]:
        """One for each, by the indicator that is believed most."""
        hunted, found, _ = find(
            judged.lake, self._loaded, judged.inventory, judged.begin, judged.end, MOST
        )
        sight = Sight(judged.inventory.sensors)
        lookups = Lookups(hunted, judged.inventory, sight, judged.coverage)
        for key, contact in found.items():
            matched = matches(self._loaded, contact.named)
            severity = severity_of(matched, contact.established)
            if severity is not None:
                current = [one for one in matched if not one.expired]
                since = contact.since
                yield Mark(
                    key,
                    "indicator",
                    severity,
                    check_of(current, lookups.of(contact.said)),
                    since=since,
                    until=contact.until if since else None,
                    record=_record(contact),
                )


def _record(contact: Contact) -> Record | None:
    """What shows the connection beside its flows."""
    rows = contact.said
    if not rows:
        return None
    return Record(
        min(row["first"] for row in rows),
        contact.until,
        max(row["days"] for row in rows),
        frozenset(name for row in rows for name in row["sensors"]),
    )


def check_of(matched: Sequence[Matched], lookups: Sequence[Lookup] = ()) -> Check:
    """Why it is said: the indicator that is believed most, how many others there are, and of a name that was
    looked up how often, since when, and what came after."""
    one = matched[0]
    old = "stale, " if one.feed_standing == "stale" else ""
    meant = one.value if one.found == one.value else f"{one.found} ({one.value})"
    text = f"{meant} is in the feed {one.feed} ({old}{age(one.feed_age_seconds)} old, confidence"
    text += f" {one.confidence}, TLP:{one.tlp.upper()})"
    if one.says:
        text += f": {one.says}"
    if len(matched) > 1:
        counted = "1 indicator" if len(matched) == 2 else f"{len(matched) - 1} indicators"
        text += f"; {counted} more"
    if lookups:
        asked = next((each for each in lookups if each.name == one.found), lookups[0])
        text += (
            f"; {asked.name} was looked up {_times(asked.times)}, from"
            f" {asked.first_seen:%Y-%m-%d %H:%M} to {asked.last_seen:%Y-%m-%d %H:%M} UTC: {asked.text}"
        )
        if len(lookups) > 1:
            others = len(lookups) - 1
            text += "; 1 other such name was" if others == 1 else f"; {others} other such names were"
            text += " looked up"
    return Check(id="indicator", text=text)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"
