"""Probes of a plan as they stand in the ledger, and what they come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from sekisho.app.containing.probe_evidence import place_of
from sekisho.contain.escaped import GRACE
from sekisho.contain.force import Force, Hold
from sekisho.contain.probing.directions import directions, outside
from sekisho.contain.probing.judging import Attempt, judged, words
from sekisho.contain.severing import End
from sekisho.model.probes import (
    OUTCOMES,
    Asking,
    Probe,
    Probed,
    ProbeDocument,
    Said,
    Trial,
    Tried,
)
from sekisho.model.protocols import TCP
from sekisho.model.sites import DEFAULT_REALM
from sekisho.state.plan_records import PlanEvent
from sekisho.state.plans import PlanStore

MOST_WAYS, MOST_TRIED = 2000, 1000
"""Directions and tries that a document lists; of more directions those of which most is known."""


def probes(store: PlanStore, plan: str | None = None) -> tuple[Probe, ...]:
    """All probes of a plan, or of all plans, the oldest first, with what was answered."""
    found: dict[int, Probe] = {}
    said: dict[int, dict[int, Said]] = defaultdict(dict)
    for event in store.events(plan):
        if event.action == "probe":
            found[event.seq] = _probe(event)
        elif event.action == "probed":
            for one in event.body["said"]:
                said[event.body["probe"]].setdefault(one["node"], _said(one))
    return tuple(replace(one, said=said[seq]) for seq, one in found.items())


def written(asking: Asking, question: str) -> dict[str, Any]:
    """One terminal of a probe as the ledger keeps it."""
    cut = [asdict(trial) | {"end": end} for trial, end in asking.cut]
    return asdict(asking) | {
        "question": question,
        "cut": cut,
        "controls": [asdict(one) for one in asking.controls],
    }


def answer(said: Said) -> dict[str, Any]:
    """One answer as the ledger keeps it; its time as text."""
    came = [asdict(trial) | {"came": text} for trial, text in said.came.items()]
    return {"node": said.node, "at": said.at.isoformat(), "failed": said.failed, "came": came}


def attempts(found: Iterable[Probe], force: Force, hold: Hold) -> Iterator[Attempt]:
    """What was asked for of what the plan cuts now, with what came of it."""
    for probe in found:
        for asking in probe.asking:
            src: End = DEFAULT_REALM, ip_address(asking.address)
            said = probe.said.get(asking.node)
            for trial, _ in asking.cut:
                dst: End = DEFAULT_REALM, ip_address(trial.address)
                if hold.severed.cut_of(src, dst, TCP, trial.port) is None:
                    continue
                yield Attempt(
                    way=(asking.place, place_of(force, dst[1])),
                    node=asking.node,
                    hostname=asking.hostname,
                    trial=trial,
                    asked=probe.at,
                    until=probe.until,
                    since=_since(force, hold, src, dst),
                    answered=said.at if said else None,
                    came=said.came.get(trial, "") if said else "",
                    failed=said.failed if said else "",
                    control=_control(asking, said),
                    exempt=_exempt(force, src, dst, trial, probe, said),
                )


def document(
    plan: str, found: Sequence[Probe], force: Force, hold: Hold | None, now: datetime
) -> ProbeDocument:
    """What the probes of a plan come to at `now`; `hold` is the plan worked out, None where that cannot be."""
    waiting = [one.until for one in found if one.until > now and len(one.said) < len(one.asking)]
    since = min(hold.since.values(), default=None) if hold else None
    tried = [one for probe in reversed(found) for one in _tried(probe)]
    return ProbeDocument(
        plan=plan,
        since=since,
        probes=len(found),
        terminals=sum(len(one.asking) for one in found),
        answered=sum(len(one.said) for one in found),
        waits=max(waiting, default=None),
        directions=probed(found, force, hold, now) if hold else (),
        tried=tuple(tried[:MOST_TRIED]),
        notes=tuple(_notes(found, tried, force, hold)),
    )


def probed(found: Sequence[Probe], force: Force, hold: Hold, now: datetime) -> tuple[Probed, ...]:
    """Exactly one answer for each severed direction; none where nobody ever asked."""
    if not found:
        return ()
    ways = directions(hold.severed, force.atlas)
    untried: dict[tuple[str, str], str] = {}
    for one in found:
        untried |= one.untried
    answers = list(judged(ways, attempts(found, force, hold), now).items())
    if len(answers) > MOST_WAYS:
        answers.sort(key=lambda one: (OUTCOMES.index(one[1].outcome), one[0]))
    return tuple(
        Probed.model_validate(
            {
                "from": begin,
                "to": end,
                "outcome": one.outcome,
                "why": words(one, untried.get((begin, end), "")),
                "terminal": one.attempt.hostname if one.attempt else None,
                "service": one.attempt.trial.asked if one.attempt else None,
                "at": one.attempt.answered if one.attempt else None,
            }
        )
        for (begin, end), one in answers[:MOST_WAYS]
    )


def _probe(event: PlanEvent) -> Probe:
    body = event.body
    return Probe(
        event.seq,
        body["number"],
        event.plan,
        event.at,
        datetime.fromisoformat(body["until"]),
        event.by,
        tuple(_asking(one) for one in body["asking"]),
        {(begin, end): one["why"] for one in body["untried"] for begin, end in one["ways"]},
        unpermitted=tuple(body["unpermitted"]),
    )


def _asking(body: Mapping[str, Any]) -> Asking:
    return Asking(
        body["node"],
        body["hostname"],
        body["address"],
        body["place"],
        tuple((_trial(one), one["end"]) for one in body["cut"]),
        tuple(map(_trial, body["controls"])),
    )


def _trial(body: Mapping[str, Any]) -> Trial:
    return Trial(body["kind"], body["address"], body["port"], body["path"])


def _said(body: Mapping[str, Any]) -> Said:
    came = {_trial(one): one["came"] for one in body["came"]}
    return Said(body["node"], datetime.fromisoformat(body["at"]), came, body["failed"])


def _since(force: Force, hold: Hold, src: End, dst: End) -> datetime | None:
    """When the last gateway on the way was told; where none stands there, when the last of the plan was."""
    classes = force.atlas.class_of(*src), force.atlas.class_of(*dst)
    if hold.cutting.gateways(*classes):
        return max((hold.since[name] for name in hold.gateways(*classes)), default=None)
    return max(hold.since.values(), default=None)


def _control(asking: Asking, said: Said | None) -> bool | None:
    if not asking.controls:
        return None
    return said is not None and any(one in said.came for one in asking.controls)


def _exempt(force: Force, src: End, dst: End, trial: Trial, probe: Probe, said: Said | None) -> bool:
    until = said.at if said else probe.until
    return any(
        one.begin <= until and probe.at < one.end + GRACE
        for one in force.openings(src, dst, TCP, trial.port)
    )


def _tried(probe: Probe) -> Iterator[Tried]:
    for asking in probe.asking:
        said = probe.said.get(asking.node)
        ends: dict[Trial, str | None] = {**dict.fromkeys(asking.controls), **dict(asking.cut)}
        for trial, end in ends.items():
            yield Tried.model_validate(
                {
                    "probe": probe.number,
                    "terminal": asking.hostname,
                    "address": asking.address,
                    "from": asking.place,
                    "to": end,
                    "kind": trial.kind,
                    "service": trial.asked,
                    "control": trial in asking.controls,
                    "asked": probe.at,
                    "at": said.at if said else None,
                    "came": (said.came.get(trial) if said else None),
                    "failed": (said.failed or None) if said else None,
                }
            )


def _notes(
    found: Sequence[Probe], tried: Sequence[Tried], force: Force, hold: Hold | None
) -> Iterator[str]:
    if not found:
        yield "nobody was ever asked to try it"
    if hold is None:
        yield from force.unknown.values()
    elif beyond := outside(hold.severed, force.atlas):
        yield f"what begins at {', '.join(beyond)} is tried by nobody: no terminal of ours is there"
    bare = {one.hostname for probe in found for one in probe.asking if not one.controls}
    if bare:
        names = ", ".join(sorted(bare)[:5])
        yield f"no service that is kept was seen to answer {names}: that nothing comes back proves nothing"
    for one in dict.fromkeys(text for probe in found for text in probe.unpermitted):
        yield f"the register does not permit {one}: an audit shows it, as what our probe asked for"
    if hold is not None and (ways := len(directions(hold.severed, force.atlas))) > MOST_WAYS:
        yield f"{ways:,} directions are severed; {MOST_WAYS:,} are listed, those of which most is known first"
    if len(tried) > MOST_TRIED:
        yield f"{len(tried):,} tries were asked for; the last {MOST_TRIED:,} are listed"
