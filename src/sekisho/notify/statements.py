"""What the public is told, and what the management: from the facts and from the incident itself.

What nobody recorded stays unknown in both, and what only people can say is left to write.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sekisho.audit.causes.words import plural
from sekisho.model.incidents import InvestigationDocument
from sekisho.model.notices import Clock, ClockState
from sekisho.model.plans import PlanDocument
from sekisho.model.restrictions import IN_FORCE
from sekisho.model.sites import Site
from sekisho.notify.deadlines import local
from sekisho.notify.facts import Sheet
from sekisho.notify.obligation import STAGE
from sekisho.notify.papers import BY_PEOPLE, UNKNOWN, Draft, Section, Statement
from sekisho.notify.vocabulary import kind_of
from sekisho.notify.writing import Writer, unlike

PUBLIC, MANAGEMENT = "public-statement", "management-brief"
MOST_CLOCKS = 40
_KNEW = ("occurred", "suspected", "aware", "discovered", "resolved")
_HARM = ("risk", "serious_harm", "significant_harm", "financial_harm")
_TELLS = ("apply", "elsewhere")
"""Acts by which a plan comes to gateways."""
_DUE: tuple[ClockState, ...] = ("late", "due_soon", "needs_decision", "running")


def public_statement(
    incident: InvestigationDocument,
    sheet: Sheet,
    sites: dict[str, Site],
    plans: Sequence[PlanDocument],
    *,
    zone: str,
    at: datetime,
) -> Draft:
    """A statement to the public. `plans` are those of the incident's containment, `zone` (IANA) is in which
    times are told, `at` (aware UTC) as of when."""
    about = _Incident(incident, Writer(sheet, "", zone), sites)
    writer = about.writer
    sections = (
        Section("概要 (what happened)", tuple(writer.facts(("occurred", "improper_purpose")))),
        Section("経緯 (what was known when)", tuple(writer.facts(_KNEW[1:]))),
        Section("範囲 (what was reached)", (*about.reached(), *writer.facts(("countries",)))),
        Section(
            "影響 (whose data, and what it means for them)",
            tuple(writer.facts(("personal_data", "people", "data", "encrypted", *_HARM))),
        ),
        Section("流出 (what left)", (*writer.facts(("acquired", "bytes_out")), *about.left())),
        Section("原因 (cause)", (Statement(BY_PEOPLE),)),
        Section("対応 (what is being done)", (*about.cut(plans), Statement(BY_PEOPLE))),
        Section("再発防止策 (measures against recurrence)", (Statement(BY_PEOPLE),)),
        Section("お問い合わせ先 (contact)", (Statement(BY_PEOPLE),)),
    )
    return about.paper("Statement to the public", "The public", sections, at)


def management_brief(
    incident: InvestigationDocument,
    sheet: Sheet,
    sites: dict[str, Site],
    clocks: Sequence[Clock],
    plans: Sequence[PlanDocument],
    *,
    zone: str,
    at: datetime,
) -> Draft:
    """A brief for who decides: how far it went, what is due, what is not known and would decide something."""
    about = _Incident(incident, Writer(sheet, "", zone), sites)
    sections = (
        Section("要約 (in short)", (*about.began(), *about.reached(), *about.left())),
        Section("期限 (what is due)", tuple(_due(clocks, about.writer))),
        Section("決定事項 (what has to be decided)", tuple(_open(clocks, sheet))),
        Section(
            "影響 (whose data)",
            tuple(about.writer.facts(("personal_data", "people", "data", "acquired", *_HARM))),
        ),
        Section("見えない範囲 (what nobody could see)", tuple(about.unseen())),
        Section(
            "対応 (measures, costs, and what is asked for)",
            (*about.cut(plans), Statement(BY_PEOPLE)),
        ),
    )
    return about.paper("Brief for the management", "The management", sections, at)


class _Incident:
    def __init__(self, document: InvestigationDocument, writer: Writer, sites: dict[str, Site]) -> None:
        self.document, self.writer, self.sites = document, writer, sites
        window = document.window
        times = (window.begin, window.end) if window else (None, None)
        begin, end = (local(one, "UTC") if one else "unknown" for one in times)
        self.whole = f"investigation of {document.id}, evidence from {begin} to {end}"

    def paper(self, title: str, to: str, sections: tuple[Section, ...], at: datetime) -> Draft:
        return Draft(
            title=title,
            head=(
                ("To", to),
                ("Incident", self.document.id or UNKNOWN),
                *unlike(self.writer.sheet),
            ),
            sections=sections,
            evidence=tuple(self.writer.evidence),
            at=local(at, self.writer.zone),
            language="ja",
        )

    def began(self) -> Iterator[Statement]:
        onset, entry = self.document.onset, self.document.entry
        if onset is None:
            yield Statement(f"Since when: {UNKNOWN}")
        else:
            when = local(onset.at, self.writer.zone)
            kind = "" if onset.kind == "observed" else "on or before "
            first = [hop.evidence for path in self.document.paths[:1] for hop in path.hops[:1]]
            yield self.writer.cited(f"Since when: {kind}{when}", first[0] if first else (), self.whole)
        if entry is None:
            yield Statement(f"Where it began: {UNKNOWN}")
        else:
            count = len(entry.candidates)
            others = f"; {plural(count, 'other candidate')}" if count else ""
            text = (
                f"Where it began: {entry.address} ({entry.site or 'no site'}), likely {entry.share:.0%}"
            )
            yield self._whole(text + others)

    def reached(self) -> Iterator[Statement]:
        scope = self.document.scope
        if not scope.assets:
            yield Statement(f"Assets reached: {UNKNOWN}")
            return
        sure = sum(asset.role == "confirmed" for asset in scope.assets)
        yield self._whole(
            f"Assets reached: {sure:,} confirmed, {len(scope.assets) - sure:,} suspected"
            f" at {plural(len(scope.sites), 'site')}"
        )
        countries = {self.sites[name].country for name in scope.sites if name in self.sites}
        yield self._whole(f"Countries of these sites: {', '.join(sorted(countries)) or UNKNOWN}")

    def left(self) -> Iterator[Statement]:
        out = [one for one in self.document.exfiltration if one.external]
        for one in out:
            low, high = f"{one.bytes.low:,}", f"{one.bytes.high:,}"
            size = f"{low} bytes" if low == high else f"{low} to {high} bytes"
            begin = local(one.begin, self.writer.zone)
            text = f"Left {one.src_site or 'an unknown site'} for outside since {begin}: {size}"
            yield self.writer.cited(text, one.evidence, self.whole)
        blind = sum(one.state == "no_coverage" for one in self.document.leaving)
        if not out:
            seen = "nothing beyond the ordinary was seen" if self.document.leaving else UNKNOWN
            yield self._whole(f"Left for outside: {seen}")
        if blind:
            yield self._whole(
                f"Of {blind:,} assets nobody could have seen whether anything left: {UNKNOWN}"
            )

    def cut(self, plans: Sequence[PlanDocument]) -> Iterator[Statement]:
        """Restrictions that gateways hold, or held: since when, and what became of them."""
        for plan in plans:
            told = [one for one in plan.history if one.kind in _TELLS]
            if not told or plan.state not in (*IN_FORCE, "lifted", "rolled_back"):
                continue
            since = local(told[0].at, self.writer.zone)
            now = "in force" if plan.state in IN_FORCE else plan.state.replace("_", " ")
            text = f"Restricted since {since}: {', '.join(plan.sever)}; now {now}"
            seen = f"plan {plan.id} by {plan.by}, SHA-256 {plan.hash}"
            yield Statement(text, (self.writer.number(seen),))

    def unseen(self) -> Iterator[Statement]:
        found = self.document.unobservable
        if not found:
            yield self._whole("No sensor that matters was without records in the time looked at")
        for one in found[:MOST_CLOCKS]:
            begin, end = (local(at, self.writer.zone) for at in (one.begin, one.end))
            yield self._whole(f"{one.sensor}, {begin} to {end}: {one.why}")
        if len(found) > MOST_CLOCKS:
            yield self._whole(f"and {len(found) - MOST_CLOCKS:,} more such times")

    def _whole(self, text: str) -> Statement:
        return Statement(text, (self.writer.number(self.whole),))


def _due(clocks: Sequence[Clock], writer: Writer) -> Iterator[Statement]:
    chosen = sorted(
        (one for one in clocks if one.state in _DUE),
        key=lambda one: (_DUE.index(one.state), one.due is None, str(one.due), one.obligation),
    )
    if not chosen:
        yield Statement(f"No clock runs; whether anything is due: {UNKNOWN}")
    for one in chosen[:MOST_CLOCKS]:
        when = one.local or "without undue delay"
        text = (
            f"{one.title}, {one.stage}: {one.state.replace('_', ' ')}, {when}, to {', '.join(one.to)}"
        )
        yield Statement(text, (writer.number(f"clock {one.obligation} {one.stage}: {one.why}"),))
    if len(chosen) > MOST_CLOCKS:
        yield Statement(f"and {len(chosen) - MOST_CLOCKS} more: sekisho notify clocks")


def _asked(name: str) -> str:
    """A fact, or a stage that was not delivered, in words, and by which name it is recorded."""
    if name.startswith(STAGE):
        return f"the stage `{name.removeprefix(STAGE)}` was delivered"
    known = kind_of(name)
    return f"{known.says.partition(':')[0]} ({name})" if known else name


def _open(clocks: Sequence[Clock], sheet: Sheet) -> Iterator[Statement]:
    """Facts that would decide or start a clock, those of most clocks first; then what contradicts itself."""
    waiting: dict[str, list[str]] = {}
    for one in clocks:
        if one.state in ("needs_decision", "not_started"):
            for name in one.missing:
                waiting.setdefault(name, []).append(f"{one.obligation} {one.stage}")
    for name, named in sorted(waiting.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        count = plural(len(named), "clock")
        more = f" and {len(named) - 4} more" if len(named) > 4 else ""
        yield Statement(f"{_asked(name)}: {UNKNOWN}; {count} waiting: {', '.join(named[:4])}{more}")
    for text in sheet.contradictions():
        yield Statement(f"Contradiction, to be resolved: {text}")
    if not waiting and not sheet.contradictions():
        yield Statement("No fact is missing that would decide or start a clock.")
