"""One ordered story: what evidence shows, and what people did and said, each with its source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sekisho.investigate.inquiries import local
from sekisho.model.incident_state import IncidentDocument
from sekisho.model.incidents import Evidence, TimelineItem
from sekisho.model.sites import Site


def chronicle(
    told: Iterable[TimelineItem], incident: IncidentDocument, sites: Mapping[str, Site]
) -> tuple[TimelineItem, ...]:
    """The items of an investigation and the actions of its incident in order of time.

    Where an item has a site, `local` is the time on that site's clock. An action never alters evidence: it
    stands beside it, with its ledger entry.
    """
    items = [_placed(item, sites) for item in told]
    items += [
        TimelineItem(
            at=action.at,
            kind=action.kind,
            text=f"{action.by} {action.text}",
            evidence=(Evidence(at=action.at, text=f"ledger entry {action.entry}"),),
            source="ledger",
        )
        for action in incident.actions
    ]
    return tuple(sorted(items, key=lambda item: item.at))


def _placed(item: TimelineItem, sites: Mapping[str, Site]) -> TimelineItem:
    site = sites.get(item.site or "")
    if site is None or item.local is not None:
        return item
    return item.model_copy(update={"local": local(item.at, site.timezone)})
