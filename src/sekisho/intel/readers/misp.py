"""MISP: events as JSON, and what `restSearch` answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sekisho.intel.base import LARGEST_DOCUMENT, Aside, Columns, FeedError, Given, Item
from sekisho.intel.documents import document, maps
from sekisho.intel.values import time_of, words
from sekisho.model.indicators import TLPS, IndicatorKind, Tlp

KINDS: Mapping[str, tuple[IndicatorKind | None, ...]] = {
    "ip-src": (None,),
    "ip-dst": (None,),
    "ip-src|port": (None,),
    "ip-dst|port": (None,),
    "domain": (IndicatorKind.DOMAIN,),
    "hostname": (IndicatorKind.DOMAIN,),
    "hostname|port": (IndicatorKind.DOMAIN,),
    "domain|ip": (IndicatorKind.DOMAIN, None),
    "url": (IndicatorKind.URL,),
    "md5": (IndicatorKind.MD5,),
    "sha1": (IndicatorKind.SHA1,),
    "sha256": (IndicatorKind.SHA256,),
    "filename|md5": (IndicatorKind.MD5,),
    "filename|sha1": (IndicatorKind.SHA1,),
    "filename|sha256": (IndicatorKind.SHA256,),
    "ja3-fingerprint-md5": (IndicatorKind.JA3,),
    "x509-fingerprint-sha1": (IndicatorKind.CERTIFICATE_SHA1,),
    "x509-fingerprint-sha256": (IndicatorKind.CERTIFICATE_SHA256,),
    "vulnerability": (IndicatorKind.VULNERABILITY,),
}
"""Attribute types that are used, and the kinds of their parts; None: an address or a prefix."""
_PORTS = frozenset(("ip-src|port", "ip-dst|port", "hostname|port"))
_TAGS: Mapping[str, Tlp] = {f"tlp:{one}": one for one in TLPS} | {"tlp:white": "clear"}


class MispEvents:
    """Reads events."""

    largest = LARGEST_DOCUMENT

    def read(self, path: Path, columns: Columns) -> Iterator[Item]:
        """What the attributes that are meant for detection name. Raises FeedError for another document."""
        yield from items(document(path, self.largest))


def items(body: Any) -> Iterator[Item]:
    """What an event, a list of events, or an answer of `restSearch` names. Raises FeedError."""
    if isinstance(body, Mapping) and "response" in body:
        body = body["response"]
    if isinstance(body, Mapping) and isinstance(body.get("Attribute"), list):
        for one in maps(body["Attribute"]):
            yield from attribute(one, {})
        return
    events = body if isinstance(body, list) else [body]
    known = [one["Event"] for one in maps(events) if isinstance(one.get("Event"), Mapping)]
    if events and not known:
        raise FeedError("it is no MISP event: `Event` is missing")
    for event in known:
        objects = [one for thing in maps(event.get("Object")) for one in maps(thing.get("Attribute"))]
        for one in [*maps(event.get("Attribute")), *objects]:
            yield from attribute(one, event)


def attribute(one: Mapping[str, Any], event: Mapping[str, Any]) -> Iterator[Item]:
    """What one attribute of an event names; nothing where it is not meant for detection."""
    if one.get("to_ids") in (False, 0, "0") or one.get("deleted") in (True, 1, "1"):
        return
    kind, value = str(one.get("type", "")), one.get("value")
    if kind not in KINDS or not isinstance(value, str):
        yield Aside("not_usable", f"{words(kind)}: {words(value)}")
        return
    parts = value.split("|")
    if kind in _PORTS or kind.startswith("filename|"):
        parts = parts[-1:] if kind.startswith("filename|") else parts[:1]
    about = event or (one["Event"] if isinstance(one.get("Event"), Mapping) else {})
    tags = [words(tag.get("name")).lower() for tag in (*maps(one.get("Tag")), *maps(about.get("Tag")))]
    marks = [_TAGS[tag] for tag in tags if tag in _TAGS]
    for of, part in zip(KINDS[kind], parts, strict=False):
        yield Given(
            part,
            of or IndicatorKind.ADDRESS,
            valid_from=time_of(one.get("first_seen")),
            seen=time_of(one.get("last_seen")) or time_of(one.get("timestamp")),
            tlp=max(marks, key=TLPS.index) if marks else None,
            source=words(one.get("uuid")),
            says=words(about.get("info"), one.get("comment")),
        )
