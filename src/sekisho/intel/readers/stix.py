"""STIX 2.1 bundles and the objects that TAXII hands out: indicators with the patterns that can be used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sekisho.intel.base import LARGEST_DOCUMENT, Aside, Columns, FeedError, Given, Item, Superseded
from sekisho.intel.documents import document, maps, texts
from sekisho.intel.patterns import NoPattern, NotUsable, values_of
from sekisho.intel.values import confidence_of, time_of, words
from sekisho.model.indicators import TLPS, Tlp

_MARKINGS: Mapping[str, Tlp] = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "clear",
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "clear",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "green",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "amber",
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "amber",
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "amber+strict",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "red",
}
"""STIX 2.1, 7.2.1.4 (TLP 1.0), and OASIS' markings of TLP 2.0."""


class Bundle:
    """Reads bundles."""

    largest = LARGEST_DOCUMENT

    def read(self, path: Path, columns: Columns) -> Iterator[Item]:
        """What the indicators of a bundle name. Raises FeedError for another document."""
        body = document(path, self.largest)
        if not isinstance(body, dict) or body.get("type") != "bundle":
            raise FeedError("it is no STIX bundle: `type` is not `bundle`")
        objects = body.get("objects", [])
        if not isinstance(objects, list):
            raise FeedError("it is no STIX bundle: `objects` is no list")
        yield from (Aside("malformed", "not an object") for one in objects if not isinstance(one, dict))
        yield from items(maps(objects))


def items(objects: Iterable[Mapping[str, Any]]) -> Iterator[Item]:
    """What STIX objects name; all but indicators are passed over. Of one id the latest version counts."""
    latest: dict[str, Mapping[str, Any]] = {}
    for one in objects:
        if one.get("type") != "indicator":
            continue
        name = words(one.get("id"))
        if not name:
            named = words(one.get("name")) or words(one.get("pattern")) or "without a name too"
            yield Aside("malformed", f"an indicator without an id, {named}")
            continue
        before = latest.get(name)
        if before is None or _version(one) >= _version(before):
            latest[name] = one
    for name, one in latest.items():
        yield Superseded(name)
        yield from _indicator(name, one)


def _version(one: Mapping[str, Any]) -> str:
    at = time_of(one.get("modified"))
    return at.isoformat() if at else ""


def _indicator(name: str, one: Mapping[str, Any]) -> Iterator[Item]:
    pattern = one.get("pattern")
    if one.get("revoked") is True:
        yield Aside("revoked", name)
        return
    if not isinstance(pattern, str):
        yield Aside("malformed", f"{name}: its pattern is no text")
        return
    if one.get("pattern_type", "stix") != "stix":
        yield Aside("not_usable", f"{name}: a pattern of {words(one.get('pattern_type')) or 'no kind'}")
        return
    try:
        named = values_of(pattern)
    except NotUsable as error:
        yield Aside("malformed" if isinstance(error, NoPattern) else "not_usable", f"{name}: {error}")
        return
    marks = [_MARKINGS[one] for one in texts(one.get("object_marking_refs")) if one in _MARKINGS]
    for kind, value in named:
        yield Given(
            value,
            kind,
            valid_from=time_of(one.get("valid_from")),
            valid_until=time_of(one.get("valid_until")),
            seen=time_of(one.get("modified")),
            confidence=confidence_of(one.get("confidence")),
            tlp=max(marks, key=TLPS.index) if marks else None,
            source=name,
            says=words(one.get("name"), one.get("description")),
        )
