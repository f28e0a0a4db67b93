"""What is known of a stage's links: findings, coverage, what got across, what owners said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sekisho.app.audit import run_audit
from sekisho.app.checking.standing import status as fleet_status
from sekisho.app.containing.forcing import enforced, openings
from sekisho.app.containing.grounds import ground
from sekisho.app.decisions import open_decisions
from sekisho.app.register import Register as Loaded
from sekisho.app.register import load_register
from sekisho.app.restoring.staging import Staged, applied_at
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.audit.coverage import Coverage
from sekisho.audit.evidence import coverage_of, rows_of
from sekisho.contain.escaped import Crossing, crossings
from sekisho.contain.force import Enforced, Force
from sekisho.contain.force import Opening as Exempted
from sekisho.contain.preview import Preview
from sekisho.contain.proposal import Ground
from sekisho.errors import RequestError
from sekisho.inventory.files import read_bytes
from sekisho.inventory.register import Inventory
from sekisho.model.addresses import address_of
from sekisho.model.findings import Finding
from sekisho.model.previews import CutConnection
from sekisho.model.rules import Rule
from sekisho.model.services import service_label
from sekisho.policy.retroactive import content_hash
from sekisho.policy.timeline import effective
from sekisho.restore.base import Escaped, Fleet, Recertified, Subject, Terminals
from sekisho.restore.places import Pair, pair_of, touches
from sekisho.restore.reopening import reopening
from sekisho.restore.rules import FILE, RestoreRules, parse_rules
from sekisho.restore.stages import Register, rule_pairs
from sekisho.state.plans import PlanStore
from sekisho.state.restore_records import Recertification
from sekisho.store.lake import Lake

Step = Callable[[str, int, int | None], None]
YEAR = timedelta(days=365)
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Known:
    """What a lake says, once for all stages. None throughout where nothing was ever ingested."""

    register: Loaded
    rules: RestoreRules
    fleet: Fleet | None = None
    findings: tuple[Finding, ...] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reopened:
    """What a stage would let pass again, and which findings are among it."""

    connections: tuple[CutConnection, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A stage as gates are asked about it, and what it would reopen."""

    subject: Subject
    reopened: Reopened = field(default_factory=Reopened)


def read_rules(workspace: Workspace, inventory: Inventory) -> RestoreRules:
    """restore.yaml, the defaults without it. Raises FileProblems, RequestError."""
    path = workspace.root / FILE
    if not path.exists():
        return RestoreRules()
    if not path.is_file():
        raise RequestError(f"{path} is not a file", f"move it away and write {FILE} in its place")
    return parse_rules(read_bytes(path), inventory)


def known(workspace: Workspace, *, now: datetime, by: str, step: Step | None = None) -> Known:
    """Audit all of the evidence."""
    fleet = _fleet(workspace, now)
    if not workspace.lake.is_dir():
        with open_decisions(workspace) as decisions:
            register = load_register(workspace, decisions, now=now, by=by)
        notes = ("nothing was ever ingested here: that nothing is named is no answer",)
        return Known(register, read_rules(workspace, register.inventory), fleet, notes=notes)
    audited = run_audit(workspace, begin=None, end=None, now=now, by=by, step=step)
    rules = read_rules(workspace, audited.register.inventory)
    return Known(audited.register, rules, fleet, audited.document.findings)


def _fleet(workspace: Workspace, now: datetime) -> Fleet | None:
    """The terminals by site, None where none is known."""
    found = fleet_status(workspace, now=now)
    if not found.terminals:
        return None
    campaign = found.campaign
    begun = f" since {campaign.begin:%Y-%m-%d}" if campaign.begin else ""
    return Fleet(
        {
            one.site or "": Terminals(one.terminals, {str(state): n for state, n in one.states.items()})
            for one in found.sites
        },
        f"{campaign.name}{begun}" if campaign.name else None,
    )


def gather(
    workspace: Workspace, stage: Staged, all_known: Known, *, now: datetime, by: str
) -> Evidence:
    """What the gates of one stage are asked about."""
    inventory, policy = all_known.register.inventory, all_known.register.policy
    register = Register(inventory, policy, now)
    names = [step.lifts.id for step in stage.steps]
    with open_decisions(workspace) as decisions:
        plans = decisions.state.plans()
        found = [applied_at(plans, step.origin) for step in stage.steps]
        since = max((at for at in found if at is not None), default=now)
        holding = {one.plan: one.since for one in enforced(plans)}
        # A plan that holds what an earlier stage left took over at gateways that held its links already.
        held_by = {
            step.lifts.id: holding.get(step.lifts.id, {}) if step.lifts.id == step.origin else {}
            for step in stage.steps
        }
        exempt = openings(plans)
        noted = tuple(_noted(plans, {*names, *(step.origin for step in stage.steps)}, since))
        said = decisions.state.restorations().recertified()
        grounds = {name: ground(workspace, decisions, now=now, by=by, without=name) for name in names}
    coverage: Coverage | None = None
    escaped: Escaped | None = None
    reopened = Reopened()
    findings = all_known.findings
    if findings is not None:
        with open_lake(workspace, create=False) as lake:
            if lake.spans().num_rows or lake.hours().num_rows:
                coverage = coverage_of(lake, inventory, now=now, begin=since, end=now)
                crossed, reopened = _across(
                    lake, stage, grounds, all_known, held_by, exempt, since, now
                )
                escaped = Escaped(tuple(crossed), noted)
        findings = tuple(f for f in findings if touches(stage.pairs, pair_of(f, inventory, now)))
    subject = Subject(
        pairs=stage.pairs,
        since=since,
        now=now,
        inventory=inventory,
        demands=all_known.rules.of(stage.pairs),
        coverage=coverage,
        findings=findings,
        rules=tuple(_rules(register, stage.pairs)),
        recertified={(r.rule, r.site): _word(r) for r in said},
        escaped=escaped,
        fleet=all_known.fleet,
    )
    return Evidence(subject, reopened)


def _word(one: Recertification) -> Recertified:
    return Recertified(one.rule_hash, one.owner, one.at)


def _noted(plans: PlanStore, names: set[str], since: datetime) -> Iterator[str]:
    """What the verification of the plans wrote down."""
    for event in plans.events():
        across = event.action == "escaped" or (event.action == "probed" and event.body["reached"])
        if event.plan in names and across and event.at >= since:
            yield f"{event.plan}: {event.body.get('text') or 'escaped'} ({event.at:%Y-%m-%d %H:%MZ})"


def _rules(register: Register, pairs: frozenset[Pair]) -> Iterator[tuple[Rule, str, frozenset[str]]]:
    """The rules that permit something on the links now or later, with the sites that they join there."""
    sites = set(register.inventory.sites)
    for rule in register.policy.rules:
        span = effective(rule)
        if rule.state != "active" or span is None or (span.end is not None and span.end <= register.at):
            continue
        here = [pair for pair in rule_pairs(rule, register) if touches(pairs, pair)]
        joined = {place for pair in here for place in pair} & sites
        if here and joined:
            yield rule, content_hash(rule), frozenset(joined)


def _across(
    lake: Lake,
    stage: Staged,
    grounds: dict[str, Ground],
    all_known: Known,
    held_by: Mapping[str, Mapping[str, datetime]],
    exempt: Sequence[Exempted],
    since: datetime,
    now: datetime,
) -> tuple[list[str], Reopened]:
    """What escaped the plans of a stage, and what would pass again."""
    crossed: list[str] = []
    connections: dict[tuple[str, str, str, int], CutConnection] = {}
    again: dict[str, None] = {}
    for step in stage.steps:
        work = reopening(step.lifts.id, step.before, step.left, grounds[step.lifts.id])
        making = Preview(work.proposal, all_known.register.compiled, work.before, now, since)
        with lake.stage(since - YEAR, now) as seen:
            passing = list(work.reopened(rows_of(seen.judge(work.before).violations)))
        for one in making.connections(passing):
            connections[one.src.address, one.dst.address, one.protocol, one.port] = one
        for stopped in making.stopped(all_known.findings or ()):
            if (stopped.src, stopped.dst) in {(s, d) for s, d, _, _ in connections}:
                again[stopped.id] = None
        held = held_by[step.lifts.id] or dict.fromkeys((g.name for g in step.lifts.gateways), since)
        enforced_ = Enforced(step.lifts.id, step.before, held)
        force = Force([enforced_], grounds[step.lifts.id], exempt)
        crossed += (_words(one) for one in crossings(lake, force, end=now) if one.came == "escaped")
    return crossed, Reopened(tuple(connections.values()), tuple(again))


def _words(one: Crossing) -> str:
    _, src_hi, src_lo, _, dst_hi, dst_lo, protocol, port = one.key
    return (
        f"{address_of(src_hi, src_lo)} -> {address_of(dst_hi, dst_lo)} {service_label(protocol, port)}:"
        f" {one.established:,} flows, the last at {one.last:%Y-%m-%d %H:%MZ}, past {', '.join(one.gateways)}"
    )
