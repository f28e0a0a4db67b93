"""Prefixes against each other: one address must have one site, and members must lie in theirs."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.inventory.documents import Document
from sekisho.inventory.located import Problems
from sekisho.inventory.place import PrefixTable
from sekisho.inventory.scopes import reach
from sekisho.inventory.sites import Sites
from sekisho.model.addresses import IPNetwork, bounds, number
from sekisho.model.sites import DatedPrefix, Site
from sekisho.model.validity import Validity

Owned = tuple[str, int, IPNetwork, Validity]
"""Name of a site or zone, position in its list, prefix, effective validity."""


def check_prefixes(document: Document, sites: Sites, problems: Problems) -> None:
    """Note every prefix in two sites, zone over a site, and group member outside its site."""
    table = _site_table(document, sites, problems)
    for name, zone in sites.zones.items():
        _local(document, ("zones", name), zone.prefixes, problems)
        _zone_over_site(document, sites, name, table, problems)
    for label, group in sites.groups.items():
        site = sites.sites[group.site]
        spans = merged(site)
        for position, member in enumerate(group.members):
            _member(document, ("groups", label, position), site, member, spans, table, problems)


def _site_table(document: Document, sites: Sites, problems: Problems) -> PrefixTable[Owned]:
    table: PrefixTable[Owned] = PrefixTable()
    for name, site in sites.sites.items():
        _local(document, ("sites", name), site.prefixes, problems)
        for position, dated in enumerate(site.prefixes):
            validity = dated.validity.meet(site.validity)
            path = ("sites", name, position)
            if validity is None:
                problems.add(
                    document.file,
                    place_of(document, *path),
                    "site/never",
                    f"{dated.prefix} is never in {name}: its dates and the site's do not meet",
                    "mend `from` or `until`",
                    "warning",
                )
                continue
            for other, index, prefix, held in table.holding_prefix(site.realm, dated.prefix):
                if prefix == dated.prefix and held.overlaps(validity):
                    line, column = place_of(document, "sites", other, index)
                    where = f"line {line}, column {column}"
                    if other == name:
                        problems.add(
                            document.file,
                            place_of(document, *path),
                            "site/prefix-repeated",
                            f"{prefix} is already in {name} ({where})",
                            "remove one of them",
                            "warning",
                        )
                    else:
                        problems.add(
                            document.file,
                            place_of(document, *path),
                            "site/prefix-twice",
                            f"{prefix} of {name} is also in {other} ({where}) at the same time",
                            "keep it in one site, date both so that they do not overlap, or put one "
                            "site in another realm",
                        )
            table.add(site.realm, dated.prefix, (name, position, dated.prefix, validity))
    return table


def place_of(document: Document, section: str, name: str, position: int) -> tuple[int, int]:
    """Where the prefix of that position of a site or zone stands."""
    for path in (
        (section, name, "prefixes", position),
        (section, name, position),
        (section, name, "prefixes"),
    ):
        node = document.at(path)
        if node is not None:
            return node.line, node.column
    return document.place((section, name))


def _zone_over_site(
    document: Document, sites: Sites, name: str, table: PrefixTable[Owned], problems: Problems
) -> None:
    zone = sites.zones[name]
    for position, dated in enumerate(zone.prefixes):
        for other, index, prefix, validity in _touching(sites, zone.realm, dated, table):
            if validity.overlaps(dated.validity):
                line, column = place_of(document, "sites", other, index)
                problems.add(
                    document.file,
                    place_of(document, "zones", name, position),
                    "zone/overlaps-site",
                    f"{dated.prefix} of zone {name} overlaps {prefix} of site {other} "
                    f"(line {line}, column {column})",
                    "a zone is a party outside: narrow it, or date both",
                )
                break


def _touching(
    sites: Sites, realm: str, dated: DatedPrefix, table: PrefixTable[Owned]
) -> Iterator[Owned]:
    """Site prefixes that hold the zone's prefix or lie in it."""
    yield from table.holding_prefix(realm, dated.prefix)
    first, last = bounds(dated.prefix)
    for name, site in sites.sites.items():
        if site.realm != realm:
            continue
        for position, own in enumerate(site.prefixes):
            validity = own.validity.meet(site.validity)
            if validity is not None and first <= bounds(own.prefix)[0] <= last:
                yield name, position, own.prefix, validity


def merged(site: Site) -> list[tuple[int, int]]:
    """The address ranges of a site at any time, neighbours joined, in order."""
    spans: list[tuple[int, int]] = []
    for first, last in sorted(bounds(dated.prefix) for dated in site.prefixes):
        if spans and first <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        else:
            spans.append((first, last))
    return spans


def _member(
    document: Document,
    path: tuple[str, str, int],
    site: Site,
    member: DatedPrefix,
    spans: list[tuple[int, int]],
    table: PrefixTable[Owned],
    problems: Problems,
) -> None:
    label = path[1]
    first, last = bounds(member.prefix)
    if not any(begin <= first and last <= end for begin, end in spans):
        shown = ", ".join(str(dated.prefix) for dated in site.prefixes[:4]) or "no prefixes"
        owner = next((o[0] for o in table.holding_prefix(site.realm, member.prefix)), None)
        problems.add(
            document.file,
            document.place(path),
            "group/outside-site",
            f"{member.prefix} of {label} lies outside {site.name} ({shown})",
            f"it lies in {owner}: write it in a group of {owner}"
            if owner
            else f"add the prefix to {site.name}, or mend the member",
        )
        return
    owners = [
        o for o in table.holding_prefix(site.realm, member.prefix) if o[3].overlaps(member.validity)
    ]
    if not owners and not any(
        (held := dated.validity.meet(site.validity)) is not None and held.overlaps(member.validity)
        for dated in site.prefixes
    ):
        problems.add(
            document.file,
            document.place(path),
            "group/never",
            f"{member.prefix} of {label} is never in {site.name}: their dates do not meet",
            "mend `from` or `until`",
            "warning",
        )
    elif owners and owners[0][0] != site.name and member.validity.within(owners[0][3]):
        problems.add(
            document.file,
            document.place(path),
            "group/outside-site",
            f"{member.prefix} of {label} lies in {owners[0][2]}, which is {owners[0][0]}'s",
            f"write it in a group of {owners[0][0]}",
        )


def _local(
    document: Document, path: tuple[str, str], prefixes: tuple[DatedPrefix, ...], problems: Problems
) -> None:
    for position, dated in enumerate(prefixes):
        if reach(number(dated.prefix.network_address)) == "local":
            problems.add(
                document.file,
                place_of(document, *path, position),
                "prefix/local-scope",
                f"{dated.prefix} is multicast or link-local: it belongs to its sender's site",
                "remove it; these addresses need no site",
                "warning",
            )
