"""What an incident suggests as facts. A proposal counts for nothing until somebody records it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sekisho.audit.causes.words import plural
from sekisho.model.findings import rfc3339
from sekisho.model.incidents import InvestigationDocument
from sekisho.model.notices import FactProposal
from sekisho.model.sites import Site
from sekisho.notify.facts import Sheet
from sekisho.notify.vocabulary import DATA


def proposals(
    document: InvestigationDocument, sites: Mapping[str, Site], sheet: Sheet
) -> tuple[FactProposal, ...]:
    """Sites and countries, onset, what left, and what assets in scope keep about how many people."""
    recorded = sheet.latest()
    return tuple(
        FactProposal(
            name=name,
            value=value,
            why=why,
            recorded=recorded[name].text if name in recorded else None,
        )
        for name, value, why in _suggested(document, sites)
    )


def _suggested(
    document: InvestigationDocument, sites: Mapping[str, Site]
) -> Iterator[tuple[str, str, str]]:
    scope = [name for name in document.scope.sites if name in sites]
    countries = sorted({sites[name].country for name in scope})
    if countries:
        yield "countries", ",".join(countries), f"sites in scope: {', '.join(scope[:8])}"
    if document.onset is not None:
        kind = "observed" if document.onset.kind == "observed" else "on or before that time"
        yield "occurred", rfc3339(document.onset.at), f"onset of the incident, {kind}"
    left = [one for one in document.exfiltration if one.external]
    if left:
        low = sum(one.bytes.low for one in left)
        yield "bytes_out", str(low), f"{plural(len(left), 'transfer')} to outside, at least"
    yield from _kept(document, sites)


def _kept(document: InvestigationDocument, sites: Mapping[str, Site]) -> Iterator[tuple[str, str, str]]:
    """Of a host with several addresses what it keeps counts once."""
    kept = {
        (asset.site or "", asset.asset or asset.address): asset.holds
        for asset in document.scope.assets
        if asset.holds is not None
    }
    data = sorted({word for holds in kept.values() for word in holds.data})
    known = [word for word in data if word in DATA]
    if data:
        other = ", ".join(word for word in data if word not in DATA)
        why = f"assets.csv says so of {len(kept)} assets in scope"
        yield "data", ",".join(known), f"{why}; it also says {other}" if other else why
    counts: dict[str, int] = {}
    for (site, _name), holds in kept.items():
        if holds.people:
            country = sites[site].country if site in sites else ""
            counts[country] = counts.get(country, 0) + holds.people
    if counts:
        why = "assets.csv, added up over assets in scope: somebody in several counts several times"
        yield "people", str(sum(counts.values())), why
        for country, count in sorted(counts.items()):
            if country:
                yield f"people.{country}", str(count), "the same, by the country of the site"
