"""assets.csv: one address a row, with its name, site, groups and owner."""

from __future__ import annotations

from ipaddress import ip_network
from typing import get_args

from pydantic_core import PydanticCustomError

from sekisho.errors import Problem
from sekisho.inventory.located import Problems, did_you_mean
from sekisho.inventory.place import PrefixTable
from sekisho.inventory.rows import Row, read_rows
from sekisho.inventory.sites import Sites
from sekisho.inventory.values import read_address, read_name, read_when, validity
from sekisho.model.addresses import IPAddress, number
from sekisho.model.sites import Asset, Criticality, DatedPrefix, Group
from sekisho.model.validity import Validity

REQUIRED = ("address", "hostname")
KEEPS = ("division", "data", "people")
"""What an asset keeps, and whose it is."""
COLUMNS = (*REQUIRED, "site", "groups", "owner", "criticality", "realm", "from", "until", *KEEPS)
MOST_PEOPLE = 10_000_000_000
CRITICALITIES: tuple[Criticality, ...] = get_args(Criticality)


class _Refused(Exception):
    def __init__(self, column: str, code: str, message: str, mend: str = "") -> None:
        self.column, self.code, self.message, self.mend = column, code, message, mend


def read_assets(file: str, content: bytes, sites: Sites, problems: Problems) -> tuple[Asset, ...]:
    """Read all rows; add their groups to `sites.groups`."""
    owners = _owners(sites)
    assets: list[Asset] = []
    seen: dict[tuple[str, int], list[tuple[Asset, int]]] = {}
    for row in read_rows(file, content, COLUMNS, REQUIRED, problems):
        try:
            asset = _asset(row, sites, owners)
        except _Refused as refused:
            problems.add(file, row.place(refused.column), refused.code, refused.message, refused.mend)
            continue
        if asset is None:
            continue
        twin = seen.setdefault((asset.realm, number(asset.address)), [])
        for other, line in twin:
            if other.validity.overlaps(asset.validity):
                problems.append(_repeated(file, row, asset, other, line))
                break
        twin.append((asset, row.line))
        assets.append(asset)
    _add_groups(assets, sites)
    return tuple(assets)


def _repeated(file: str, row: Row, asset: Asset, other: Asset, line: int) -> Problem:
    names = (
        "" if other.hostname == asset.hostname else f" as {other.hostname}, which names it in findings"
    )
    return Problem(
        file,
        *row.place("address"),
        "asset/repeated",
        f"{asset.address} is already on line {line}{names}",
        "remove one of them, or date both",
        "warning",
    )


Owners = PrefixTable[tuple[str, Validity]]


def _owners(sites: Sites) -> Owners:
    table: Owners = PrefixTable()
    for site in sites.sites.values():
        for dated in site.prefixes:
            both = dated.validity.meet(site.validity)
            if both is not None:
                table.add(site.realm, dated.prefix, (site.name, both))
    return table


def _asset(row: Row, sites: Sites, owners: Owners) -> Asset | None:
    cells = row.cells
    address: IPAddress = _cell(row, "address", read_address)
    if not cells["hostname"]:
        raise _Refused("hostname", "asset/no-hostname", f"{address} has no hostname", "write its name")
    if any(c in cells["hostname"] for c in " ,;:/\t"):
        raise _Refused(
            "hostname",
            "asset/hostname",
            f"{cells['hostname'][:80]!r} is no hostname",
            "use one name without spaces, commas or slashes",
        )
    begin = _cell(row, "from", read_when) if cells.get("from") else None
    until = _cell(row, "until", read_when) if cells.get("until") else None
    try:
        span = validity(begin, until)
    except PydanticCustomError as error:
        raise _refusal("from", error) from None
    named = cells.get("site", "")
    if named and named not in sites.names:
        raise _Refused(
            "site",
            "asset/unknown-site",
            f"there is no site {named[:80]!r}",
            did_you_mean(named, sites.names),
        )
    if named and named not in sites.sites:
        return None  # the site itself is in error and says so
    realm = cells.get("realm", "") or (sites.sites[named].realm if named else "")
    if realm not in sites.realms:
        raise _Refused(
            "realm",
            "realm/unknown",
            f"there is no realm {realm[:80]!r}",
            did_you_mean(realm, sites.realms - {""}),
        )
    places = _places(owners, realm, address, span)
    if not places:
        if sites.names - set(sites.sites):
            return None
        raise _Refused(
            "address",
            "asset/no-site",
            f"{address} lies in no site at that time",
            "add its prefix to a site in sites.yaml",
        )
    if named and named not in places:
        raise _Refused(
            "site",
            "asset/other-site",
            f"{address} lies in {places[0]}, not in {named}",
            f"write {places[0]}, or mend the prefixes in sites.yaml",
        )
    site = named or places[0]
    level = cells.get("criticality", "").lower() or "normal"
    if level not in CRITICALITIES:
        raise _Refused(
            "criticality",
            "asset/criticality",
            f"{level[:80]!r} is no criticality",
            f"write one of: {', '.join(CRITICALITIES)}",
        )
    groups = tuple(dict.fromkeys(_group(part, site) for part in _parts(cells.get("groups", ""))))
    criticality: Criticality = level  # checked against the literals above
    return Asset(
        address,
        cells["hostname"],
        site,
        realm,
        groups,
        cells.get("owner", ""),
        criticality,
        span,
        cells.get("division", ""),
        tuple(dict.fromkeys(_parts(cells.get("data", "")))),
        _people(cells.get("people", "")),
    )


def _people(text: str) -> int | None:
    digits = text.replace(" ", "").replace("_", "")
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) < 12 and int(digits) <= MOST_PEOPLE):
        raise _Refused(
            "people",
            "asset/people",
            f"{text[:80]!r} is no count of people",
            "write a whole number, as 1200, or leave the cell empty",
        )
    return int(digits)


def _places(owners: Owners, realm: str, address: IPAddress, span: Validity) -> list[str]:
    """The sites that hold the address at some time of `span`, the most specific first.

    A site shadowed by a longer prefix of another for the whole span does not hold it.
    """
    places: list[str] = []
    for site, held in owners.holding(realm, number(address)):
        if held.overlaps(span):
            places.append(site)
            if span.within(held):
                break
    return places


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _group(text: str, site: str) -> str:
    prefix, slash, name = text.partition("/")
    if slash and prefix == site:
        text = name
    elif slash:
        raise _Refused(
            "groups",
            "asset/group-of-other-site",
            f"the group {text[:80]} is not of {site}",
            f"write `{name}` for a group of {site}",
        )
    try:
        return f"{site}/{read_name(text)}"
    except PydanticCustomError as error:
        raise _refusal("groups", error) from None


def _cell(row: Row, column: str, reader):  # type: ignore[no-untyped-def]
    try:
        return reader(row.cells[column])
    except PydanticCustomError as error:
        raise _refusal(column, error) from None


def _refusal(column: str, error: PydanticCustomError) -> _Refused:
    said = error.context or {}
    return _Refused(column, said["code"], said["message"], said["mend"])


def _add_groups(assets: list[Asset], sites: Sites) -> None:
    members: dict[str, list[DatedPrefix]] = {}
    for asset in assets:
        for label in asset.groups:
            members.setdefault(label, []).append(DatedPrefix(ip_network(asset.address), asset.validity))
    for label, added in members.items():
        site, _, name = label.partition("/")
        known = sites.groups[label].members if label in sites.groups else ()
        new = tuple(dict.fromkeys([*known, *added]))
        sites.groups[label] = Group(site, name, new)
