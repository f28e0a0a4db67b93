"""What is new of intruders' methods, as people read it: the monthly brief, and what changed."""

from __future__ import annotations

from collections.abc import Iterable

from sekisho.model.briefs import BriefDocument, ChangesDocument, NewEntry, Todo
from sekisho.model.exploited import ExploitedItem
from sekisho.model.methods import Change, Version
from sekisho.reports.base import Cell, Column, Report, Sheet
from sekisho.reports.units import counted

_TODO = (
    Column("what", "What to do"),
    Column("who", "Where"),
    Column("by", "By"),
    Column("why", "Because"),
)
_CHANGES = (
    Column("technique", "Technique", "code"),
    Column("name", "Name"),
    Column("change", "Change"),
    Column("concerns", "Concerns"),
    Column("todo", "What to do"),
)
_INDICATORS = (
    Column("feed", "Feed"),
    Column("new", "New", "count"),
    Column("kinds", "Kinds"),
    Column("found", "Found here", "count"),
    Column("concerns", "Concerns"),
    Column("assets", "Hosts"),
)
_EXPLOITED = (
    Column("cve", "CVE", "code"),
    Column("product", "Product"),
    Column("terminals", "Terminals", "count"),
    Column("sites", "Sites"),
    Column("due", "Due"),
    Column("ransomware", "Ransomware"),
)
_ENTRIES = (
    Column("title", "Title"),
    Column("feed", "Feed"),
    Column("at", "Dated", "time"),
    Column("techniques", "Techniques"),
    Column("concerns", "Concerns"),
    Column("todo", "What to do"),
)
_FEEDS = (
    Column("feed", "Feed"),
    Column("days", "Days it answered", "count"),
    Column("last", "Last"),
    Column("new", "New", "count"),
    Column("standing", "Stands now"),
    Column("licence", "Licence"),
)
_NAMED = 8


def brief_report(document: BriefDocument) -> Report:
    """What to do first, then what is new."""
    idle = "Nothing to do." if document.asked else "Whether there is anything to do is not known."
    sheets = [Sheet("todo", "What to do", _TODO, [_todo(one) for one in document.todo], idle)]
    if document.changes:
        title = f"Techniques: {_versions(document.before, document.attack)}"
        scope = [one for one in document.changes if one.in_scope]
        rows = [_change(one) for one in scope]
        rest = len(document.changes) - len(scope)
        sheets.append(
            Sheet("technique", title, _CHANGES, rows, f"{counted(rest, 'change')} elsewhere.")
        )
    if document.indicators:
        rows = [
            (one.feed, one.new, _counts(one.kinds), one.found, _some(one.concerns), _some(one.assets))
            for one in document.indicators
        ]
        sheets.append(Sheet("indicator", "Indicators", _INDICATORS, rows))
    if document.new_exploited:
        rows = [_exploited(one) for one in document.exploited]
        empty = f"None of {document.new_exploited} is known to be installed here."
        sheets.append(Sheet("exploited", "Exploited vulnerabilities", _EXPLOITED, rows, empty))
    for name, title, entries in (
        ("rule", "Sigma rules", document.rules),
        ("advisory", "Advisories", document.advisories),
    ):
        if entries:
            sheets.append(Sheet(name, title, _ENTRIES, [_entry(one) for one in entries]))
    feeds: list[tuple[Cell, ...]] = [
        (one.name, one.days, one.last or "never", one.new, one.standing, one.licence)
        for one in document.feeds
    ]
    sheets.append(Sheet("feed", "Feeds within the month", _FEEDS, feeds, "No feed is named."))
    return Report(_headline(document), tuple(sheets), _notes(document.notes, document.attack), document)


def _headline(document: BriefDocument) -> str:
    """What is new; that nobody asked, and that there was nothing, are different answers."""
    month = document.month
    if not document.feeds:
        return f"{month}: no feed is named, so nothing is followed."
    silent = [one.name for one in document.feeds if not one.days and one.standing != "off"]
    if not document.asked:
        return f"{month}: no feed was refreshed. Whether anything was new is not known."
    late = f" Not refreshed: {_some(silent)}." if silent else ""
    if not document.anything:
        return f"{month}: nothing new.{late}"
    scope = sum(one.in_scope for one in document.changes)
    parts = [
        counted(scope, "technique") + " changed" if scope else "",
        counted(sum(one.new for one in document.indicators), "new indicator")
        if document.indicators
        else "",
        counted(document.new_exploited, "new exploited vulnerability", "new exploited vulnerabilities")
        if document.new_exploited
        else "",
        counted(len(document.rules), "new rule") if document.rules else "",
        counted(len(document.advisories), "new advisory", "new advisories")
        if document.advisories
        else "",
    ]
    said = ", ".join(part for part in parts if part) or "changes of no concern here"
    return f"{month}: {said}; {counted(len(document.todo), 'thing')} to do.{late}"


def changes_report(document: ChangesDocument) -> Report:
    """Changes in scope, how many others, and advisories."""
    scope = [one for one in document.changes if one.in_scope]
    rest = len(document.changes) - len(scope)
    if document.before is None:
        headline = "There is no earlier version of ATT&CK to compare with."
    elif document.changes:
        headline = (
            f"{_versions(document.before, document.attack)}: {counted(len(scope), 'change')} in scope,"
            f" {rest} elsewhere."
        )
    else:
        headline = f"{_versions(document.before, document.attack)}: nothing changed."
    empty = f"{counted(rest, 'change')} elsewhere; JSON gives each." if rest else "Nothing changed."
    if document.before is None:
        empty = "Whether anything changed is not known."
    sheets = [Sheet("technique", "", _CHANGES, [_change(one) for one in scope], empty)]
    if document.advisories:
        sheets.append(
            Sheet("advisory", "Advisories", _ENTRIES, [_entry(one) for one in document.advisories])
        )
    return Report(headline, tuple(sheets), _notes(document.notes, document.attack), document)


def _versions(before: Version | None, attack: Version | None) -> str:
    return " to ".join(
        f"{one.version}" + (f" ({one.date:%Y-%m-%d})" if one.date else "")
        for one in (before, attack)
        if one is not None
    )


def _notes(notes: Iterable[str], attack: Version | None) -> tuple[str, ...]:
    return (*notes, *((attack.notice,) if attack else ()))


def _todo(one: Todo) -> tuple[Cell, ...]:
    return (one.what, _some(one.who), one.by, one.why)


def _change(one: Change) -> tuple[Cell, ...]:
    return (one.technique, one.name, f"{one.kind}: {one.text}", _some(one.concerns), one.todo)


def _exploited(one: ExploitedItem) -> tuple[Cell, ...]:
    sites = sorted({site for item in one.installed for site in item.sites if site})
    due = (one.due or "") + (" (past)" if one.overdue else "")
    ransomware = "known" if one.ransomware else ""
    return (one.cve, f"{one.vendor} {one.product}", one.terminals, _some(sites), due, ransomware)


def _entry(one: NewEntry) -> tuple[Cell, ...]:
    title = one.title + (" (changed)" if one.altered else "")
    return (title, one.feed, one.at, ", ".join(one.techniques), _some(one.concerns), one.todo)


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in counts.items())


def _some(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - _NAMED} more" if len(every) > _NAMED else ""
    return ", ".join(every[:_NAMED]) + more
