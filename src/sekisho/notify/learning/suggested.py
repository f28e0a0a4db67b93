"""What an incident and its facts suggest as its coding. A proposal counts for nothing until it is confirmed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sekisho.audit.causes.words import plural
from sekisho.model.hops import HopDocument
from sekisho.model.incidents import InvestigationDocument
from sekisho.model.protocols import number
from sekisho.model.services import service_of
from sekisho.notify.learning.veris import veris
from sekisho.notify.vocabulary import Value

Proposal = tuple[str, str, str]
"""A field, its values as they are written, and why."""
_UNITS = (("Years", 365), ("Months", 30), ("Weeks", 7), ("Days", 1))


def suggested(document: InvestigationDocument, facts: Mapping[str, Value]) -> tuple[Proposal, ...]:
    """Proposals by field, several words of one field together."""
    words: dict[str, dict[str, None]] = {}
    why: dict[str, dict[str, None]] = {}
    for field, word, because in _suggested(document, facts):
        words.setdefault(field, {})[word] = None
        why.setdefault(field, {})[because] = None
    return tuple(
        (field, ",".join(words[field]), "; ".join(why[field]))
        for field in veris().fields
        if field in words
    )


def _suggested(document: InvestigationDocument, facts: Mapping[str, Value]) -> Iterator[Proposal]:
    hops = {(hop.src, hop.dst, hop.port): hop for path in document.paths for hop in path.hops}
    assets = document.scope.assets
    if assets:
        sure = any(one.role == "confirmed" for one in assets)
        yield "security_incident", "Confirmed" if sure else "Suspected", "roles of assets in scope"
    for hop in hops.values():
        yield from _of_hop(hop)
    if len(hops) > 1:
        yield "action.hacking.result", "Lateral movement", f"{plural(len(hops), 'step')} between hosts"
    if document.entry is not None and document.entry.through:
        yield "action.hacking.result", "Infiltrate", f"entry through {document.entry.through}"
        yield "actor.external.variety", "Unknown", "commands came from outside; who is not known"
        yield "actor.external.motive", "Unknown", "nothing recorded says why"
    if any(hop.account for hop in hops.values()):
        yield (
            "action.hacking.variety",
            "Use of stolen creds",
            "steps were taken with accounts on record",
        )
    if document.traces_removed:
        yield "attribute.integrity.variety", "Log tampering", "traces were removed"
    yield from _confidentiality(document, facts)
    yield from _times(document, facts)


def _of_hop(hop: HopDocument) -> Iterator[Proposal]:
    table = veris().techniques
    for id_ in (hop.technique, hop.technique.partition(".")[0]):
        if id_ in table:
            for field, word in table[id_].items():
                yield field, word, f"technique {hop.technique}"
            break
    service = service_of(number(hop.protocol), hop.port)
    if service is not None and service.role in veris().roles:
        yield "asset.assets", veris().roles[service.role], f"reached over {service.name}"


def _confidentiality(document: InvestigationDocument, facts: Mapping[str, Value]) -> Iterator[Proposal]:
    disclosure = "attribute.confidentiality.data_disclosure"
    left = [one for one in document.exfiltration if one.external]
    acquired = facts.get("acquired")
    if acquired is not None:
        yield disclosure, "Yes" if acquired else "No", "the fact `acquired`"
    elif left:
        yield (
            disclosure,
            "Potentially",
            f"{plural(len(left), 'transfer')} to outside; what was in them is not known",
        )
    else:
        yield disclosure, "Unknown", "no transfer was seen, and none was ruled out"
    if left:
        yield "action.hacking.result", "Exfiltrate", f"{plural(len(left), 'transfer')} to outside"
    data = facts.get("data")
    for kind in sorted(data) if isinstance(data, frozenset) else ():
        if kind in veris().data:
            yield "attribute.confidentiality.data", veris().data[kind], "the fact `data`"


def _times(document: InvestigationDocument, facts: Mapping[str, Value]) -> Iterator[Proposal]:
    kinds = {seed.kind for seed in document.seeds}
    if "finding" in kinds:
        yield "discovery_method.internal.variety", "Log review", "it began with a finding of an audit"
    if document.onset is None:
        return
    onset = document.onset.at
    yield (
        "timeline.incident",
        onset.date().isoformat(),
        f"onset, {document.onset.kind.replace('_', ' ')}",
    )
    for field, name in (("timeline.discovery", "aware"), ("timeline.containment", "resolved")):
        value = facts.get(name)
        if isinstance(value, datetime) and value >= onset:
            yield field, _span(value - onset), f"from the onset to the fact `{name}`"
    left = [one.begin for one in document.exfiltration if one.external and one.begin >= onset]
    if left:
        yield "timeline.exfiltration", _span(min(left) - onset), "from the onset to the first transfer"


def _span(time: timedelta) -> str:
    for unit, days in _UNITS:
        if time.days >= days:
            return f"{time.days // days} {unit}"
    hours = time.seconds // 3600
    return f"{hours} Hours" if hours else f"{time.seconds // 60} Minutes"
