"""One ordered story: what evidence shows, and what people did and said, each with its source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from sekisho.investigate.inquiries import local
from sekisho.model.hops import Evidence
from sekisho.model.incident_state import EvidenceFile, IncidentDocument
from sekisho.model.incidents import TimelineItem
from sekisho.model.sites import Site
from sekisho.state.incident_records import InquiryEvent

MOST_SITES = 12
"""Sites that a line names."""


def chronicle(
    told: Iterable[TimelineItem],
    incident: IncidentDocument,
    sites: Mapping[str, Site],
    asked: Sequence[InquiryEvent] = (),
) -> tuple[TimelineItem, ...]:
    """The items of an investigation, the actions of its incident, what was preserved, asked and answered, in
    order of time.

    `asked` are in the order of the ledger. Where an item has a site, `local` is the time on that site's
    clock. An action never alters evidence: it stands beside it, with its ledger entry.
    """
    items = [_placed(item, sites) for item in (*told, *_asked(asked))]
    items += [
        TimelineItem(
            at=action.at,
            kind=action.kind,
            text=f"{action.by} {action.text}",
            evidence=_entry(action.entry, action.at),
            source="ledger",
        )
        for action in incident.actions
    ]
    items += _preserved(incident.evidence)
    return tuple(sorted(items, key=lambda item: item.at))


def _asked(events: Sequence[InquiryEvent]) -> Iterator[TimelineItem]:
    for seq, steps in groupby(events, key=lambda event: event.seq):
        step, *more = steps
        sites = [step.site, *(one.site for one in more)]
        match step.action:
            case "start":
                text = f"began an inquiry: {step.text}"
            case "ask":
                rest = f" and {len(sites) - MOST_SITES} more" if len(sites) > MOST_SITES else ""
                text = f"asked {', '.join(sites[:MOST_SITES])}{rest}"
            case "answer":
                file = f", with {step.name}" if step.name else ""
                said = f": {step.text}" if step.text else ""
                text = f"noted what {step.site} answered ({step.result}){file}{said}"
        yield TimelineItem(
            at=step.at,
            kind="inquiry",
            text=f"{step.by} {text}",
            evidence=_entry(seq, step.at),
            site=step.site if len(sites) == 1 and step.site else None,
            source="ledger",
        )


def _preserved(files: Iterable[EvidenceFile]) -> Iterator[TimelineItem]:
    """What was tried at one time is one item."""
    counts: dict[datetime, Counter[bool]] = {}
    for file in files:
        counts.setdefault(file.at, Counter())[file.state == "preserved"] += 1
    for at, count in counts.items():
        lost = f", {count[False]} could not be" if count[False] else ""
        kept = f"{count[True]} file{'' if count[True] == 1 else 's'}"
        text = f"original bytes of {kept} were preserved{lost}"
        yield TimelineItem(at=at, kind="preserve", text=text, source="ledger")


def _entry(number: int, at: datetime) -> tuple[Evidence, ...]:
    return (Evidence(at=at, text=f"ledger entry {number}"),)


def _placed(item: TimelineItem, sites: Mapping[str, Site]) -> TimelineItem:
    site = sites.get(item.site or "")
    if site is None or item.local is not None:
        return item
    return item.model_copy(update={"local": local(item.at, site.timezone)})
