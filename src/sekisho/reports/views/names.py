"""What an address was called, who asked for a name, where a hash or fingerprint was seen."""

from __future__ import annotations

from rich.text import Text

from sekisho.model.naming import NamesDocument, NameSighting
from sekisho.reports.base import Column, Sheet
from sekisho.reports.screen import Screen
from sekisho.reports.units import Times, count, counted
from sekisho.reports.view import View

NAMED = 3
"""Clients, and servers, that a terminal names."""
_WORDS = {
    "dns_query": "asked for",
    "dns_answer": "answer",
    "sni": "TLS name",
    "http_host": "HTTP host",
    "user_agent": "user agent",
    "certificate_sha1": "certificate",
    "certificate_sha256": "certificate",
}
_COLUMNS = (
    Column("kind", "Kind"),
    Column("value", "Value"),
    Column("beside", "Beside"),
    Column("times", "Times", "count"),
    Column("first_seen", "First seen", "time"),
    Column("last_seen", "Last seen", "time"),
    Column("clients", "Clients"),
    Column("client_count", "Clients in all", "count"),
    Column("servers", "Servers"),
    Column("server_count", "Servers in all", "count"),
    Column("sensors", "Sensors", "code"),
    Column("path", "File", "code"),
    Column("row", "Line", "count"),
    Column("sha256", "SHA-256 of the file", "code"),
)


class NamesView(View[NamesDocument]):
    """`sekisho names`."""

    name = "names"

    def headline(self, document: NamesDocument, times: Times) -> str:
        """How much was found, and since when; nothing found is not nothing recorded."""
        if not document.recorded:
            return "No names are on record for this time."
        if not document.sightings:
            return f"{document.asked} is in no name on record for this time."
        first = min(one.first_seen for one in document.sightings)
        last = max(one.last_seen for one in document.sightings)
        return (
            f"{document.asked}: {counted(document.total, 'sighting')},"
            f" {times.minute(first)} to {times.minute(last)} {times.label}."
        )

    def sheets(self, document: NamesDocument) -> tuple[Sheet, ...]:
        """Every sighting."""
        rows = [
            (
                str(one.kind),
                one.value,
                one.beside,
                one.times,
                one.first_seen,
                one.last_seen,
                " ".join(one.clients),
                one.client_count,
                " ".join(one.servers),
                one.server_count,
                " ".join(one.sensors),
                one.evidence.path,
                one.evidence.row,
                one.evidence.sha256,
            )
            for one in document.sightings
        ]
        return (Sheet("name", "Names", _COLUMNS, rows, "Nothing was found."),)

    def notes(self, document: NamesDocument) -> tuple[str, ...]:
        """What could not be asked, and what was left out."""
        left = document.total - len(document.sightings)
        more = (f"and {count(left)} more: --limit gives them",) if left else ()
        return (*more, *document.notes)

    def show(self, document: NamesDocument, screen: Screen) -> None:
        """Three lines a sighting: what, who, where."""
        screen.headline(self.headline(document, screen.times))
        for one in document.sightings:
            screen.line()
            screen.line(_what(one, document, screen))
            screen.indented(_when(one, screen))
            screen.indented(_who(one, screen))
        notes = [
            note for note in self.notes(document) if document.recorded or note not in document.notes
        ]
        if notes:
            screen.line()
            screen.notes(notes)


def _what(one: NameSighting, document: NamesDocument, screen: Screen) -> Text:
    kind = _WORDS.get(one.kind, one.kind.upper())
    text = screen.text(f"{kind} ", "dim")
    if one.kind == "dns_answer" and one.beside is not None:
        text = screen.text(one.beside, "bold")
        return text.append_text(screen.text(f" {screen.glyphs.arrow} {one.value}"))
    text.append_text(screen.text(one.value, "bold"))
    if one.beside is not None:
        text.append_text(screen.text(f" {screen.glyphs.arrow} {one.beside}"))
    return text


def _when(one: NameSighting, screen: Screen) -> Text:
    first, last = (screen.times.minute(at) for at in (one.first_seen, one.last_seen))
    period = first if first == last else f"{first} to {last}"
    return screen.text(f"{period} {screen.times.label}, {counted(one.times, 'time')}", "dim")


def _who(one: NameSighting, screen: Screen) -> Text:
    parts = []
    for word, ends, number in (
        ("by", one.clients, one.client_count),
        ("at", one.servers, one.server_count),
    ):
        if ends:
            more = f" and {count(number - NAMED)} more" if number > NAMED else ""
            parts.append(f"{word} {', '.join(ends[:NAMED])}{more}")
    parts.append(f"first in {one.evidence.path}:{one.evidence.row}")
    return screen.text("; ".join(parts), "dim")
