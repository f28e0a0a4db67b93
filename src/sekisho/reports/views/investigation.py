"""An incident as far as it is known: how it went, how far, what left, and what nobody could see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sekisho.model.hops import HopDocument, Path
from sekisho.model.incidents import (
    AccountDocument,
    Exfiltration,
    InvestigationDocument,
    LeavingState,
    TimelineItem,
    TracesRemoved,
)
from sekisho.reports.base import Cell, Column, Options, Sheet
from sekisho.reports.html.dossier import render_dossier
from sekisho.reports.incidents import incident_headline, incident_notes, incident_sheets
from sekisho.reports.narrative import narrative
from sekisho.reports.screen import Screen
from sekisho.reports.steps import service_of
from sekisho.reports.units import Times, counted, local_minute, size_range
from sekisho.reports.view import View, line

_HOP = (
    Column("at", "At", "time"),
    Column("ends", "From, to"),
    Column("service", "Service"),
    Column("kind", "Control"),
    Column("technique", "Technique", "code"),
    Column("likely", "Likely"),
)
_HOPS = (
    Column("path", "Path", "count"),
    Column("score", "Score", "count"),
    Column("at", "At", "time"),
    Column("kind", "Kind"),
    Column("src", "From"),
    Column("src_site", "From site"),
    Column("dst", "To"),
    Column("dst_site", "To site"),
    Column("protocol", "Protocol"),
    Column("port", "Port", "count"),
    Column("service", "Service"),
    Column("verdict", "Verdict", "verdict"),
    Column("technique", "Technique", "code"),
    Column("technique_name", "Technique's name"),
    Column("likelihood", "Likelihood", "count"),
    Column("role", "Role"),
    Column("account", "Account"),
    Column("logons", "Logons"),
    Column("onset_at", "Onset", "time"),
    Column("onset_kind", "Onset kind"),
    Column("changed", "Changed", "time"),
    Column("changed_why", "What changed"),
    Column("why", "Why"),
    Column("unobservable", "Not observable"),
    Column("through", "Through"),
    Column("hidden_behind", "Hidden behind"),
    Column("at_kind", "At kind"),
)
_SCOPE = (
    Column("address", "Address"),
    Column("asset", "Asset"),
    Column("site", "Site"),
    Column("role", "Role"),
    Column("since", "Since", "time"),
    Column("since_kind", "Or before"),
)
_ACCOUNTS = (
    Column("account", "Account"),
    Column("since", "Since", "time"),
    Column("hops", "Went over"),
    Column("switched", "Changed for it"),
)
_CHANGED = (
    Column("at", "Day", "time"),
    Column("hop", "Hop"),
    Column("text", "What changed then"),
)
_REMOVED = (
    Column("at", "At", "time"),
    Column("address", "At host"),
    Column("site", "Site"),
    Column("hop", "Of the hop"),
    Column("why", "Why"),
)
_LEFT = (
    Column("src", "From"),
    Column("dst", "To"),
    Column("bytes", "Bytes"),
    Column("begin", "From when", "time"),
    Column("likely", "Likely"),
)
_LEFT_WHOLE = (
    Column("src", "From"),
    Column("dst", "To"),
    Column("where", "Where"),
    Column("bytes", "Bytes"),
    Column("begin", "From when", "time"),
    Column("end", "Until", "time"),
    Column("likelihood", "Likelihood", "count"),
    Column("technique", "Technique", "code"),
    Column("party", "Party"),
    Column("services", "Services"),
    Column("data", "Data kept"),
    Column("why", "Why"),
)
_ANSWER = (
    Column("address", "Address"),
    Column("asset", "Asset"),
    Column("state", "Left"),
    Column("why", "As far as can be known"),
)
_STATES: dict[LeavingState, str] = {
    "left": "yes",
    "no_evidence": "no evidence",
    "no_coverage": "not seen",
}
_TIMELINE = (
    Column("at", "At", "time"),
    Column("local", "There"),
    Column("source", "Source"),
    Column("text", "What"),
)
_HIDDEN = (
    Column("sensor", "Sensor"),
    Column("begin", "From", "time"),
    Column("end", "Until", "time"),
    Column("why", "Why it matters"),
)
MOST_HOPS = 6
"""Of an account; JSON has all."""
SHOWN_PATHS = 5
"""Paths that a screen shows whole; the other formats give all."""


class InvestigationView(View[InvestigationDocument]):
    """`sekisho investigate show`."""

    name = "investigation"

    def headline(self, document: InvestigationDocument, times: Times) -> str:
        """Where it began, since when, how far it went."""
        said = [incident_headline(document.incident)] if document.incident else []
        if document.entry is None:
            return " ".join([*said, "No path was found in what was recorded."])
        at = document.entry.site or "no site"
        since = ""
        if document.onset:
            word = "on or before" if document.onset.kind == "on_or_before" else "on"
            since = f", {word} {times.minute(document.onset.at)}"
        assets, sites = document.scope.assets, document.scope.sites
        confirmed = sum(one.role == "confirmed" for one in assets)
        reached = f"{counted(len(assets), 'asset')} at {counted(len(sites), 'site')} in scope"
        said.append(f"It most likely began at {document.entry.address} ({at}){since}.")
        said.append(f"{reached}, {confirmed} confirmed.")
        return " ".join(said)

    def sheets(self, document: InvestigationDocument) -> tuple[Sheet, ...]:
        """Paths, scope, what left, the timeline, what nobody could see, and how the work stands."""
        return (
            self.table(document),
            *self._rest(document, whole=True),
            *(incident_sheets(document.incident, whole=True) if document.incident else ()),
        )

    def table(self, document: InvestigationDocument) -> Sheet:
        """Every hop of every path."""
        rows = [
            _full(number, path, hop)
            for number, path in enumerate(document.paths, 1)
            for hop in path.hops
        ]
        return Sheet("hop", "Paths", _HOPS, rows, "No path was found in what was recorded.")

    def notes(self, document: InvestigationDocument) -> tuple[str, ...]:
        """What was left out, and what is kept of the incident."""
        return (*document.notes, *(incident_notes(document.incident) if document.incident else ()))

    def lines(self, document: InvestigationDocument) -> Iterable[str]:
        """Paths, scope and timeline as in the contract."""
        yield from (line("path", path) for path in document.paths)
        yield from (line("asset", asset) for asset in document.scope.assets)
        yield from (line("account", one) for one in document.accounts)
        yield from (line("traces_removed", one) for one in document.traces_removed)
        yield from (line("exfiltration", one) for one in document.exfiltration)
        yield from (line("leaving", one) for one in document.leaving)
        yield from (line("event", item) for item in document.timeline)
        yield from (line("unobservable", one) for one in document.unobservable)

    def show(self, document: InvestigationDocument, screen: Screen) -> None:
        """The story in short, the paths hop by hop, then the rest."""
        screen.headline(self.headline(document, screen.times))
        told = narrative(document, screen.times)
        screen.passages((passage.title, passage.text) for passage in told)
        for number, path in enumerate(document.paths[:SHOWN_PATHS], 1):
            title = f"Path {number}, score {path.score:.2f}"
            screen.sheet(Sheet("hop", title, _HOP, [_brief(hop) for hop in path.hops]))
            screen.notes(path.why)
        screen.more(max(0, len(document.paths) - SHOWN_PATHS))
        for sheet in self._rest(document):
            screen.sheet(sheet)
        for sheet in incident_sheets(document.incident) if document.incident else ():
            # What was done stands in the timeline.
            if sheet.name not in ("action", "seed"):
                screen.sheet(sheet)
        screen.notes(self.notes(document))

    def page(self, document: InvestigationDocument, options: Options) -> str:
        """The dossier."""
        return render_dossier(document, self.headline(document, options.times), options)

    def _rest(self, document: InvestigationDocument, *, whole: bool = False) -> tuple[Sheet, ...]:
        assets = [
            (
                one.address,
                one.asset,
                one.site,
                one.role,
                one.since,
                "or before" if one.since_kind == "on_or_before" else "observed",
            )
            for one in document.scope.assets
        ]
        hidden = [(one.sensor, one.begin, one.end, one.why) for one in document.unobservable]
        events = map(_event, document.timeline)
        left = [_left_whole(one) if whole else _left(one) for one in document.exfiltration]
        answers = [(one.address, one.asset, _STATES[one.state], one.why) for one in document.leaving]
        accounts = map(_account, document.accounts)
        removed = map(_removed, document.traces_removed)
        sheets = (
            Sheet("asset", "Scope", _SCOPE, assets, "No asset is known to have been reached."),
            Sheet("changed", "What changed when", _CHANGED, list(_changes(document))),
            Sheet("account", "Accounts that travelled", _ACCOUNTS, list(accounts)),
            Sheet("traces_removed", "Traces removed", _REMOVED, list(removed)),
            Sheet("exfiltration", "What left", _LEFT_WHOLE if whole else _LEFT, left),
            Sheet("leaving", "Whether anything left", _ANSWER, answers),
            Sheet("event", "Timeline", _TIMELINE, list(events)),
            Sheet("unobservable", "What nobody could see", _HIDDEN, hidden),
        )
        return tuple(sheet for sheet in sheets if sheet.rows or sheet.name == "asset")


def _brief(hop: HopDocument) -> tuple[Cell, ...]:
    src, dst = _end(hop.src, hop.src_site), _end(hop.dst, hop.dst_site)
    if hop.hidden_behind is not None:
        src = f"somebody behind {hop.hidden_behind.relay} {hop.src}"
    dst += "".join(f", through {relay.relay} {relay.address}" for relay in hop.through)
    control = "with it" if hop.kind == "connect" else "against it"
    control += ", then or before" if hop.at_kind == "on_or_before" else ""
    return hop.at, f"{src} -> {dst}", service_of(hop), control, hop.technique, f"{hop.likelihood:.0%}"


def _end(address: str, site: str | None) -> str:
    return f"{site} {address}" if site else address


def _full(number: int, path: Path, hop: HopDocument) -> tuple[Cell, ...]:
    return (
        number,
        path.score,
        hop.at,
        hop.kind,
        hop.src,
        hop.src_site,
        hop.dst,
        hop.dst_site,
        hop.protocol,
        hop.port,
        hop.service,
        hop.verdict,
        hop.technique,
        hop.technique_name,
        hop.likelihood,
        hop.role,
        hop.account,
        hop.logons.why if hop.logons else None,
        hop.onset.at if hop.onset else None,
        hop.onset.kind if hop.onset else None,
        hop.changed,
        hop.changed_why,
        "; ".join(factor.text for factor in hop.why),
        hop.unobservable,
        ", ".join(relay.relay for relay in hop.through),
        hop.hidden_behind.relay if hop.hidden_behind else None,
        hop.at_kind,
    )


def _changes(document: InvestigationDocument) -> Iterator[tuple[Cell, ...]]:
    hops = {
        (hop.src_realm, hop.src, hop.dst_realm, hop.dst, hop.protocol, hop.port): hop
        for path in document.paths
        for hop in path.hops
    }
    found = [(change, hop) for hop in hops.values() for change in hop.changes]
    for change, hop in sorted(found, key=lambda one: one[0].at):
        more = f"; and on {change.days - 1} later days" if change.days > 1 else ""
        yield change.at, f"{hop.src} -> {hop.dst} {service_of(hop)}", f"{change.text}{more}"


def _account(one: AccountDocument) -> tuple[Cell, ...]:
    ways = list(dict.fromkeys(f"{hop.src} -> {hop.dst}" for hop in one.hops))
    went = ways[:MOST_HOPS] + ([f"{len(ways) - MOST_HOPS} more"] if len(ways) > MOST_HOPS else [])
    switched = "; ".join(f"{switch.came} at {switch.host}" for switch in one.switched)
    return one.account, one.since, ", ".join(went), switched or None


def _removed(one: TracesRemoved) -> tuple[Cell, ...]:
    hop = f"{one.src} -> {one.address} {service_of(one)}"
    return one.at, one.asset or one.address, one.site, hop, one.why


def _left(one: Exfiltration) -> tuple[Cell, ...]:
    said = one.party or ("" if one.external else "inside")
    dst = f"{one.dst} ({said})" if said else one.dst
    return one.src, dst, size_range(one.bytes), one.begin, f"{one.likelihood:.0%}"


def _left_whole(one: Exfiltration) -> tuple[Cell, ...]:
    return (
        one.src,
        one.dst,
        "outside" if one.external else "inside",
        size_range(one.bytes),
        one.begin,
        one.end,
        one.likelihood,
        one.technique,
        one.party,
        "; ".join(one.services),
        "; ".join(one.holds.data) if one.holds else None,
        "; ".join(factor.text for factor in one.why),
    )


def _event(item: TimelineItem) -> tuple[Cell, ...]:
    return item.at, local_minute(item.local), item.source, item.text
