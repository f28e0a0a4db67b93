"""ATT&CK as STIX 2.1, as MITRE publishes it: one bundle a domain and version.

Sources: github mitre-attack/attack-stix-data, USAGE.md (collections, `x_mitre_*`, revoked and deprecated
objects); since version 18 a detection strategy `detects` a technique by analytics, and these name the data
components and logs in which it shows.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sekisho.intel.attack.catalogue import NOTICE, TEXT, Catalogue, LogSource, Status, Technique
from sekisho.intel.base import LARGEST_DOCUMENT, FeedError
from sekisho.intel.documents import document, maps, texts
from sekisho.intel.values import time_of, words

_ID = re.compile(r"T\d{4}(?:\.\d{3})?")
_SOURCES = frozenset({"mitre-attack", "mitre-ics-attack", "mitre-mobile-attack"})
_DOMAINS = ("enterprise-attack", "ics-attack", "mobile-attack")
_CITATION = re.compile(r"\(Citation: [^)]*\)|\]\([^)]*\)|\[")
Object = Mapping[str, Any]


def read_bundle(path: Path) -> Catalogue:
    """The catalogue in a bundle. Raises FeedError for another document, or one without techniques."""
    body = document(path, LARGEST_DOCUMENT)
    if not isinstance(body, dict) or body.get("type") != "bundle":
        raise FeedError("it is no STIX bundle: `type` is not `bundle`")
    return catalogue_of(maps(body.get("objects")), path.name)


def catalogue_of(objects: Iterable[Object], source: str) -> Catalogue:
    """What STIX objects say. Raises FeedError where they are no ATT&CK, or do not say which version."""
    by_type: dict[str, list[Object]] = defaultdict(list)
    for one in objects:
        by_type[words(one.get("type"))].append(one)
    collection = next(iter(by_type["x-mitre-collection"]), None)
    if collection is None:
        raise FeedError(
            "it is no version of ATT&CK: it holds no `x-mitre-collection`",
            "take the bundle of a domain as MITRE publishes it, such as enterprise-attack.json",
        )
    version = words(collection.get("x_mitre_version"))
    if not version:
        raise FeedError("it does not say which version of ATT&CK it is: `x_mitre_version` is missing")
    shown = _shown(by_type)
    ids = {words(one.get("id")): name for one in by_type["attack-pattern"] if (name := _id_of(one))}
    became = {
        words(one.get("source_ref")): ids.get(words(one.get("target_ref")), "")
        for one in by_type["relationship"]
        if one.get("relationship_type") == "revoked-by"
    }
    techniques: dict[str, Technique] = {}
    for one in by_type["attack-pattern"]:
        found = _technique(one, shown, became)
        # A revoked technique may have left its id to the one that replaced it.
        if found is not None and (found.status == "active" or found.id not in techniques):
            techniques[found.id] = found
    if not techniques:
        raise FeedError("it holds no techniques: nothing is an `attack-pattern` with an id of ATT&CK's")
    statement = [
        words(marking["definition"].get("statement"))
        for marking in by_type["marking-definition"]
        if isinstance(marking.get("definition"), dict)
    ]
    return Catalogue(
        domain=_domain(by_type, words(collection.get("name"))),
        version=version,
        date=time_of(collection.get("modified")),
        notice=" ".join(dict.fromkeys((*filter(None, statement), NOTICE))),
        source=source,
        techniques=dict(sorted(techniques.items())),
    )


def _domain(by_type: Mapping[str, list[Object]], name: str) -> str:
    for matrix in by_type.get("x-mitre-matrix", ()):
        for reference in maps(matrix.get("external_references")):
            if reference.get("external_id") in _DOMAINS:
                return str(reference["external_id"])
    lower = name.casefold()
    return next((one for one in _DOMAINS if one.partition("-")[0] in lower), _DOMAINS[0])


def _id_of(one: Object) -> str:
    for reference in maps(one.get("external_references")):
        name = reference.get("external_id")
        if reference.get("source_name") in _SOURCES and isinstance(name, str) and _ID.fullmatch(name):
            return name
    return ""


def _technique(
    one: Object, shown: Mapping[str, tuple[LogSource, ...]], became: Mapping[str, str]
) -> Technique | None:
    name, stix = _id_of(one), words(one.get("id"))
    if not name:
        return None
    status: Status = "active"
    if one.get("revoked") is True:
        status = "revoked"
    elif one.get("x_mitre_deprecated") is True:
        status = "deprecated"
    return Technique(
        id=name,
        name=words(one.get("name")) or name,
        tactics=tuple(
            words(phase.get("phase_name"))
            for phase in maps(one.get("kill_chain_phases"))
            if words(phase.get("kill_chain_name")).startswith("mitre")
        ),
        status=status,
        replaced_by=became.get(stix, ""),
        text=plain(one.get("description")),
        platforms=tuple(text for text in texts(one.get("x_mitre_platforms")) if text != "None"),
        modified=time_of(one.get("modified")),
        shown_by=shown.get(stix, ()),
    )


def plain(text: Any) -> str:
    """A description without its citations and links, cut short."""
    said = _CITATION.sub("", text[: 4 * TEXT]) if isinstance(text, str) else ""
    return words(said)[:TEXT]


def _shown(by_type: Mapping[str, list[Object]]) -> dict[str, tuple[LogSource, ...]]:
    """By a technique's STIX id, where it shows."""
    components = {
        words(one.get("id")): words(one.get("name")) for one in by_type["x-mitre-data-component"]
    }
    analytics = {
        words(one.get("id")): [
            LogSource(
                component=components.get(words(given.get("x_mitre_data_component_ref")), ""),
                log=_said(given.get("name")),
                channel=_said(given.get("channel")),
            )
            for given in maps(one.get("x_mitre_log_source_references"))
        ]
        for one in by_type["x-mitre-analytic"]
        if one.get("x_mitre_deprecated") is not True
    }
    strategies = {
        words(one.get("id")): [
            source
            for name in texts(one.get("x_mitre_analytic_refs"))
            for source in analytics.get(name, ())
        ]
        for one in by_type["x-mitre-detection-strategy"]
    }
    found: dict[str, list[LogSource]] = defaultdict(list)
    for one in by_type["relationship"]:
        if one.get("relationship_type") != "detects" or one.get("revoked") is True:
            continue
        source, target = words(one.get("source_ref")), words(one.get("target_ref"))
        found[target] += strategies.get(source, [])
        if source in components:
            # Until version 17 a data component detected a technique itself.
            found[target].append(LogSource(component=components[source]))
    return {
        name: tuple(dict.fromkeys(one for one in sources if one.component))
        for name, sources in found.items()
    }


def _said(given: Any) -> str:
    text = words(given)
    return "" if text == "None" else text
