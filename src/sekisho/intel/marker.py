"""Marks of connections that indicators name: `indicator`."""

from __future__ import annotations

from collections.abc import Iterable

from sekisho.audit.marks import Judged, Mark
from sekisho.intel.hunt import find, matches, severity_of
from sekisho.intel.loading import Loaded, age
from sekisho.model.findings import Check
from sekisho.model.hunts import Matched
from sekisho.model.verdicts import FindingKind

MOST = 50_000
"""Matches of a kind that are marked."""


class IndicatorMarker:
    """Says of connections that what others have seen intruders use is in them; nothing of what is expired."""

    kind: FindingKind = "indicator"

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded

    def marks(self, judged: Judged) -> Iterable[Mark]:
        """One for each connection, by the indicator that is believed most."""
        _, found, _ = find(judged.lake, self._loaded, judged.inventory, judged.begin, judged.end, MOST)
        for key, contact in found.items():
            matched = matches(self._loaded, contact.named)
            severity = severity_of(matched, contact.row["established"])
            if severity is not None:
                yield Mark(
                    key, "indicator", severity, check_of([one for one in matched if not one.expired])
                )


def check_of(matched: list[Matched]) -> Check:
    """Why it is said: the indicator that is believed most, and how many others there are."""
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
    return Check(id="indicator", text=text)
