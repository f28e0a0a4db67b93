"""An alert in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sekisho.audit.causes.words import name, plural
from sekisho.model.findings import rfc3339
from sekisho.model.verdicts import SEVERITIES
from sekisho.watch.alerts import (
    Alert,
    AlertKind,
    AlertStatus,
    Change,
    Member,
    Muting,
    delivery_id,
)
from sekisho.watch.standing import Extent, Standing

LATE = timedelta(minutes=15)
"""Records that come so long after they ended are told to be late."""
_SAID: dict[str, str] = {
    "escalated": "It is worse than it was told last",
    "grown": "There is more of it",
    "amended": "A connection of it turned out to be opened by the other end, or to be another host's",
    "withdrawn": "It turned out to be opened by the other end, or to be another host's, which may",
    "changed": "It is not any more what was answered",
    "resumed": "It goes on although the time to be silent is over",
    "returned": "It came back after a week of silence and more",
}


SAID_OF_MEMBERS = 3
"""What is said of single connections, in one message."""


@dataclass(frozen=True, slots=True)
class Story:
    """What an alert is made of. `late` is how late its last record came, `beyond` counts flows of
    connections that are not kept one by one, `labels` are what all its connections share."""

    id: str
    kind: AlertKind
    raised_at: datetime
    extent: Extent
    first: datetime | None
    members: Sequence[Member]
    labels: dict[str, str]
    provisional: int = 0
    late: timedelta | None = None
    beyond: int = 0
    reasons: Sequence[str] = ()


def compose(
    story: Story, standing: Standing, change: Change, now: datetime, muting: Muting | None
) -> Alert:
    """The message as it stands at `now` (aware UTC)."""
    extent = story.extent
    labels = {"kind": story.kind} | story.labels
    return Alert(
        id=story.id,
        revision=standing.revision,
        delivery=delivery_id(story.id, standing.revision),
        change=change,
        at=now,
        status=status_of(standing, now),
        kind=story.kind,
        severity=SEVERITIES[extent.severity],
        title=_title(story),
        text=" ".join(_sentences(story, change)),
        first_seen=story.first,
        last_seen=extent.last,
        raised_at=story.raised_at,
        flows=extent.flows + story.beyond,
        connections=extent.connections,
        established=extent.established,
        members=tuple(story.members),
        provisional=story.provisional > 0,
        late=story.late.total_seconds() if story.late is not None else None,
        labels=labels,
        muting=muting,
    )


def status_of(standing: Standing, now: datetime) -> AlertStatus:
    """Where an alert is in its life at a time."""
    if standing.withdrawn:
        return "withdrawn"
    if standing.muted:
        return "muted"
    answer = standing.answer
    if answer is None or (answer.until is not None and answer.until <= now):
        return "open"
    return "acknowledged" if answer.action == "acknowledge" else "snoozed"


def _title(story: Story) -> str:
    if not story.members:
        return "nothing of it is left"
    extent, worst = story.extent, story.members[0]
    if story.kind == "scanner":
        hosts = plural(extent.destinations, "host")
        return f"scanner: {name(worst.src)} tries {hosts}"
    src = story.labels.get("src", "") and name(worst.src)
    dst = story.labels.get("dst", "") and name(worst.dst)
    src = src or _hosts(extent.sources, story.labels.get("src_site"), "source")
    dst = dst or _hosts(extent.destinations, story.labels.get("dst_site"), "host")
    service = story.labels.get("service", "several services")
    return f"{worst.verdict}: {src} -> {dst} : {service}"


def _ours(story: Story) -> list[str]:
    """Which of it probes of ours made, and never that more is theirs than was asked for."""
    texts = [check.text for one in story.members for check in one.checks if check.id == "probe"]
    if not texts:
        return []
    asked = "; ".join(list(dict.fromkeys(texts))[:SAID_OF_MEMBERS])
    if story.extent.connections == 1 and not story.beyond:
        return [f"It was {asked}."]
    return [f"{len(texts)} of these {'was' if len(texts) == 1 else 'were'} {asked}."]


def _hosts(count: int, site: str | None, word: str) -> str:
    found = plural(count, word) if count else f"{word}s"
    return f"{found} of {site}" if site else found


def _sentences(story: Story, change: Change) -> list[str]:
    found = []
    if change in _SAID:
        reasons = f": {', '.join(story.reasons)}" if story.reasons else ""
        found.append(f"{_SAID[change]}{reasons}.")
    extent = story.extent
    if not story.members or story.first is None:
        return found
    worst = story.members[0]
    established = f"{extent.established} of them established"
    if extent.established == extent.connections:
        established = "established"
    elif not extent.established:
        established = "never answered"
    found.append(
        f"{plural(extent.connections, 'connection')} with {plural(extent.flows + story.beyond, 'flow')}"
        f" since {rfc3339(story.first)[:19]}Z, {established}."
    )
    if story.beyond:
        found.append(f"{plural(story.beyond, 'flow')} of more connections are only counted.")
    if worst.nearest_rule is not None:
        rule = worst.nearest_rule
        found.append(f"The nearest rule is {rule.id}: {rule.why_not}.")
    elif worst.verdict in ("unauthorized", "attempted"):
        found.append("No rule comes near to allowing it.")
    found += _ours(story)
    said = {
        check.text: None for member in story.members for check in member.checks if check.id != "probe"
    }
    found += [f"{text[:1].upper()}{text[1:]}." for text in list(said)[:SAID_OF_MEMBERS]]
    if story.provisional:
        found.append(
            f"Of {plural(story.provisional, 'connection')} no record shows yet who opened it: ports"
            " decided, and a later record may turn it round."
        )
    if story.late is not None and story.late >= LATE:
        found.append(f"Its records came {_span(story.late)} after they ended.")
    return found


def _span(late: timedelta) -> str:
    minutes = int(late.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} minutes"
    hours = minutes // 60
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"
