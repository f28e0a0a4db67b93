"""sites.yaml as the model's values, with every problem of its contents noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from sekisho.inventory.documents import Document
from sekisho.inventory.located import Problems, did_you_mean, shaped
from sekisho.inventory.relays import read_relays
from sekisho.inventory.shapes import (
    GroupShape,
    NatShape,
    RelayShape,
    SensorShape,
    SitesFile,
    SiteShape,
    ZoneShape,
    zone_map,
)
from sekisho.inventory.translations import read_translations
from sekisho.inventory.values import read_name
from sekisho.model.sites import (
    DEFAULT_REALM,
    Group,
    RealmMatch,
    Relay,
    Sensor,
    Site,
    Translation,
    Zone,
)

SECTIONS = ("sites", "groups", "zones", "sensors", "nat", "relays")
_ONE = {"nat": "nat entry"}
S = TypeVar("S", bound=BaseModel)


@dataclass(slots=True)
class Sites:
    """What sites.yaml says.

    `names` are the sites it means to have, broken ones included, so that one slip in a site does not
    bring an error for each of its groups and sensors.
    """

    sites: dict[str, Site] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    zones: dict[str, Zone] = field(default_factory=dict)
    sensors: dict[str, Sensor] = field(default_factory=dict)
    translations: tuple[Translation, ...] = ()
    relays: dict[str, Relay] = field(default_factory=dict)
    realms: frozenset[str] = frozenset({DEFAULT_REALM})
    names: frozenset[str] = frozenset()


def read_sites(document: Document, problems: Problems) -> Sites:
    """Read each part by itself, so that all the problems of a file come at once."""
    result = Sites()
    if document.root is None or document.root.kind == "null":
        return result
    data = document.root.plain()
    if not isinstance(data, dict):
        problems.add(
            document.file,
            document.place(()),
            "file/type",
            "sites.yaml must be a map",
            "begin with `sites:`",
        )
        return result
    parts = {name: _section(document, data, name, problems) for name in SECTIONS}
    rest = {key: value for key, value in data.items() if key not in SECTIONS}
    top = shaped(SitesFile, document, (), rest, "sites.yaml", problems) or SitesFile()
    result.names = frozenset(parts["sites"])
    for name, shape in _shapes(document, "sites", parts["sites"], SiteShape, problems):
        result.sites[name] = Site(
            name=name,
            title=shape.name or name,
            country=shape.country or "",
            timezone=shape.timezone,
            owner=shape.owner,
            prefixes=tuple(part.dated for part in shape.prefixes),
            realm=shape.realm,
            external=shape.external or top.external,
            validity=shape.validity,
            must_run=shape.must_run.validity if shape.must_run else None,
        )
        if shape.country is None:
            problems.add(
                document.file,
                document.place(("sites", name), key=True),
                "site/no-country",
                f"the site {name} has no country",
                "add `country:` with the two letters of ISO 3166",
                "warning",
            )
    zones = {name: zone_map(value) for name, value in parts["zones"].items()}
    for name, zone in _shapes(document, "zones", zones, ZoneShape, problems):
        result.zones[name] = Zone(name, tuple(part.dated for part in zone.prefixes), zone.realm)
    _groups(document, parts["groups"], result, problems)
    _sensors(document, parts["sensors"], result, problems)
    entries = _shapes(document, "nat", parts["nat"], NatShape, problems)
    result.translations = read_translations(document, entries, result.sensors, problems)
    relays = _shapes(document, "relays", parts["relays"], RelayShape, problems)
    result.relays = read_relays(document, relays, {*result.names, *parts["groups"]}, problems)
    _realms(document, result, frozenset(top.realms), problems)
    return result


def _section(
    document: Document, data: Mapping[str, Any], name: str, problems: Problems
) -> dict[str, Any]:
    value = data.get(name)
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    problems.add(
        document.file,
        document.place((name,)),
        "file/type",
        f"`{name}` must be a map of names",
        f"write `{name}:` and below it, indented, `name: …`",
    )
    return {}


def _shapes(
    document: Document, section: str, data: Mapping[str, Any], shape: type[S], problems: Problems
) -> list[tuple[str, S]]:
    found = []
    for name, value in data.items():
        try:
            read_name(name)
        except PydanticCustomError as error:
            _refuse(document, (section, name), error, problems)
        read = shaped(
            shape,
            document,
            (section, name),
            value,
            f"{_ONE.get(section, section[:-1])} {name}",
            problems,
        )
        if read is not None:
            found.append((name, read))
    return found


def _refuse(
    document: Document, path: tuple[str, ...], error: PydanticCustomError, problems: Problems
) -> None:
    said = error.context or {}
    problems.add(
        document.file, document.place(path, key=True), said["code"], said["message"], said["mend"]
    )


def _groups(document: Document, data: Mapping[str, Any], result: Sites, problems: Problems) -> None:
    for label, value in data.items():
        at = document.place(("groups", label), key=True)
        site, slash, name = label.partition("/")
        if not slash:
            problems.add(
                document.file,
                at,
                "group/name",
                f"the group {label!r} does not say its site",
                f"write `site/{label}`",
            )
            continue
        if site not in result.names:
            problems.add(
                document.file,
                at,
                "group/unknown-site",
                f"the group {label} is of no known site",
                did_you_mean(site, result.names),
            )
        try:
            read_name(name)
        except PydanticCustomError as error:
            _refuse(document, ("groups", label), error, problems)
        read = shaped(GroupShape, document, ("groups", label), value, f"group {label}", problems)
        if read is not None and site in result.sites:
            result.groups[label] = Group(site, name, tuple(part.dated for part in read.root))


def _sensors(document: Document, data: Mapping[str, Any], result: Sites, problems: Problems) -> None:
    for name, shape in _shapes(document, "sensors", data, SensorShape, problems):
        if shape.site not in result.names:
            problems.add(
                document.file,
                document.place(("sensors", name, "site")),
                "sensor/unknown-site",
                f"the sensor {name} stands in {shape.site!r}, which is no site",
                did_you_mean(shape.site, result.names),
            )
        result.sensors[name] = Sensor(
            name=name,
            site=shape.site,
            kind=shape.kind,
            address=shape.address,
            sampling=shape.sampling,
            sees=frozenset(shape.sees),
            timezone=shape.timezone,
            paths=shape.paths,
            realm=shape.realm,
            realms=tuple(RealmMatch(part.match, part.realm) for part in shape.realms),
            match=shape.match,
            mapping=shape.mapping,
            validity=shape.validity,
        )


def _realms(document: Document, result: Sites, declared: frozenset[str], problems: Problems) -> None:
    """Every realm in use must be declared where any is; else a sensor's must be that of a site."""
    uses = [(site.realm, ("sites", name, "realm")) for name, site in result.sites.items()]
    uses += [(zone.realm, ("zones", name, "realm")) for name, zone in result.zones.items()]
    uses += [(relay.realm, ("relays", name, "realm")) for name, relay in result.relays.items()]
    of_sites = {realm for realm, _ in uses} | {DEFAULT_REALM}
    result.realms = frozenset(of_sites | declared)
    sensed: list[tuple[str, tuple[str | int, ...]]] = [
        (sensor.realm, ("sensors", name, "realm")) for name, sensor in result.sensors.items()
    ]
    sensed += [
        (part.realm, ("sensors", name, "realms", position, "realm"))
        for name, sensor in result.sensors.items()
        for position, part in enumerate(sensor.realms)
    ]
    if declared:
        for realm, path in [*uses, *sensed]:
            if realm and realm not in declared:
                problems.add(
                    document.file,
                    document.place(path),
                    "realm/unknown",
                    f"the realm {realm!r} is not under `realms:`",
                    did_you_mean(realm, declared),
                )
        return
    for realm, path in sensed:
        if realm not in of_sites:
            problems.add(
                document.file,
                document.place(path),
                "realm/unknown",
                f"no site lies in the realm {realm!r}",
                did_you_mean(realm, of_sites - {""}),
                "warning",
            )
