"""The incident as a STIX 2.1 bundle (OASIS, June 2021), for a sharing platform.

Ids follow from what they name, so that exporting again gives the same objects: those of observables as the
standard says (2.9, from their values), those of others from the incident's id and the time of its opening.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

from rich.console import Console

from sekisho.model.addresses import parse_address
from sekisho.model.findings import rfc3339
from sekisho.model.incidents import Exfiltration, InvestigationDocument
from sekisho.model.techniques import technique_name, url_of
from sekisho.reports.base import Options, Tlp
from sekisho.reports.formats.stream import json_text, stream_of
from sekisho.reports.naming import Names
from sekisho.reports.narrative import narrative
from sekisho.reports.steps import Step, service_of, steps

if TYPE_CHECKING:
    from stix2.v21 import Bundle

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:sekisho:stix")
"""Of ids of what is no observable."""
END = tuple[str, str]
_MOST_OBSERVED = 999_999_999


def write(document: InvestigationDocument, out: Console | TextIO, options: Options) -> None:
    """Write the bundle."""
    stream = stream_of(out)
    text = bundle(document, options).serialize(indent=2, ensure_ascii=False)
    stream.write(json_text(text, stream) + "\n")


def bundle(document: InvestigationDocument, options: Options) -> Bundle:
    """The bundle: the incident and everything that it rests on, marked as `options.tlp` says."""
    from stix2.v21 import Bundle

    return _Bundling(document, options).bundle(Bundle)


class _Bundling:
    """Objects by id, in the order in which they were first needed."""

    def __init__(self, document: InvestigationDocument, options: Options) -> None:
        # Importing it takes a while, and no other format needs it.
        from stix2 import v21

        self._library = v21
        self._document = document
        self._names = Names(document, options.times)
        self._told = narrative(document, options.times)
        self._steps = steps(document)
        self._marking = _marking(options.tlp)
        self._objects: dict[str, Any] = {}
        self._scope = {(one.realm or "", one.address): one for one in document.scope.assets}
        self._places = {place.site: place for place in document.places}
        begun = document.incident
        self._created = begun.opened if begun else _earliest(document)
        acted = [action.at for action in begun.actions] if begun else []
        self._modified = max([self._created, *acted])
        self._seed = f"{document.id}|{rfc3339(self._created)}"

    def bundle(self, kind: Any) -> Any:
        """Everything."""
        title = self._document.incident.title if self._document.incident else ""
        name = ": ".join(part for part in (self._document.id, title) if part) or "Sekisho"
        story = "\n".join(f"{passage.title}: {passage.text}" for passage in self._told)
        self._add("Incident", "incident", name=name, description=story)
        for step in self._steps:
            self._step(step)
        for asset in self._document.scope.assets:
            self._host((asset.realm or "", asset.address), asset.site)
        for number, left in enumerate(self._document.exfiltration, 1):
            self._left(number, left)
        self._container(name, story)
        marked = [self._marking, *self._objects.values()]
        return kind(id=f"bundle--{self._uuid('bundle')}", objects=marked)

    def _container(self, name: str, story: str) -> None:
        """A report of what is over, a grouping of what is still looked into (4.4, 4.14)."""
        refs = list(self._objects)
        state = self._document.incident
        common: dict[str, Any] = {"name": name, "description": story, "object_refs": refs}
        if state is not None and state.status == "closed":
            published = state.closed or self._modified
            self._add("Report", "report", published=published, report_types=["threat-report"], **common)
        else:
            self._add("Grouping", "grouping", context="suspicious-activity", **common)

    def _step(self, step: Step) -> None:
        hop = step.hop
        origin = self._host(step.origin, step.origin_site, control=True)
        target = self._host(step.target, step.target_site)
        # A step that nobody watched is first observed when it is first on record.
        unseen = hop.at_kind == "on_or_before"
        at = max(hop.at, hop.onset.at) if unseen and hop.onset else hop.at
        first = min(at, hop.onset.at) if hop.onset else at
        src, dst = (hop.src_realm or "", hop.src), (hop.dst_realm or "", hop.dst)
        seen = self._observed(
            f"hop|{src}|{dst}|{hop.protocol}|{hop.port}|{hop.kind}",
            self._traffic(src, dst, hop.protocol, hop.port, first, hop.bytes_out, hop.bytes_in),
            (first, at),
            hop.sessions,
            hop.account,
        )
        origin_name = step.behind(step.origin) + self._names.end(step.origin)
        target_name = step.behind(step.target) + self._names.end(step.target)
        way = f"{origin_name} to {target_name} by {service_of(hop)}"
        why = "; ".join(factor.text for factor in hop.why)
        way += f" through {step.through}" if step.through else ""
        self._relate(
            origin,
            "communicates-with",
            target,
            description=f"Step {step.number}: {way} ({hop.role}, {hop.kind})"
            + (f": {why}" if why else ""),
            start_time=hop.at,
            confidence=round(100 * hop.likelihood),
            key=f"step|{hop.kind}|{hop.protocol}|{hop.port}|{rfc3339(hop.at)}",
        )
        self._used(hop.technique, seen, hop.technique_why)
        for other in hop.also:
            self._used(other.technique, seen, f"also by {other.service}")

    def _left(self, number: int, left: Exfiltration) -> None:
        src, dst = (left.src_realm or "", left.src), (left.dst_realm or "", left.dst)
        origin = self._host(src, left.src_site)
        target = self._host(dst, left.dst_site, taken=left.external)
        seen = self._observed(
            f"left|{src}|{dst}|{rfc3339(left.begin)}|{number}",
            self._traffic(src, dst, "", 0, left.begin, left.bytes, None),
            (left.begin, left.end),
            1,
        )
        party = f" for {left.party}" if left.party else ""
        size = f"{left.bytes.low} to {left.bytes.high} bytes left{party}"
        self._relate(
            origin,
            "communicates-with",
            target,
            description=size,
            start_time=left.begin,
            key=f"left|{number}",
        )
        if left.technique:
            self._used(left.technique, seen, size)

    def _used(self, technique: str, seen: str, why: str | None) -> None:
        """An observation is of a technique; MITRE's own object is found by the reference."""
        reference = {
            "source_name": "mitre-attack",
            "external_id": technique,
            "url": url_of(technique),
        }
        pattern = self._add(
            "AttackPattern",
            "attack-pattern",
            technique,
            name=technique_name(technique),
            external_references=[reference],
        )
        self._relate(seen, "related-to", pattern, key=why or "", description=why or None)

    def _host(self, end: END, site: str | None, *, control: bool = False, taken: bool = False) -> str:
        known = self._scope.get(end)
        site = (known.site if known else None) or site
        address = self._address(end)
        fields: dict[str, Any] = {"name": self._names.end(end)}
        if known:
            before = " or before" if known.since_kind == "on_or_before" else ""
            said = f"{known.role}, reached {self._names.when(known.since)}{before}"
            fields |= {"description": said, "first_seen": known.since}
        elif site is None and (control or taken):
            fields["infrastructure_types"] = ["command-and-control" if control else "exfiltration"]
        made = self._add("Infrastructure", "infrastructure", f"{end[0]}|{end[1]}", **fields)
        self._relate(made, "consists-of", address)
        place = self._places.get(site or "")
        if place is not None:
            where: dict[str, Any] = {"name": f"{place.site} ({place.title})"}
            if len(place.country) == 2:
                where["country"] = place.country.upper()
                located = self._add("Location", "location", place.site, **where)
                self._relate(made, "located-at", located)
        return made

    def _address(self, end: END) -> str:
        address = parse_address(end[1])
        kind = "IPv4Address" if address.version == 4 else "IPv6Address"
        fields = {"value": str(address)}
        if end[0]:
            # Two realms may have one address: then it is not the value that names it.
            prefix = "ipv4-addr" if address.version == 4 else "ipv6-addr"
            fields["id"] = f"{prefix}--{self._uuid(f'address|{end[0]}|{address}')}"
        return self._observable(kind, **fields)

    def _traffic(
        self, src: END, dst: END, protocol: str, port: int, start: datetime, out: Any, back: Any
    ) -> str:
        family = "ipv4" if parse_address(src[1]).version == 4 else "ipv6"
        fields: dict[str, Any] = {
            "src_ref": self._address(src),
            "dst_ref": self._address(dst),
            "protocols": [family, protocol.lower()] if protocol else [family],
            "start": start,
        }
        if port:
            fields["dst_port"] = port
        if out is not None:
            fields["src_byte_count"] = out.low
        if back is not None:
            fields["dst_byte_count"] = back.low
        return self._observable("NetworkTraffic", **fields)

    def _observed(
        self,
        key: str,
        traffic: str,
        span: tuple[datetime, datetime],
        number: int,
        account: str | None = None,
    ) -> str:
        refs = [traffic, self._objects[traffic].src_ref, self._objects[traffic].dst_ref]
        if account:
            refs.append(self._observable("UserAccount", account_login=account))
        return self._add(
            "ObservedData",
            "observed-data",
            key,
            first_observed=span[0],
            last_observed=max(span),
            number_observed=min(max(number, 1), _MOST_OBSERVED),
            object_refs=list(dict.fromkeys(refs)),
        )

    def _relate(self, source: str, kind: str, target: str, key: str = "", **more: Any) -> None:
        said = {name: value for name, value in more.items() if value is not None}
        self._add(
            "Relationship",
            "relationship",
            f"{source}|{kind}|{target}|{key}",
            relationship_type=kind,
            source_ref=source,
            target_ref=target,
            **said,
        )

    def _add(self, kind: str, word: str, key: str = "", **fields: Any) -> str:
        name = f"{word}--{self._uuid(f'{word}|{key}')}"
        if name not in self._objects:
            self._objects[name] = getattr(self._library, kind)(
                id=name,
                created=self._created,
                modified=self._modified,
                object_marking_refs=[self._marking.id],
                **fields,
            )
        return name

    def _observable(self, kind: str, **fields: Any) -> str:
        made = getattr(self._library, kind)(object_marking_refs=[self._marking.id], **fields)
        self._objects.setdefault(made.id, made)
        return str(made.id)

    def _uuid(self, key: str) -> uuid.UUID:
        return uuid.uuid5(NAMESPACE, f"{self._seed}|{key}")


def _marking(tlp: Tlp) -> Any:
    """The markings that STIX 2.1 itself defines (7.2.1.4); `clear` was called white then."""
    from stix2 import v21

    return {
        "clear": v21.TLP_WHITE,
        "green": v21.TLP_GREEN,
        "amber": v21.TLP_AMBER,
        "red": v21.TLP_RED,
    }[tlp]


def _earliest(document: InvestigationDocument) -> datetime:
    return min(_times(document), default=datetime.fromisoformat("1970-01-01T00:00:00+00:00"))


def _times(document: InvestigationDocument) -> Iterator[datetime]:
    yield from (item.at for item in document.timeline)
    yield from (asset.since for asset in document.scope.assets)
    yield from _hops(document)


def _hops(document: InvestigationDocument) -> Iterable[datetime]:
    return (hop.at for path in document.paths for hop in path.hops)
