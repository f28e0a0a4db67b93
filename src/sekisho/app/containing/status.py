"""Ask every gateway what it holds, and compare it with what it should."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sekisho.app.containing.alarms import sound
from sekisho.app.containing.gathering import probed_plans
from sekisho.app.containing.grounds import ground
from sekisho.app.containing.observing import observe
from sekisho.app.containing.plans import current
from sekisho.app.containing.telling import Step, deliverers, each
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.contain.gateways.base import GatewayStatus
from sekisho.contain.points import Gateway
from sekisho.contain.proposal import Told, tell
from sekisho.model.gateways import (
    Counted,
    GatewayDocument,
    GatewaysDocument,
    StagedPlan,
)
from sekisho.model.plans import PlanDocument

NOT_ASKED = "it is told by others: nobody asked it"


def status(
    workspace: Workspace,
    *,
    now: datetime,
    by: str,
    keys: Sequence[str] = (),
    step: Step | None = None,
) -> GatewaysDocument:
    """What each gateway holds. One that holds something else than the plans in force say so. What it took
    back by itself, and what others changed there, is written down and told."""
    with open_decisions(workspace) as decisions:
        on = ground(workspace, decisions, now=now, by=by)
    ways = deliverers(keys)
    asked = [one for one in on.points.gateways.values() if one.deliver in ways]
    said: Mapping[str, GatewayStatus] = each(
        asked, lambda gateway: ways[gateway.deliver].status(gateway), what="status", step=step
    )
    with open_decisions(workspace) as decisions:
        observe(decisions, said, now=now, by=by)
        sound(workspace, decisions, now=now)
        on = ground(workspace, decisions, now=now, by=by)
        store = decisions.state.plans()
        staged = tuple(_staged(current(store, one.id) for one in store.drafted()))
        tried = probed_plans(store, on)
    wanted = {one.gateway.name: one for one in tell(on.points.gateways, on)}
    return GatewaysDocument(
        gateways=tuple(
            _document(gateway, said.get(gateway.name), wanted.get(gateway.name))
            for gateway in on.points.gateways.values()
        ),
        in_force=tuple(on.in_force),
        staged=staged,
        probed=tried,
    )


def _staged(documents: Iterable[PlanDocument]) -> Iterator[StagedPlan]:
    """Plans in stages of which something was told and that have not passed everywhere."""
    for one in documents:
        if one.staging is None or one.state in ("draft", "previewed", "approved", "lifted"):
            continue
        if any(stage.state != "passed" for stage in one.staging.stages):
            yield StagedPlan(plan=one.id, staging=one.staging)


def _document(gateway: Gateway, said: GatewayStatus | None, wanted: Told | None) -> GatewayDocument:
    if said is None:
        said = GatewayStatus(reached=False, why=NOT_ASKED)
    holds = [held.plan for held in wanted.order.held] if wanted else []
    return GatewayDocument(
        name=gateway.name,
        platform=gateway.platform,
        address=str(gateway.address),
        deliver=gateway.deliver,
        reached=said.reached,
        why=said.why,
        version=said.version,
        should_hold=tuple(holds),
        as_told=_as_told(said, wanted) if said.reached else None,
        waiting=said.waiting[0] if said.waiting else None,
        seconds_left=said.waiting[1] if said.waiting else None,
        taken_back=said.expired,
        drift=said.drift if said.reached else None,
        survives_reboot=said.boot if said.reached else None,
        counters=tuple(_counted(said.counters)),
        logs=said.logs,
        warnings=tuple(_warnings(said, bool(holds))),
    )


def _as_told(said: GatewayStatus, wanted: Told | None) -> bool:
    """Whether the gateway holds the very text that it should hold now."""
    if wanted is None or wanted.rendered is None:
        return said.current is None
    if said.current is None:
        return not wanted.order.held
    return said.current == hashlib.sha256(wanted.rendered.text.encode()).hexdigest()


def _warnings(said: GatewayStatus, holds: bool) -> Iterator[str]:
    if not said.reached:
        return
    if said.flowtables:
        yield "it has flow tables: flows that they offload pass by every filter"
    if holds and not said.boot:
        yield "no unit loads what was confirmed after a reboot: install sekisho-gate.service"
    if said.expired:
        yield f"it took {said.expired} back by itself: nobody confirmed it in time"
    if said.drift:
        yield "somebody else changed the table since it was told"


def _counted(counters: Mapping[str, tuple[int, int]]) -> Iterator[Counted]:
    for name, (packets, size) in sorted(counters.items()):
        yield Counted(name=name, packets=packets, bytes=size)
