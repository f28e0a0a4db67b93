"""The dossier of an incident: to read on a screen, to print, to hand over."""

from __future__ import annotations

from dataclasses import dataclass

from sekisho.model.hops import Evidence, HiddenBehind, HopDocument, Through
from sekisho.model.incidents import InvestigationDocument
from sekisho.model.sizes import size
from sekisho.reports.base import Options, Sheet
from sekisho.reports.html import dossier_tables as tables
from sekisho.reports.html.hop_lanes import hop_lanes
from sekisho.reports.html.incident_map import incident_map
from sekisho.reports.html.page import render
from sekisho.reports.html.sheets import prepared
from sekisho.reports.naming import Names
from sekisho.reports.narrative import narrative
from sekisho.reports.steps import Step, service_of, steps
from sekisho.reports.units import Times, count, counted, size_range

MOST_EVIDENCE, MOST_CARDS, MOST_CLIENTS = 8, 400, 5
VERDICTS = {
    "unauthorized": "no rule allows it",
    "lapsed": "its rule was not valid then",
    "attempted": "not allowed",
    "authorized": "a rule allows it",
    "intra_site": "within one site",
    "external": "with a party outside",
    "unmapped": "an end belongs to no site",
}


@dataclass(frozen=True, slots=True)
class HopCard:
    """A step with its reasons. `facts` are names with values, `evidence` places to look it up."""

    number: int
    role: str
    reverse: bool
    origin: str
    target: str
    service: str
    when: str
    technique: str
    likelihood: str
    facts: tuple[tuple[str, str], ...]
    why: tuple[tuple[str, str], ...]
    evidence: tuple[str, ...]
    unobservable: str


def render_dossier(document: InvestigationDocument, headline: str, options: Options) -> str:
    """One self-contained HTML file, without scripts."""
    times = options.times
    names, found = Names(document, times), steps(document)
    window, incident = document.window, document.incident
    return render(
        "dossier.html.j2",
        style=("report.css", "dossier.css"),
        title=options.titled(f"Incident {document.id}" if document.id else "Incident"),
        tlp=options.tlp,
        headline=headline,
        state="found" if found else "blind",
        status=incident.status if incident else "",
        story=narrative(document, times),
        begin=times.minute(window.begin) if window and window.begin else "the beginning",
        end=times.minute(window.end) if window and window.end else "now",
        zone=times.label,
        made=times.minute(options.now) if options.now else "",
        map=incident_map(document, found, names),
        lanes=hop_lanes(document, found, names, times),
        cards=[_card(step, names, times) for step in found[:MOST_CARDS]],
        more_events=max(0, len(document.timeline) - tables.MOST_EVENTS),
        more_cards=max(0, len(found) - MOST_CARDS),
        shown={
            key: prepared(sheet, times)
            for key, sheet in tables.evidence_tables(document, found, names).items()
        },
        work=[prepared(sheet, times) for sheet in _work(document, times)],
        files=prepared(tables.files(incident), times),
        custody=_custody(document),
        notes=document.notes,
        seeds=[f"{seed.kind} {seed.value}" for seed in document.seeds],
    )


def _work(document: InvestigationDocument, times: Times) -> list[Sheet]:
    incident = document.incident
    own = [tables.tasks(incident, times), tables.notebook(incident, times)] if incident else []
    return [*own, tables.inquiry(document.inquiry)]


def _card(step: Step, names: Names, times: Times) -> HopCard:
    hop = step.hop
    port = f"{hop.protocol}/{hop.port}" if hop.port else hop.protocol
    named = service_of(hop)
    return HopCard(
        number=step.number,
        role=hop.role,
        reverse=hop.kind == "reverse",
        origin=step.behind(step.origin) + names.host(step.origin[1], step.origin[0], step.origin_site),
        target=step.behind(step.target) + names.host(step.target[1], step.target[0], step.target_site),
        service=named if named == port else f"{named} ({port})",
        when=names.taken(hop, step.target_site or step.origin_site),
        technique=" ".join(part for part in (hop.technique, hop.technique_name) if part),
        likelihood=f"{hop.likelihood:.0%}",
        facts=tuple((name, text) for name, text in _facts(step, names, times) if text),
        why=tuple((f"{factor.weight:+.1f}", factor.text) for factor in hop.why),
        evidence=_evidence(hop.evidence),
        unobservable=hop.unobservable or "",
    )


def _facts(step: Step, names: Names, times: Times) -> tuple[tuple[str, str], ...]:
    hop: HopDocument = step.hop
    onset = ""
    if hop.onset:
        before = " or before" if hop.onset.kind == "on_or_before" else ""
        onset = f"{times.minute(hop.onset.at)}{before}"
    changed = [f"{times.day(one.at)}: {one.text}" for one in hop.changes]
    if hop.changed and not changed:
        changed = [f"{times.day(hop.changed)}: {hop.changed_why}"]
    sent = size_range(hop.bytes_out) if hop.bytes_out else ""
    received = size_range(hop.bytes_in) if hop.bytes_in else ""
    also = (
        f"{one.service} from {times.minute(one.at)} ({one.technique}, {one.likelihood:.0%})"
        for one in hop.also
    )
    return (
        ("Judged", VERDICTS.get(hop.verdict or "", hop.verdict or "")),
        ("Opened by", names.short(hop.src, hop.src_realm) if hop.kind == "reverse" else ""),
        ("Went through", "; ".join(_passed(one, times) for one in hop.through)),
        ("Who it was", _hidden(hop.hidden_behind, names)),
        ("Connection since", onset),
        ("Left its baseline", "; ".join(changed)),
        ("Account", hop.account or ""),
        ("Logons", hop.logons.why if hop.logons else ""),
        ("Sessions", count(hop.sessions) if hop.sessions else ""),
        ("Bytes out, in", f"{sent}, {received}" if sent and received else sent or received),
        ("Technique, because", hop.technique_why or ""),
        ("Also", "; ".join(also)),
        ("In paths", ", ".join(map(str, step.paths))),
    )


def _passed(one: Through, times: Times) -> str:
    port = f"{one.protocol}/{one.port}" if one.port else one.protocol
    relay = f"{one.relay} ({one.kind.replace('_', ' ')}, {one.address} {port})"
    return f"{relay}, entered {times.minute(one.at)}, {one.share:.0%} sure: {one.why}"


def _hidden(behind: HiddenBehind | None, names: Names) -> str:
    if behind is None:
        return ""
    clients = [
        f"{names.host(one.address, one.realm, one.site)} ({one.share:.0%}, {one.why})"
        for one in behind.candidates[:MOST_CLIENTS]
    ]
    if len(behind.candidates) > MOST_CLIENTS:
        clients.append(f"{len(behind.candidates) - MOST_CLIENTS} more")
    return f"{behind.why}; " + ("perhaps " + ", ".join(clients) if clients else "nobody can be named")


def _evidence(records: tuple[Evidence, ...]) -> tuple[str, ...]:
    told = [tables.evidence_text(one) for one in records[:MOST_EVIDENCE]]
    if len(records) > MOST_EVIDENCE:
        told.append(f"and {len(records) - MOST_EVIDENCE} more")
    return tuple(told)


def _custody(document: InvestigationDocument) -> list[tuple[str, str]]:
    """What ties the dossier to the ledger, name by name."""
    held, incident = document.custody, document.incident
    rows: list[tuple[str, str]] = []
    if incident is not None:
        kept = [one for one in incident.evidence if one.state == "preserved"]
        lost = len(incident.evidence) - len(kept)
        total = size(sum(one.size or 0 for one in kept))
        rows.append(("Original bytes", f"{counted(len(kept), 'file')} preserved ({total}), {lost} not"))
        rows.append(("Raw flows", "kept from pruning" if incident.held else "may be pruned"))
    if held is not None:
        rows.append(
            ("Ledger", f"{counted(held.entries, 'entry', 'entries')}, {held.own} of this incident")
        )
        rows.append(("Hash of the last", held.head))
        if held.root:
            rows.append(("Root of the tree", held.root))
        signed = f"up to entry {held.signed}" if held.signed else "no head is signed here yet"
        rows.append(("Signed", signed))
    return rows
