"""Feeds, and what was found by them, as people read it."""

from __future__ import annotations

from collections.abc import Mapping

from sekisho.intel.loading import age
from sekisho.model.hunts import FeedDocument, FeedsDocument, Hit, HuntDocument, NamedOnly
from sekisho.reports.base import Cell, Column, Report, Sheet
from sekisho.reports.units import counted

_FEEDS = (
    Column("name", "Feed", "code"),
    Column("standing", "Stands"),
    Column("age", "Age"),
    Column("holds", "Holds", "count"),
    Column("expired", "Expired", "count"),
    Column("aside", "Set aside", "count"),
    Column("tlp", "TLP"),
    Column("confidence", "Believed", "count"),
    Column("licence", "Licence"),
)
_HITS = (
    Column("severity", "Severity", "severity"),
    Column("finding", "Finding", "code"),
    Column("indicator", "Indicator"),
    Column("feed", "Feed"),
    Column("src", "From", "code"),
    Column("dst", "To", "code"),
    Column("service", "Service"),
    Column("since", "Since", "time"),
    Column("onset", "Onset"),
    Column("flows", "Flows", "count"),
)
_NAMES = (
    Column("severity", "Severity", "severity"),
    Column("finding", "Finding", "code"),
    Column("indicator", "Indicator"),
    Column("feed", "Feed"),
    Column("found", "On record as"),
    Column("src", "From", "code"),
    Column("dst", "To", "code"),
    Column("since", "Since", "time"),
    Column("onset", "Onset"),
    Column("times", "Times", "count"),
    Column("path", "File"),
    Column("row", "Line", "count"),
)
_LOOKUPS = (
    Column("name", "Name", "code"),
    Column("who", "Looked up by", "code"),
    Column("times", "Times", "count"),
    Column("first", "First", "time"),
    Column("last", "Last", "time"),
    Column("after", "What came after"),
)
_ASIDE: Mapping[str, str] = {
    "not_usable": "not to be looked for here",
    "malformed": "not readable",
    "too_wide": "would match everything",
    "company": "our own",
    "special_purpose": "of no host outside",
    "common": "used by everybody",
    "revoked": "taken back",
    "too_many": "too many",
}


def feeds_report(document: FeedsDocument) -> Report:
    """How every feed stands, and what of it was set aside."""
    rows = [_feed(one) for one in document.feeds]
    headline = (
        f"{counted(len(rows), 'feed')}, {counted(document.indicators, 'indicator')}."
        if rows
        else "No feeds: `sekisho intel add NAME --kind list --path FILE --licence L` adds one."
    )
    notes = [f"{one.name}: {text}" for one in document.feeds for text in _aside(one)]
    return Report(headline, (Sheet("feed", "", _FEEDS, rows, ""),), (*document.notes, *notes), document)


def _feed(one: FeedDocument) -> tuple[Cell, ...]:
    old = "never fetched" if one.age_seconds is None else age(one.age_seconds)
    aside = sum(one.aside.values())
    return (
        one.name,
        one.standing,
        old,
        one.indicators or one.entries,
        one.expired,
        aside,
        one.tlp,
        one.confidence,
        one.licence,
    )


def _aside(one: FeedDocument) -> list[str]:
    return [
        f"{_ASIDE.get(why, why)}: {number:,}, such as {', '.join(one.examples.get(why, ())[:2])}"
        for why, number in one.aside.items()
    ]


def hunt_report(document: HuntDocument) -> Report:
    """What was found, by connection; then names without a flow; then the feeds with their age."""
    raised = sum(one.raised for one in document.hits)
    expired = len(document.hits) - raised
    alone = len({one.finding for one in document.names if one.raised})
    looked = sum(document.hunted.values())
    headline = f"{counted(looked, 'indicator')}: {counted(raised, 'connection')} found"
    headline += f", {alone} more by a name alone" if alone else ""
    headline += f", and {expired} by expired ones alone." if expired else "."
    empty = "Nothing was found." if looked else "There is no indicator to look for."
    sheets = [Sheet("hit", "", _HITS, [_hit(one) for one in document.hits], empty)]
    if document.names:
        title = "Names of which no flow is on record"
        sheets.append(Sheet("name", title, _NAMES, [_named(one) for one in document.names]))
    if looked_up := _lookups(document):
        sheets.append(Sheet("lookup", "Names that were looked up", _LOOKUPS, looked_up))
    sheets.append(Sheet("feed", "Feeds", _FEEDS, [_feed(one) for one in document.feeds]))
    return Report(headline, tuple(sheets), document.notes, document)


def _named(one: NamedOnly) -> tuple[Cell, ...]:
    indicator = one.indicator
    return (
        one.severity or ("expired" if indicator.expired else ""),
        one.finding
        or ("none: no port on record" if one.src and one.dst else "none: no ends on record"),
        _expiry(indicator.value, indicator.expired),
        indicator.feed,
        indicator.found,
        (one.src.asset or one.src.address) if one.src else "",
        (one.dst.asset or one.dst.address) if one.dst else "",
        one.onset.at if one.onset else one.first_seen,
        one.onset.kind.replace("_", " ") if one.onset else "",
        one.times,
        one.path,
        one.row,
    )


def _lookups(document: HuntDocument) -> list[tuple[Cell, ...]]:
    """Each name that a host looked up, with what came after, once."""
    said = [(hit.src, one) for hit in document.hits for one in hit.lookups]
    said += [(one.src, one.lookup) for one in document.names if one.src and one.lookup]
    rows: dict[tuple[Cell, ...], None] = {}
    for src, one in said:
        who = src.asset or src.address
        rows[one.name, who, one.times, one.first_seen, one.last_seen, one.text] = None
    return list(rows)


def _hit(hit: Hit) -> tuple[Cell, ...]:
    one = hit.indicators[0]
    more = f" and {len(hit.indicators) - 1} more" if len(hit.indicators) > 1 else ""
    return (
        hit.severity or "expired",
        hit.finding,
        _expiry(one.value, one.expired) + more,
        f"{one.feed} ({one.feed_standing}, {age(one.feed_age_seconds)})",
        hit.src.asset or hit.src.address,
        hit.dst.asset or hit.dst.address,
        f"{hit.protocol}/{hit.port}" if hit.port else hit.protocol,
        hit.onset.at,
        hit.onset.kind.replace("_", " "),
        hit.flows,
    )


def _expiry(value: str, expired: bool) -> str:
    return f"{value} (expired)" if expired else value
