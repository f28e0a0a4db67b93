"""Open an incident: find what it begins with, hold its evidence, record it, preserve the bytes behind it.

In this order, so that a kill at any moment leaves evidence held or preserved too much, never too little.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sekisho.app.audit import run_audit
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.findings import find
from sekisho.app.incidents import asked_for
from sekisho.app.investigating.preserving import Original, Outcome, intact, preserve
from sekisho.app.investigating.showing import show
from sekisho.app.investigating.working import MAX_TEXT, act, current, shown
from sekisho.app.judging import Audited
from sekisho.app.wiring import open_lake, read_inventory
from sekisho.app.workspace import Workspace
from sekisho.audit.evidence import coverage_of, days_text
from sekisho.errors import RequestError
from sekisho.investigate.lookup import (
    Found,
    Key,
    again,
    findings_among,
    of_finding,
    of_hops,
    of_host,
    of_indicator,
    of_logons,
    table,
)
from sekisho.investigate.unfound import looked, unfound
from sekisho.model.incident_state import IncidentDocument
from sekisho.reports.units import counted
from sekisho.store.history import Behind
from sekisho.store.lake import Lake

MOST_SEEDS = 100
MOST_FINDINGS = 2000
"""Of an incident, the worst first; more are named by its seeds all the same."""
BATCH = 200
"""Files that one ledger entry speaks of."""

Step = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What an incident is to begin with, as somebody typed it."""

    findings: Sequence[str] = ()
    hosts: Sequence[str] = ()
    indicators: Sequence[str] = ()
    title: str = ""

    @property
    def number(self) -> int:
        """How many seeds."""
        return len(self.findings) + len(self.hosts) + len(self.indicators)


@dataclass(slots=True)
class _Seeds:
    """What all seeds matched together."""

    found: list[Found]
    findings: list[str]
    notes: list[str] = field(default_factory=list)

    @property
    def connections(self) -> set[Key]:
        return {one for found in self.found for one in found.connections}


def open_incident(
    workspace: Workspace, asked: Asked, *, now: datetime, by: str, step: Step | None = None
) -> IncidentDocument:
    """Open an incident. Raises RequestError for a seed that matches nothing: it says where was looked and
    what was not recorded there."""
    _check(asked)
    tell = step or (lambda _what, _done, _all: None)
    audited = run_audit(workspace, begin=None, end=None, now=now, by=by, step=step)
    with open_decisions(workspace) as decisions, open_lake(workspace, create=False) as lake:
        seeds = _seeds(lake, audited, asked, now)
        connections = table(seeds.connections)
        with decisions.exclusive():
            incidents = decisions.state.incidents()
            name = f"INC-{len(incidents.opened()) + 1}"
            seeds.notes += _known(incidents.of_findings(), seeds.findings)
            days = lake.hold(name, connections, {at for one in seeds.found for at in one.at})
            body = {
                "incident": name,
                "title": asked.title.strip() or _title(seeds, audited),
                "seeds": [one.seed for one in seeds.found],
                "findings": sorted(seeds.findings[:MOST_FINDINGS]),
                "connections": connections.num_rows,
                "days": days,
            }
            decisions.decide("incident.open", body, at=now, by=by)
        behind = lake.files_behind(connections)
        seeds.notes += _gone(behind)
        originals = _originals(lake, behind, {one for f in seeds.found for one in f.files})
        keep_evidence(workspace, decisions, name, originals, now=now, by=by, step=tell)
        return current(workspace, decisions, name, now=now, notes=seeds.notes)


def preserve_again(
    workspace: Workspace,
    asked: str,
    *,
    now: datetime,
    by: str,
    paths: bool = False,
    step: Step | None = None,
) -> IncidentDocument:
    """Try again to preserve what is not yet: a disk was full, a file was away, a kill came between.

    With `paths` also what lies behind every hop and logon that `show` tells of now; that is held from pruning
    too.
    """
    tell = step or (lambda _what, _done, _all: None)
    inventory = read_inventory(workspace)
    told = show(workspace, asked, now=now, by=by, step=step) if paths else None
    hops = of_hops(told.paths) if told else set()
    logs = of_logons(told) if told else set()
    with open_decisions(workspace) as decisions, open_lake(workspace, create=False) as lake:
        opened = asked_for(decisions.state.incidents(), asked)
        if hops:
            days = lake.hold(opened.id, table(hops))
            text = f"{counted(len(hops), 'connection')} of its paths, {counted(days, 'day')}"
            body = {"incident": opened.id, "text": text}
            decisions.decide("incident.hold", body, at=now, by=by)
        found = [again(lake, inventory, seed) for seed in opened.seeds]
        behind = lake.files_behind(table(hops | {one for f in found for one in f.connections}))
        originals = _originals(lake, behind, {one for f in found for one in f.files} | logs)
        keep_evidence(workspace, decisions, opened.id, originals, now=now, by=by, step=tell)
        return current(workspace, decisions, opened.id, now=now, notes=_gone(behind))


def reopen(workspace: Workspace, asked: str, *, now: datetime, by: str, why: str) -> IncidentDocument:
    """Open a closed incident again, and hold its evidence where it was released.

    Held first: a kill in between leaves it closed and held, and this can be asked again.
    """
    before = shown(workspace, asked, now=now)
    if before.status == "open" or before.held:
        return act(workspace, before.id, "reopen", now=now, by=by, text=why)
    inventory = read_inventory(workspace)
    with open_decisions(workspace) as decisions, open_lake(workspace) as lake:
        opened = asked_for(decisions.state.incidents(), before.id)
        found = [again(lake, inventory, seed) for seed in opened.seeds]
        connections = table({one for f in found for one in f.connections})
        lake.hold(opened.id, connections, {at for one in found for at in one.at})
    act(workspace, before.id, "reopen", now=now, by=by, text=why)
    return act(workspace, before.id, "hold", now=now, by=by)


def keep_evidence(
    workspace: Workspace,
    decisions: Decisions,
    incident: str,
    originals: Sequence[Original],
    *,
    now: datetime,
    by: str,
    step: Step,
) -> None:
    """Copy originals that are not preserved yet, and record what became of each in the ledger.

    Copies made before a failure are recorded before it is raised.
    """
    folder = workspace.cases / incident / "evidence"
    known = {
        (one.sensor, one.path, one.content)
        for one in decisions.state.incidents().evidence(incident)
        if one.state == "preserved" and intact(folder, one.sha256, one.size)
    }
    todo = [o for o in originals if (o.sensor, o.path, o.content_sha256) not in known]
    outcomes: list[Outcome] = []
    try:
        for done, original in enumerate(todo):
            step("preserve", done, len(todo))
            outcomes.append(preserve(workspace, original, folder))
    finally:
        for start in range(0, len(outcomes), BATCH):
            files = [_entry(one) for one in outcomes[start : start + BATCH]]
            body = {"incident": incident, "files": files}
            decisions.decide("evidence.preserve", body, at=now, by=by)


def _entry(outcome: Outcome) -> dict[str, object]:
    original = outcome.original
    body: dict[str, object] = {
        "sensor": original.sensor,
        "path": original.path[:MAX_TEXT],
        "content": original.content_sha256,
        "state": outcome.state,
    }
    if outcome.sha256:
        body |= {"sha256": outcome.sha256, "size": outcome.size}
    return body | ({"why": outcome.why[:MAX_TEXT]} if outcome.why else {})


def _check(asked: Asked) -> None:
    if not asked.number:
        raise RequestError(
            "say what the incident begins with", "--finding ID, --host ADDRESS or --indicator VALUE"
        )
    if asked.number > MOST_SEEDS:
        raise RequestError(f"an incident begins with at most {MOST_SEEDS} seeds")
    if len(asked.title) > MAX_TEXT:
        raise RequestError(f"that is longer than {MAX_TEXT} characters")


def _seeds(lake: Lake, audited: Audited, asked: Asked, now: datetime) -> _Seeds:
    inventory = audited.register.inventory
    wanted = [
        *(("finding", value) for value in dict.fromkeys(asked.findings)),
        *(("host", value) for value in dict.fromkeys(asked.hosts)),
        *(("indicator", value) for value in dict.fromkeys(asked.indicators)),
    ]
    found = [_seed(lake, audited, kind, value) for kind, value in wanted]
    missing = [
        f"{kind} {value}" for (kind, value), one in zip(wanted, found, strict=True) if one.nothing
    ]
    if missing:
        items = coverage_of(lake, inventory, now=now).items()
        where = looked(inventory, items, _naming(lake), len(lake.damage()))
        raise RequestError(unfound(missing, where, names=bool(asked.indicators)))
    connections = {one for f in found for one in f.connections}
    seeds = _Seeds(found, findings_among(audited.document.findings, connections))
    seeds.notes += [note for one in found for note in one.notes]
    return seeds


def _seed(lake: Lake, audited: Audited, kind: str, value: str) -> Found:
    inventory = audited.register.inventory
    if kind == "host":
        return of_host(lake, inventory, value)
    if kind == "indicator":
        return of_indicator(lake, inventory, value)
    return of_finding(lake, find(audited.document, value))


def _naming(lake: Lake) -> dict[str, int]:
    """How many names each sensor's files gave; '' where a file holds several sensors'."""
    found: Counter[str] = Counter()
    for row in lake.files().to_pylist():
        found[row["sensor"]] += row["names"]
    return dict(+found)


def _title(seeds: _Seeds, audited: Audited) -> str:
    first = seeds.found[0].seed
    more = f" and {len(seeds.found) - 1} more" if len(seeds.found) > 1 else ""
    if first["kind"] == "finding":
        finding = find(audited.document, first["value"])
        return f"{finding.src.address} -> {finding.dst.address} {finding.service}{more}"
    return f"{first['kind']} {first['value']}{more}"


def _known(taken: dict[str, tuple[str, ...]], findings: Iterable[str]) -> list[str]:
    others = sorted({name for finding in findings for name in taken.get(finding, ())})
    if not others:
        return []
    return [f"some of its findings are in {', '.join(others)} too"]


def _gone(behind: Behind) -> list[str]:
    notes = []
    if behind.pruned:
        notes.append(
            f"raw flows of {days_text(behind.pruned)} were pruned before: their records, and which files"
            " they came from, are gone; roll-ups stay"
        )
    if behind.damage:
        notes.append(
            f"{len(behind.damage)} damaged files of the lake could not say where they came from"
        )
    return notes


def _originals(lake: Lake, behind: Behind, named: set[tuple[str, str]]) -> list[Original]:
    """The files behind, in the order in which they were taken."""
    sensors: dict[int, set[str]] = {}
    for file, sensor in behind.files:
        sensors.setdefault(file, set()).add(sensor)
    found = []
    for row in lake.files().to_pylist():
        wanted = row["file"] in sensors or (row["path"], row["content_sha256"]) in named
        if wanted and row["status"] == "taken":
            own = row["sensor"] or ", ".join(sorted(sensors.get(row["file"], ()))[:20])
            found.append(
                Original(
                    own,
                    row["path"],
                    row["raw_sha256"],
                    row["raw_size"],
                    row["content_sha256"],
                    row["content_size"],
                )
            )
    return found
