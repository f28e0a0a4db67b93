"""An investigation in a few sentences: since when, from where, through what, how far, and what left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sekisho.model.incidents import NO_SENSOR, InvestigationDocument
from sekisho.model.sizes import size
from sekisho.reports.naming import Names, holdings
from sekisho.reports.steps import Step, service_of, steps
from sekisho.reports.units import Times, counted, lasting

LEAST_SHARE = 0.005
MOST = 6
"""Names that a sentence lists."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One question and its answer; `id` is the question in a word."""

    id: str
    title: str
    text: str


def narrative(document: InvestigationDocument, times: Times) -> tuple[Passage, ...]:
    """The passages in order. Every one is there, since an answer that is missing reads like a good one."""
    names, found = Names(document, times), steps(document)
    passages = (
        ("since", "Since when", _since(document, names)),
        ("entry", "Where it began", _entry(document, names)),
        ("through", "Through what", _through(found, names)),
        ("who", "Who travelled", _who(document, names)),
        ("far", "How far", _far(document, names)),
        ("left", "What left", _left(document, names)),
        ("unseen", "What could not be seen", _unseen(document, found)),
    )
    return tuple(Passage(key, title, " ".join(said)) for key, title, said in passages)


def _since(document: InvestigationDocument, names: Names) -> Iterator[str]:
    if document.onset is None:
        dated = sorted(
            ((one.onset.at, one) for one in document.seeds if one.onset), key=lambda pair: pair[0]
        )
        if not dated:
            yield "Not known: nothing was found in what was recorded."
            return
        yield "Not known of an incident: nothing that was recorded is likely enough a step of one."
        for at, seed in dated[:3]:
            before = " or earlier" if seed.onset and seed.onset.kind == "on_or_before" else ""
            what = f"The {seed.kind} {seed.value}"
            if seed.kind == "host":
                what = f"What no rule allows of {seed.value}"
            yield f"{what} is on record since {names.when(at)}{before}."
        return
    site = document.entry.site if document.entry else None
    when = names.when(document.onset.at, site)
    if document.onset.kind == "observed":
        why = document.onset.why or "sensors recorded before that, and it was not there"
        yield f"Since {when}; {why}."
    else:
        yield f"Since {when} or earlier: {document.onset.why or 'evidence starts there'}."


def _entry(document: InvestigationDocument, names: Names) -> Iterator[str]:
    entry = document.entry
    if entry is None:
        yield "Not known."
        return
    steered = f", steered from {entry.through} outside" if entry.through else ""
    host = names.host(entry.address, entry.realm, entry.site)
    why = "; ".join(factor.text for factor in entry.why[:3])
    yield f"Most likely {host}{steered} (share {entry.share:.0%})" + (f": {why}." if why else ".")
    others = [
        f"{names.host(one.address, one.realm, one.site)} ({one.share:.0%})"
        for one in entry.candidates
        if one.rank > 1 and one.share >= LEAST_SHARE
    ]
    if others:
        yield f"Otherwise {_listed(others, 3)}."


def _through(found: Sequence[Step], names: Names) -> Iterator[str]:
    if not found:
        yield "No step was found in what was recorded."
        return
    services = Counter(service_of(step.hop) for step in found)
    used = _listed([f"{name} ({number})" for name, number in services.most_common()])
    yield f"{counted(len(found), 'step')} over {used}."
    first = found[0]
    origin, target = names.end(first.origin), names.end(first.target)
    when = names.when(first.hop.at, first.target_site)
    when = f"by {when} at the latest" if first.hop.at_kind == "on_or_before" else f"on {when}"
    yield f"The first took {target} from {origin} {when}."
    crossed = [
        f"{step.origin_site} to {step.target_site}"
        for step in found
        if step.origin_site and step.target_site and step.origin_site != step.target_site
    ]
    if crossed:
        yield f"Between sites it went {_listed(list(dict.fromkeys(crossed)))}."
    relayed = sum(bool(step.hop.through) for step in found)
    if relayed:
        relays = _listed(list(dict.fromkeys(r.relay for step in found for r in step.hop.through)))
        yield f"{counted(relayed, 'step')} went through {relays}."
    hidden = [step for step in found if step.hop.hidden_behind is not None]
    if hidden:
        yield _hidden(hidden, names)
    back = sum(step.hop.kind == "reverse" for step in found)
    if back:
        verb = "was" if back == 1 else "were"
        yield f"{counted(back, 'step')} {verb} taken against the direction of the session."
    allowed = sum(step.hop.verdict == "authorized" for step in found)
    if allowed:
        yield f"{counted(allowed, 'step')} used connections that the rules allow."


def _hidden(hidden: Sequence[Step], names: Names) -> str:
    relays = _listed(
        list(dict.fromkeys(s.hop.hidden_behind.relay for s in hidden if s.hop.hidden_behind))
    )
    clients: dict[tuple[str, str], float] = {}
    for step in hidden:
        for one in step.hop.hidden_behind.candidates if step.hop.hidden_behind else ():
            end = one.realm or "", one.address
            clients[end] = max(clients.get(end, 0.0), one.share)
    likeliest = sorted(clients.items(), key=lambda item: (-item[1], item[0]))
    who = _listed([f"{names.end(end)} ({share:.0%})" for end, share in likeliest], 3)
    said = f"{counted(len(hidden), 'step')} by somebody behind {relays}"
    return f"{said}, most likely {who}." if likeliest else f"{said}; nobody can be named."


def _who(document: InvestigationDocument, names: Names) -> Iterator[str]:
    said = [
        f"{one.account} ({counted(len(one.hops), 'connection')}, since {names.when(one.since)})"
        for one in document.accounts
    ]
    if said:
        yield f"Accounts on record: {_listed(said)}."
    changed = [
        f"{switch.came} for {switch.left} at {names.short(switch.host)}"
        for switch in dict.fromkeys(s for one in document.accounts for s in one.switched)
    ]
    if changed:
        yield f"Changed: {_listed(changed)}."
    removed = [
        f"{names.host(one.address, one.realm, one.site)} on {names.when(one.at, one.site)}"
        for one in document.traces_removed
    ]
    if removed:
        yield f"Traces were removed: {_listed(removed)}."
    tally = document.logons
    if tally is None or not tally.asked:
        yield "Logons say nothing of these steps."
    elif tally.no_log == tally.asked:
        yield (
            f"No log of any host covers the time of the {counted(tally.asked, 'connection')} that ask for a"
            " logon: who it was is not known."
        )
    elif tally.checked < tally.asked:
        others = f", others than the host for {tally.told_elsewhere}" if tally.told_elsewhere else ""
        asked = counted(tally.asked, "connection")
        yield f"Logons answer for {tally.checked} of {asked} that ask for one{others}."


def _far(document: InvestigationDocument, names: Names) -> Iterator[str]:
    assets = document.scope.assets
    if not assets:
        yield "No asset is known to have been reached."
        return
    confirmed = sum(one.role == "confirmed" for one in assets)
    rest = len(assets) - confirmed
    known = f" of {len(document.places)}" if len(document.places) > len(document.scope.sites) else ""
    yield (
        f"{counted(len(assets), 'asset')} at {len(document.scope.sites)}{known}"
        f" site{'' if len(document.scope.sites) == 1 and not known else 's'}: {confirmed} confirmed,"
        f" {rest} suspected."
    )
    sites = []
    for site in document.scope.sites:
        own = [one for one in assets if one.site == site]
        first = min(own, key=lambda one: one.since)
        before = " or before" if first.since_kind == "on_or_before" else ""
        sites.append(f"{site} ({len(own)}, since {names.when(first.since)}{before})")
    if sites:
        yield f"{_listed(sites)}."


def _left(document: InvestigationDocument, names: Names) -> Iterator[str]:
    outside = [one for one in document.exfiltration if one.external]
    inside = len(document.exfiltration) - len(outside)
    if outside:
        low, high = sum(o.bytes.low for o in outside), sum(o.bytes.high for o in outside)
        spread = size(low) if size(low) == size(high) else f"{size(low)} to {size(high)}"
        sources = _listed(list(dict.fromkeys(names.short(o.src, o.src_realm) for o in outside)))
        peers = _listed(list(dict.fromkeys(names.party(o) for o in outside)))
        first, last = min(o.begin for o in outside), max(o.end for o in outside)
        yield f"{spread} from {sources} to {peers}, {names.when(first)} until {names.when(last)}."
        kept = list(dict.fromkeys(text for o in outside if (text := holdings(o.holds))))
        if kept:
            yield f"These hosts keep {_listed(kept)}."
    if inside:
        yield f"{counted(inside, 'transfer')} within the company before that or beside it."
    without = {
        state: [names.short(o.address, o.realm) for o in document.leaving if o.state == state]
        for state in ("no_evidence", "no_coverage")
    }
    if without["no_evidence"]:
        watched = _listed(without["no_evidence"])
        yield f"Sensors watched {watched}, and there is no evidence that anything left there."
    if without["no_coverage"]:
        yield f"Nobody could have seen whether anything left {_listed(without['no_coverage'])}."
    if not document.exfiltration and not document.leaving:
        yield "Nothing is known to have left; nothing was in scope to be asked."


def _unseen(document: InvestigationDocument, found: Sequence[Step]) -> Iterator[str]:
    lost: dict[str, timedelta] = {}
    for one in document.unobservable:
        if one.sensor == NO_SENSOR:
            continue
        lost[one.sensor] = lost.get(one.sensor, timedelta()) + (one.end - one.begin)
    if lost:
        worst = sorted(lost.items(), key=lambda item: (-item[1], item[0]))
        named = _listed([f"{sensor} ({lasting(span)})" for sensor, span in worst])
        yield f"{counted(len(lost), 'sensor')} recorded nothing for a time meanwhile: {named}."
    hidden = sum(step.hop.unobservable is not None for step in found)
    if hidden:
        verb = "begins" if hidden == 1 else "begin"
        yield f"{counted(hidden, 'step')} {verb} where nobody could see what led there."
    dark = [
        place.site
        for place in document.places
        if place.site in document.scope.sites and not place.sensors
    ]
    missing = list(dict.fromkeys(o.why for o in document.unobservable if o.sensor == NO_SENSOR))
    if missing:
        yield f"No sensor is there for it: {'; '.join(missing[:MOST])}."
    if dark:
        yield f"No sensor of the register sees what crosses the border of {_listed(dark)}."
    if lost or hidden or dark or missing:
        yield "What happened there is not known; nothing seen is no answer."
    elif document.scope.assets:
        yield "The sensors at the borders of these sites recorded throughout the time that was looked at."
    else:
        yield "Nothing is in scope, so no sensor was looked at; the notes say what was not recorded."


def _listed(items: Sequence[str], most: int = MOST) -> str:
    """`a, b and c`; what is left out is counted."""
    shown: list[str] = list(items[:most])
    if len(items) > most:
        shown.append(f"{len(items) - most} more")
    return _and(shown)


def _and(items: Iterable[str]) -> str:
    *most, last = items
    return f"{', '.join(most)} and {last}" if most else last
